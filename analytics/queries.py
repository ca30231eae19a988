"""One function per figure. Test calls and drills are in none; a figure holds no word, name or number of a patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Aggregate, Avg, Count, DurationField, F, FloatField, Min, Q
from django.db.models.functions import ExtractHour, TruncDate
from django.utils.translation import gettext_lazy

from analytics.figures import Share, percentile
from analytics.spans import Span
from calls.handover.models import Handover
from calls.models import Call, CallQuerySet, Outcome, Turn
from clinics.models import Clinic
from escalations.models import Escalation, Reason
from notifications.models import Attempt, Delivery, DeliveryState
from tasks.models import Kind, Promise, Status, Task


class PercentileCont(Aggregate):
    """PostgreSQL's interpolated percentile of a column."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: object, *, share: float, **extra: object) -> None:
        super().__init__(expression, share=float(share), **extra)


# --- Now -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Waiting:
    """The desk at this moment."""

    waiting: int
    late: int
    oldest: datetime | None
    calls: int
    emergencies: int


def waiting(now: datetime) -> Waiting:
    """What is open, late and running now."""
    found = Task.objects.open().filter(test=False).aggregate(
        all=Count("id"), late=Count("id", filter=Q(due_at__lte=now)), oldest=Min("created_at")
    )  # fmt: skip
    return Waiting(
        waiting=found["all"],
        late=found["late"],
        oldest=found["oldest"],
        calls=Call.objects.running().real().count(),
        emergencies=Escalation.objects.alarming().filter(test=False).count(),
    )


# --- Calls -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a span: how many, how long, and how many callers left before the end."""

    count: int
    average: float | None
    median: float | None
    p95: float | None
    abandoned: Share


def calls(span: Span) -> Calls:
    """Counts and lengths, in seconds, of the calls that began in a span."""
    found = _calls(span).aggregate(
        all=Count("id"),
        average=Avg("duration_sec"),
        median=PercentileCont("duration_sec", share=0.5),
        p95=PercentileCont("duration_sec", share=0.95),
        left=Count("id", filter=Q(outcome=Outcome.ABANDONED)),
    )
    return Calls(found["all"], found["average"], found["median"], found["p95"], Share(found["left"], found["all"]))


def calls_by_hour(span: Span) -> list[int]:
    """How many calls began in each of the 24 hours of the clinic's clock."""
    rows = (
        _calls(span).annotate(hour=ExtractHour("started_at", tzinfo=span.zone)).values("hour").annotate(n=Count("id"))
    )
    counts = {row["hour"]: row["n"] for row in rows}
    return [counts.get(hour, 0) for hour in range(24)]


def calls_by_day(span: Span) -> list[tuple[date, int, float | None]]:
    """Each day with its calls and their average length in seconds, None where there was none."""
    rows = (
        _calls(span)
        .annotate(day=TruncDate("started_at", tzinfo=span.zone))
        .values("day")
        .annotate(n=Count("id"), average=Avg("duration_sec"))
    )
    known = {row["day"]: (row["n"], row["average"]) for row in rows}
    return [(day, *known.get(day, (0, None))) for day in span.dates]


def calls_by(span: Span, field: str) -> list[tuple[str, int]]:
    """How many calls there are of each intent or outcome, the most frequent first."""
    rows = _calls(span).values(field).annotate(n=Count("id")).order_by("-n", field)
    return [(row[field], row["n"]) for row in rows]


def _calls(span: Span) -> CallQuerySet:
    return Call.objects.real().filter(started_at__gte=span.since, started_at__lt=span.until).order_by()


@dataclass(frozen=True, slots=True)
class Handovers:
    """Calls that were to be handed to a person: answered by one, and held (`calls/handover/policy.py` says how long).

    `again` counts callers of answered ones who rang again within two hours.
    """

    answered: Share
    held: Share
    again: int


def handovers(span: Span) -> Handovers:
    """Those of the calls that began in a span and whose handover is over."""
    found = Handover.objects.real().over().filter(call__started_at__gte=span.since, call__started_at__lt=span.until)
    count, answered = found.count(), found.answered()
    again = answered.with_rang_again().filter(rang_again=True).count()
    return Handovers(Share(answered.count(), count), Share(found.held().count(), count), again)


# --- Work ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Completion:
    """The tasks of one kind that were due in a span: done in time, done late, and late and still open."""

    kind: str
    in_time: int
    late: int
    open_late: int

    @property
    def label(self) -> str:
        return Kind(self.kind).label

    @property
    def share(self) -> Share:
        return Share(self.in_time, self.in_time + self.late + self.open_late)


def completion(span: Span, now: datetime) -> list[Completion]:
    """How the tasks that fell due in a span were met, by kind; those not needed any more are in no figure."""
    done = Q(status=Status.COMPLETED)
    due = Task.objects.filter(test=False, due_at__gte=span.since, due_at__lt=min(span.until, now))
    rows = due.order_by().values("kind").annotate(
        in_time=Count("id", filter=done & Q(completed_at__lte=F("due_at"))),
        late=Count("id", filter=done & Q(completed_at__gt=F("due_at"))),
        open_late=Count("id", filter=Q(status__in=[Status.PENDING, Status.IN_PROGRESS])),
    )  # fmt: skip
    found = [Completion(row["kind"], row["in_time"], row["late"], row["open_late"]) for row in rows]
    return sorted((one for one in found if one.share.whole), key=lambda one: one.label)


def service_level(parts: Sequence[Completion]) -> Share:
    """The share of all kinds that was done in time."""
    return Share(sum(one.in_time for one in parts), sum(one.share.whole for one in parts))


def promises(span: Span, now: datetime) -> Share:
    """What callers were promised for a span and got in time; what was taken back counts neither way."""
    due = Promise.objects.counted().filter(due_at__gte=span.since, due_at__lt=min(span.until, now), withdrawn_at=None)
    found = due.aggregate(all=Count("id"), kept=Count("id", filter=Q(kept_at__lte=F("due_at"))))
    return Share(found["kept"], found["all"])


# --- Danger ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Raised:
    """The escalations of one reason in a span; times to acknowledge in seconds."""

    reason: str
    count: int
    unanswered: int
    median: float | None
    p95: float | None

    @property
    def label(self) -> str:
        return Reason(self.reason).label


def escalations(span: Span) -> list[Raised]:
    """How many escalations of each reason there were, and how soon a person had them."""
    rows = Escalation.objects.filter(test=False, raised_at__gte=span.since, raised_at__lt=span.until).values_list(
        "reason", "seconds_to_acknowledge"
    )
    times: dict[str, list[int | None]] = {}
    for reason, seconds in rows:
        times.setdefault(reason, []).append(seconds)
    return [_raised(reason, times[reason]) for reason in Reason.values if reason in times]


def _raised(reason: str, times: list[int | None]) -> Raised:
    known = [seconds for seconds in times if seconds is not None]
    return Raised(reason, len(times), len(times) - len(known), percentile(known, 0.5), percentile(known, 0.95))


# --- How the machine does --------------------------------------------------------------------------------------------
def answer_times(span: Span) -> list[tuple[date, float | None, float | None]]:
    """Per day, how long the telephone thought about an answer: median and 95th percentile in milliseconds."""
    rows = (
        Turn.objects.filter(
            call__test=False, n__gt=0, call__started_at__gte=span.since, call__started_at__lt=span.until
        )
        .order_by()
        .annotate(day=TruncDate("call__started_at", tzinfo=span.zone))
        .values("day")
        .annotate(p50=PercentileCont("took_ms", share=0.5), p95=PercentileCont("took_ms", share=0.95))
    )
    known = {row["day"]: (row["p50"], row["p95"]) for row in rows}
    return [(day, *known.get(day, (None, None))) for day in span.dates]


WAYS = {
    "sms": gettext_lazy("Text messages"),
    "voice": gettext_lazy("Alarm calls"),
    "email": gettext_lazy("E-mail"),
    "patient": gettext_lazy("Texts to patients"),
    "letter": gettext_lazy("Sign-in letters"),
    "webhook": gettext_lazy("Your own systems"),
}
"""The channels that leave the house, in words for the people of a clinic."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One way out of the house in a span; `p95` is milliseconds, None where nothing was sent."""

    channel: str
    sent: int
    failed: int
    p95: float | None
    dead: int

    @property
    def label(self) -> str:
        return WAYS[self.channel]

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def state(self) -> str:
        """ "unknown" where nothing was tried: a way that nobody has gone is not known to be open."""
        if not self.sent + self.failed:
            return "unknown"
        return "failing" if self.failed > self.sent else "slow" if (self.p95 or 0) > 5000 else "ok"


STATES = {
    "ok": gettext_lazy("ok"),
    "slow": gettext_lazy("slow"),
    "failing": gettext_lazy("failing"),
    "unknown": gettext_lazy("not tried"),
}

ARRIVED = ("sent", "found")
"""Outcomes of an attempt that the provider took: told at once, or found in its list afterwards."""


def providers(clinic: Clinic, span: Span) -> list[Provider]:
    """How each way out of the house did for a clinic."""
    tried = Attempt.objects.filter(
        delivery__clinic=clinic, delivery__channel__in=WAYS, started_at__gte=span.since, started_at__lt=span.until
    )
    rows = tried.order_by().values("delivery__channel").annotate(
        sent=Count("id", filter=Q(outcome__in=ARRIVED)),
        failed=Count("id", filter=~Q(outcome__in=[*ARRIVED, ""])),
        p95=PercentileCont(F("finished_at") - F("started_at"), share=0.95, output_field=DurationField()),
    )  # fmt: skip
    known = {row["delivery__channel"]: row for row in rows}
    dead = dict(
        Delivery.objects.filter(clinic=clinic, state=DeliveryState.DEAD, channel__in=WAYS)
        .order_by().values_list("channel").annotate(n=Count("id"))
    )  # fmt: skip
    return [
        Provider(
            channel,
            known.get(channel, {}).get("sent", 0),
            known.get(channel, {}).get("failed", 0),
            _milliseconds(known.get(channel, {}).get("p95")),
            dead.get(channel, 0),
        )
        for channel in WAYS
    ]


def _milliseconds(taken: object) -> float | None:
    return None if taken is None else taken.total_seconds() * 1000  # type: ignore[attr-defined]
