"""What a change in waves is judged by that only calls know: reviews, escalations, how calls ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q

from calls.models import Call, Label, Outcome, Review, ReviewVerdict, Status, Stratum
from clinics.fleet.waves.guardrails import CALLS, Tally
from clinics.models import Clinic
from escalations.models import Escalation, Reason

STUCK = (Reason.NOT_UNDERSTOOD, Reason.MODEL_UNSTABLE, Reason.NO_PROGRESS, Reason.TOO_LONG)


def of_calls(clinic: Clinic, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Of the real calls that began and ended in this time."""
    held = Call.objects.real().filter(started_at__gte=since, started_at__lt=until, status=Status.COMPLETED)
    found = held.order_by().aggregate(all=Count("id"), left=Count("id", filter=Q(outcome=Outcome.ABANDONED)))
    raised = Escalation.objects.filter(test=False, raised_at__gte=since, raised_at__lt=until).order_by()
    reasons = dict(raised.values_list("reason").annotate(n=Count("id")))
    return {
        CALLS: Tally(0, found["all"]),
        "hung_up": Tally(found["left"], found["all"]),
        "distress": Tally(reasons.get(Reason.DISTRESS, 0), found["all"]),
        "stuck": Tally(sum(reasons.get(one, 0) for one in STUCK), found["all"]),
        "person": Tally(reasons.get(Reason.HUMAN_REQUEST, 0), found["all"]),
        **_reviewed(since, until),
    }


def _reviewed(since: datetime, until: datetime) -> dict[str, Tally]:
    """Missed emergencies of all reviewed calls, false ones of all reviewed alarms; by when the call began."""
    standing = Review.objects.standing().filter(
        call__test=False, call__started_at__gte=since, call__started_at__lt=until
    )
    missed = Q(verdict=ReviewVerdict.MISSED, true_label=Label.EMERGENCY)
    alarm = Q(stratum=Stratum.ALARM)
    found = standing.order_by().aggregate(
        all=Count("id"),
        missed=Count("id", filter=missed),
        alarms=Count("id", filter=alarm),
        false=Count("id", filter=alarm & Q(verdict=ReviewVerdict.FALSE_ALARM) & ~Q(true_label=Label.EMERGENCY)),
    )
    return {"missed": Tally(found["missed"], found["all"]), "false_alarms": Tally(found["false"], found["alarms"])}
