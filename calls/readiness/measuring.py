"""The figures of a clinic's phase out of its own rows. Test calls are in none; call everything inside its schema."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from calls.models import Call, Label, Review, ReviewVerdict, Status
from calls.readiness.criteria import SPAN_DAYS, Readiness, assess
from calls.reviews import listing
from calls.reviews.figures import together
from clinics import drilling
from clinics.models import Drill
from clinics.practice.models import CallPolicy
from clinics.practice.policies import Policy, policy_in_force
from clinics.tenancy import current_clinic
from escalations.models import Escalation, Level, Reason
from notifications.models import ServiceCount
from tasks.models import Promise

IN_TIME_SECONDS = 300
STUCK = (Reason.NOT_UNDERSTOOD, Reason.MODEL_UNSTABLE, Reason.TOO_LONG, Reason.NO_PROGRESS)


def readiness(now: datetime) -> Readiness:
    """How this clinic stands before its next phase."""
    policy = policy_in_force()
    began, versions = _phase(policy)
    since = max(began, now - timedelta(days=SPAN_DAYS))
    figures: dict[str, float | None] = {
        "reviewed": _reviewed(versions),
        "missed": _missed(since),
        "acknowledged": _acknowledged(since),
        "drill": _drills(now),
        "days": (now - began) // timedelta(days=1),
        "promises": _promises(since, now),
        "stuck": _stuck(since),
        "slow": _slow(since),
        **_weekly(policy, began, now),
    }
    return assess(policy.phase, figures, reviews=policy.pilot_reviews)


def _phase(policy: Policy) -> tuple[datetime, list[int]]:
    """Since when the clinic is in its phase, and the versions of its policy since then."""
    versions: list[int] = []
    began = None
    for version, phase, at in CallPolicy.objects.order_by("-version").values_list("version", "phase", "published_at"):
        if phase != policy.phase:
            break
        versions.append(version)
        began = at
    assert began is not None, "the newest version is of its own phase"
    return began, versions


def _reviewed(versions: list[int]) -> int:
    return Review.objects.standing().filter(call__test=False, call__policy_version__in=versions).count()


def _missed(since: datetime) -> float | None:
    """How many were missed; not known while nobody has reviewed anything."""
    seen = Review.objects.standing().filter(call__test=False, call__started_at__gte=since)
    found = seen.order_by().aggregate(
        all=Count("id"), missed=Count("id", filter=Q(verdict=ReviewVerdict.MISSED, true_label=Label.EMERGENCY))
    )
    return found["missed"] if found["all"] else None


def _acknowledged(since: datetime) -> float | None:
    """Drills count: a clinic may well have no emergency in four weeks, and must still be known to answer one."""
    raised = Escalation.objects.filter(Q(test=False) | Q(drill=True), level=Level.EMERGENCY, raised_at__gte=since)
    found = raised.order_by().aggregate(
        all=Count("id"), soon=Count("id", filter=Q(seconds_to_acknowledge__lte=IN_TIME_SECONDS))
    )
    return _share(found["soon"], found["all"])


def _drills(now: datetime) -> int:
    return Drill.objects.passed().filter(clinic=current_clinic(), finished_at__gte=now - drilling.VALID_FOR).count()


def _promises(since: datetime, now: datetime) -> float | None:
    due = Promise.objects.counted().filter(due_at__gte=since, due_at__lt=now, withdrawn_at=None)
    found = due.order_by().aggregate(all=Count("id"), kept=Count("id", filter=Q(kept_at__lte=F("due_at"))))
    return _share(found["kept"], found["all"])


def _stuck(since: datetime) -> float | None:
    held = Call.objects.real().filter(status=Status.COMPLETED, started_at__gte=since).count()
    stuck = Escalation.objects.filter(test=False, raised_at__gte=since, reason__in=STUCK).values("call_id").distinct()
    return _share(stuck.count(), held)


def _slow(since: datetime) -> float | None:
    counted = ServiceCount.objects.filter(clinic=current_clinic(), name="turn", bucket__gte=since)
    rows = counted.values_list("good", "bad")
    bad, good = sum(row[1] for row in rows), sum(row[0] for row in rows)
    return _share(bad, good + bad)


def _weekly(policy: Policy, began: datetime, now: datetime) -> dict[str, float | None]:
    """From the weeks that are over: how many in a row had nothing left to review, and what reviews measured."""
    weeks = listing.weeks(now=now, zone=policy.zone, back=SPAN_DAYS // 7 + 1)[:-1]
    held = [week for week in weeks if week.groups and max(week.started.values()) >= began]
    in_a_row = next((n for n, week in enumerate(reversed(held)) if week.open), len(held))
    known = [week.figures for week in held if not week.figures.not_reviewed]
    whole = together(known)
    return {
        "weeks": in_a_row,
        "recall": whole.recall.low if known and whole.recall.known else None,
        "false_alarms": whole.false_alarm_rate.point if known and whole.false_alarm_rate.known else None,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
