"""The calls that come up for review, week by week: what is chosen, what is reviewed, what is left over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from uuid import UUID

from calls.models import Call, Review, Status
from calls.reviews import selecting
from calls.reviews.figures import Figures, counted, of_week
from calls.reviews.selecting import Candidate, Sampling
from clinics.people.models import User
from clinics.practice.models import CallPolicy, Phase
from clinics.practice.sensitive import SensitiveCall
from escalations.models import Escalation, Level, Reason

WEEKS = 12
"""So many weeks are looked back on; what nobody has reviewed until then is not asked for any more."""

ORDER = (selecting.ALARM, selecting.FAILED, selecting.ESCALATED, selecting.PILOT, selecting.SAMPLED, selecting.PICKED)


@dataclass(frozen=True, slots=True)
class Seen:
    """The standing review of a call, as far as lists and figures need it."""

    stratum: str
    verdict: str
    true_label: str
    finding: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One call that comes up."""

    call_id: UUID
    started_at: datetime
    week: str
    group: str


@dataclass(frozen=True)
class Week:
    """One week: the group of each of its calls, and the reviews there are."""

    week: str
    started: Mapping[UUID, datetime]
    groups: Mapping[UUID, str]
    seen: Mapping[UUID, Seen]
    hidden: frozenset[UUID] = frozenset()
    """Calls that are closed to the person who looks: counted, but not listed."""

    @property
    def entries(self) -> list[Entry]:
        """The calls that come up, alarms first, then by when they rang."""
        listed = {one: group for one, group in self.groups.items() if group and one not in self.hidden}
        chosen = [Entry(one, self.started[one], self.week, group) for one, group in listed.items()]
        return sorted(chosen, key=_order)

    @property
    def open(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.call_id not in self.seen]

    @property
    def done(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.call_id in self.seen]

    @property
    def figures(self) -> Figures:
        reviews = [
            (self.groups[one], _counted(self.groups[one], seen))
            for one, seen in self.seen.items()
            if one in self.groups
        ]
        return of_week(self.groups.values(), reviews)


def _order(entry: Entry) -> tuple[int, datetime]:
    return ORDER.index(entry.group), entry.started_at


def _counted(group: str, seen: Seen) -> str:
    return counted(group=group, verdict=seen.verdict, true_label=seen.true_label, finding=seen.finding)


def weeks(*, now: datetime, zone: tzinfo, back: int = WEEKS, person: User | None = None) -> list[Week]:
    """This week and those before it, oldest first. Test calls and running calls are not in them."""
    names = selecting.weeks_before(selecting.week_of(now, zone), back)
    first, _ = selecting.bounds(names[0], zone)
    policies = list(CallPolicy.objects.order_by("version"))
    calls = _candidates(first, policies)
    seen = _seen(names[0])
    by_week: dict[str, list[Candidate]] = defaultdict(list)
    for call in calls:
        by_week[selecting.week_of(call.started_at, zone)].append(call)
    shut = SensitiveCall.objects.closed_to(person).values_list("pk", flat=True) if person else ()
    found = [_week(name, by_week[name], seen, policies, now=now, zone=zone) for name in names]
    return [replace(week, hidden=frozenset(shut)) for week in found]


def group_of(call: Call, *, now: datetime, zone: tzinfo) -> str:
    """Why this call is reviewed; "picked" when nothing chose it or it is too old for the list."""
    name = selecting.week_of(call.started_at, zone)
    found = {week.week: week for week in weeks(now=now, zone=zone)}.get(name)
    group = found.groups.get(call.id, selecting.REST) if found else selecting.REST
    return group or selecting.PICKED


def next_open(found: Sequence[Week], *, after: UUID | None = None) -> UUID | None:
    """The call to open next: behind this one in the queue, else the first that is left; None when none is."""
    everything = sorted((entry for week in found for entry in week.entries), key=_order)
    left = {entry.call_id for entry in queued(found)} - {after}
    order = [entry.call_id for entry in everything]
    here = order.index(after) + 1 if after in order else 0
    return next((call_id for call_id in order[here:] + order[:here] if call_id in left), None)


def queued(found: Sequence[Week]) -> list[Entry]:
    """All that waits for a review, carried over from earlier weeks or of this one: alarms first, then the oldest."""
    return sorted((entry for week in found for entry in week.open), key=_order)


def _week(
    name: str,
    calls: list[Candidate],
    seen: Mapping[UUID, Seen],
    policies: list[CallPolicy],
    *,
    now: datetime,
    zone: tzinfo,
) -> Week:
    _, end = selecting.bounds(name, zone)
    here = {call.id: seen[call.id] for call in calls if call.id in seen}
    groups = selecting.select(
        calls,
        _sampling(policies, end),
        over=now >= end,
        reviewed={call_id: review.stratum for call_id, review in here.items()},
    )
    return Week(name, {call.id: call.started_at for call in calls}, groups, here)


def _sampling(policies: list[CallPolicy], end: datetime) -> Sampling:
    """What the policy said at the end of a week, so that a later version does not choose anew for past weeks."""
    said = [policy for policy in policies if policy.published_at < end] or policies[:1]
    if not said:
        return Sampling(percent=5, least=10, most=60)
    return Sampling(said[-1].review_percent, said[-1].review_least, said[-1].review_most)


def _candidates(since: datetime, policies: list[CallPolicy]) -> list[Candidate]:
    raised: dict[UUID, set[str]] = defaultdict(set)
    told = Escalation.objects.filter(call_id__isnull=False, raised_at__gte=since)
    for call_id, reason, level in told.values_list("call_id", "reason", "level"):
        raised[call_id].add(reason)
        if level == Level.EMERGENCY:  # a clinic's own rule may sound the alarm under a reason of its own
            raised[call_id].add(Reason.EMERGENCY)
    first = _pilot(policies)
    calls = Call.objects.real().filter(status=Status.COMPLETED, started_at__gte=since).order_by("started_at", "id")
    return [
        Candidate(call_id, started_at, outcome, frozenset(raised.get(call_id, ())), call_id in first)
        for call_id, started_at, outcome in calls.values_list("id", "started_at", "outcome")
    ]


def _pilot(policies: list[CallPolicy]) -> frozenset[UUID]:
    """The first calls that were answered under a pilot policy, as many as the newest of these policies says."""
    pilot = [policy for policy in policies if policy.phase == Phase.PILOT]
    if not pilot:
        return frozenset()
    calls = Call.objects.real().filter(policy_version__in=[policy.version for policy in pilot])
    return frozenset(calls.order_by("started_at", "id").values_list("id", flat=True)[: pilot[-1].pilot_reviews])


def _seen(since: str) -> dict[UUID, Seen]:
    rows = Review.objects.standing().filter(week__gte=since)
    return {
        call_id: Seen(*rest)
        for call_id, *rest in rows.values_list("call_id", "stratum", "verdict", "true_label", "finding")
    }
