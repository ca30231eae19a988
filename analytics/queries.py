"""One function per figure, out of what was counted. A figure holds no word, name or number of a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q

from analytics import tallies
from analytics.fate import CONTAINED, DECIDED, FATES
from analytics.figures import Share
from analytics.rolling import Numbers
from calls.models import Call, Outcome
from clinics.practice import promises as ledger
from clinics.words import gettext
from escalations.models import Escalation, Reason
from tasks.models import Kind, Task


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
    """The calls of a span: how many, how long in seconds, and how many callers left before the end."""

    count: int
    average: float | None
    median: float | None
    p95: float | None
    abandoned: Share


def calls(counted: Numbers) -> Calls:
    """Counts and lengths of the calls that began in a span."""
    seconds, count = counted.of("seconds"), tallies.number(counted.of("calls"))
    left = counted.of("outcome").get(Outcome.ABANDONED, 0)
    return Calls(
        count,
        tallies.average(seconds),
        *tallies.percentiles(seconds, 0.5, 0.95),
        abandoned=Share(left, count),
    )


def calls_by_hour(counted: Numbers) -> list[int]:
    """How many calls began in each of the 24 hours of the clinic's clock."""
    return _hours(counted.of("half_hour"))


def calls_by_weekday(counted: Numbers) -> list[list[int]]:
    """The same for each weekday, Monday first."""
    week = [[0] * 24 for _ in range(7)]
    for day in counted.days:
        for hour, count in enumerate(_hours(counted.on(day, "half_hour"))):
            week[day.weekday()][hour] += count
    return week


def calls_on_weekdays(counted: Numbers) -> list[int]:
    """How many calls began on each weekday, Monday first."""
    return [counted.of("weekday").get(str(day), 0) for day in range(7)]


def _hours(half_hours: Mapping[str, int]) -> list[int]:
    return [half_hours.get(str(2 * hour), 0) + half_hours.get(str(2 * hour + 1), 0) for hour in range(24)]


def calls_by_day(counted: Numbers) -> list[tuple[date, int, float | None]]:
    """Each day with its calls and their average length in seconds, None where there was none."""
    return [
        (day, tallies.number(counted.on(day, "calls")), tallies.average(counted.on(day, "seconds")))
        for day in counted.span.dates
    ]


def calls_by(counted: Numbers, figure: str) -> list[tuple[str, int]]:
    """How many there are of each intent, outcome, language, level ..., the most frequent first."""
    return sorted(counted.of(figure).items(), key=lambda one: (-one[1], one[0]))


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the calls in which something was wanted and that are over; `analytics.fate` says how it is told.

    `contained` are those that the telephone took to the end itself, of all; `verified` those whose matter is known to
    be settled, of all of which it can be known by now. `fates` has each with its number.
    """

    contained: Share
    verified: Share
    fates: tuple[tuple[str, int], ...]

    @property
    def unknown(self) -> int:
        """Of how many it cannot be said, now or ever."""
        return self.contained.whole - self.verified.whole


def settled(counted: Numbers) -> Settled:
    fates = counted.of("fate")
    return Settled(
        Share(sum(fates.get(one, 0) for one in CONTAINED), tallies.number(fates)),
        Share(fates.get("verified", 0), sum(fates.get(one, 0) for one in DECIDED)),
        tuple((one, fates[one]) for one in FATES if fates.get(one)),
    )


@dataclass(frozen=True, slots=True)
class Handovers:
    """Calls that were to be handed to a person: answered by one, and held (`calls/handover/policy.py` says how long).

    `again` counts callers of answered ones who rang again within two hours.
    """

    answered: Share
    held: Share
    again: int


def handovers(counted: Numbers) -> Handovers:
    """Those of the calls that began in a span and whose handover is over."""
    found = counted.of("handover")
    whole = found.get("over", 0)
    return Handovers(Share(found.get("answered", 0), whole), Share(found.get("held", 0), whole), found.get("again", 0))


@dataclass(frozen=True, slots=True)
class Heard:
    """How well callers were understood: re-prompts of calls that are over, and fields that nobody could read.

    `unread` has each field's code with its number; `with_unread` and `unfinished` are requests.
    """

    reprompts: int
    per_call: float | None
    none: Share
    requests: int
    with_unread: Share
    unfinished: Share
    unread: tuple[tuple[str, int], ...]


def heard(counted: Numbers) -> Heard:
    again, requests = counted.of("reprompts"), tallies.number(counted.of("requests"))
    return Heard(
        tallies.total(again),
        tallies.average(again),
        Share(again.get("0", 0), tallies.number(again)),
        requests,
        Share(tallies.number(counted.of("with_unread")), requests),
        Share(tallies.number(counted.of("unfinished")), requests),
        tuple(calls_by(counted, "unread")),
    )


@dataclass(frozen=True, slots=True)
class Degraded:
    """Calls that could not have all that the clinic wants of its telephone, and for how long that was so, in seconds.

    The time is from the first such call to the end of the last one in a row: what nobody rang through is not seen.
    """

    calls: int
    seconds: int


def degraded(counted: Numbers) -> Degraded:
    found = counted.of("degraded")
    return Degraded(found.get("calls", 0), found.get("seconds", 0))


# --- Work ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Met:
    """What was due in a span and of one kind: in time, late, and late and still open (for promises: broken)."""

    kind: str
    label: str
    in_time: int
    late: int
    open_late: int

    @property
    def share(self) -> Share:
        return Share(self.in_time, self.in_time + self.late + self.open_late)


def completion(counted: Numbers) -> list[Met]:
    """How the tasks that fell due in a span were met, by kind; those not needed any more are in no figure."""
    found = counted.beginning("due ")
    parts = [
        Met(
            kind,
            str(Kind(kind).label),
            *(found.get(what, {}).get(kind, 0) for what in ("in_time", "late", "open_late")),
        )
        for kind in Kind.values
    ]
    return sorted((one for one in parts if one.share.whole), key=lambda one: one.label)


def promises(counted: Numbers) -> list[Met]:
    """What callers were promised for a span, by promise; what was taken back counts neither way."""
    found = counted.beginning("promise ")
    parts = [
        Met(name, gettext(rule.label), *(found.get(what, {}).get(name, 0) for what in ("kept", "late", "broken")))
        for name, rule in ledger.TABLE.items()
    ]
    return [one for one in parts if one.share.whole]


def service_level(parts: Sequence[Met]) -> Share:
    """The share of all kinds that was met in time."""
    return Share(sum(one.in_time for one in parts), sum(one.share.whole for one in parts))


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
        return str(Reason(self.reason).label)


def escalations(counted: Numbers) -> list[Raised]:
    """How many escalations of each reason there were, and how soon a person had them."""
    raised, alone = counted.of("raised"), counted.of("unanswered")
    times = counted.beginning("had_after ")
    return [
        Raised(
            reason,
            raised[reason],
            alone.get(reason, 0),
            *tallies.percentiles(times.get(reason, {}), 0.5, 0.95),
        )
        for reason in Reason.values
        if raised.get(reason)
    ]
