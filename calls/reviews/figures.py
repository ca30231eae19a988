"""How well danger is found in a clinic's own calls, from the reviewed ones. Pure.

A call is counted once: its emergency was caught, or missed, or its alarm was false, or none of these. Groups of calls
are reviewed at different rates, so each reviewed call stands for all calls of its group in its week. What the
unreviewed calls of a group could hold is taken from the Wilson interval of its reviewed ones; the intervals of groups
add up by the root of the sum of their squares (Zou and Donner, "Construction of confidence limits about effect
measures", Statistics in Medicine 27, 2008). A group without any review makes the figures that need it unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from calls.dialogue.safety.measuring import Share
from calls.reviews.labels import EMERGENCY, is_alarm
from calls.reviews.selecting import ALARM, REST, SAMPLED
from clinics.words import gettext, gettext_noop

CAUGHT, MISSED, FALSE, NEITHER = "caught", "missed", "false", "neither"


def counted(*, group: str, verdict: str, true_label: str, finding: str) -> str:
    """What a reviewed call counts as.

    An emergency that the reviewer calls missed counts as missed even where the call sounded an alarm later. A finding
    that was wrong in a sentence which is an emergency all the same leaves the alarm right.
    """
    if verdict == "missed" and true_label == EMERGENCY:
        return MISSED
    if group != ALARM:
        return NEITHER
    wrong = verdict == "false_alarm" and is_alarm(finding) and true_label != EMERGENCY
    return FALSE if wrong else CAUGHT


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of one week that came up for one reason, and what their reviews say."""

    name: str
    calls: int
    reviewed: int = 0
    caught: int = 0
    missed: int = 0
    false: int = 0

    @property
    def unknown(self) -> bool:
        return self.calls > 0 and self.reviewed == 0


@dataclass(frozen=True, slots=True)
class Total:
    """An estimated number of calls, with its interval."""

    low: float
    point: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A share from 0 to 1 with its 95 % interval, or why there is none."""

    point: float = 0.0
    low: float = 0.0
    high: float = 1.0
    unknown: str = ""

    @property
    def known(self) -> bool:
        return not self.unknown


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one week, or of several together."""

    groups: tuple[Group, ...]

    @property
    def calls(self) -> int:
        return sum(group.calls for group in self.groups)

    @property
    def reviewed(self) -> int:
        return sum(group.reviewed for group in self.groups)

    @property
    def caught(self) -> int:
        return sum(group.caught for group in self.groups)

    @property
    def missed(self) -> int:
        return sum(group.missed for group in self.groups)

    @property
    def false(self) -> int:
        return sum(group.false for group in self.groups)

    @property
    def not_reviewed(self) -> tuple[str, ...]:
        """The groups that hold calls and not one review."""
        return tuple(dict.fromkeys(group.name for group in self.groups if group.unknown))

    @property
    def recall(self) -> Rate:
        """Emergencies caught, of all that callers spoke of: right alarms / (right alarms + missed emergencies)."""
        if not self.calls:
            return Rate(unknown=gettext("No calls."))
        if self.not_reviewed:
            return Rate(
                unknown=gettext("Not known: %(named)s without a review.") % {"named": _named(self.not_reviewed)}
            )
        caught, missed = _total(self.groups, "caught"), _total(self.groups, "missed")
        emergencies = caught.point + missed.point
        if not emergencies:
            return Rate(unknown=gettext("No emergency among the reviewed calls."))
        low, high = Share(self.caught, self.caught + self.missed).interval
        return Rate(
            caught.point / emergencies,
            min(low, _part(caught.low, missed.high)),
            max(high, _part(caught.high, missed.low)),
        )

    @property
    def false_alarm_rate(self) -> Rate:
        """False alarms, of all calls that did not hold an emergency which is known."""
        if not self.calls:
            return Rate(unknown=gettext("No calls."))
        alarms = [group for group in self.groups if group.name == ALARM]
        if any(group.unknown for group in alarms):
            return Rate(unknown=gettext("Not known: %(named)s without a review.") % {"named": _named([ALARM])})
        false, caught = _total(alarms, "false"), _total(self.groups_known, "caught")
        others = self.calls - caught.point - _total(self.groups_known, "missed").point
        if others < 1:
            return Rate(unknown=gettext("No call without an emergency."))
        low, high = Share(round(false.point), round(others)).interval
        return Rate(false.point / others, min(low, false.low / others), min(1.0, max(high, false.high / others)))

    @property
    def groups_known(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if not group.unknown)

    @property
    def alarms(self) -> Share:
        """False ones of the alarms that were reviewed."""
        return Share(self.false, sum(group.reviewed for group in self.groups if group.name == ALARM))


def of_week(sizes: Iterable[str], reviews: Iterable[tuple[str, str]]) -> Figures:
    """The figures of one week from the group of each of its calls, and (group, counted) of each reviewed one."""
    calls: dict[str, int] = {}
    for name in sizes:
        calls[_group(name)] = calls.get(_group(name), 0) + 1
    seen: dict[str, dict[str, int]] = {}
    for name, what in reviews:
        tally = seen.setdefault(_group(name), {})
        tally[what] = tally.get(what, 0) + 1
    return Figures(
        tuple(
            Group(
                name,
                number,
                sum(seen.get(name, {}).values()),
                *(seen.get(name, {}).get(what, 0) for what in (CAUGHT, MISSED, FALSE)),
            )
            for name, number in sorted(calls.items())
        )
    )


def together(weeks: Sequence[Figures]) -> Figures:
    """Several weeks as one; each group keeps the weight that it had in its own week."""
    return Figures(tuple(group for week in weeks for group in week.groups))


def _group(name: str) -> str:
    return SAMPLED if name == REST else name


def _total(groups: Iterable[Group], what: str) -> Total:
    """How many calls of these groups count as `what`: the reviewed ones, and what the others could be."""
    point = below = above = 0.0
    for group in groups:
        if not group.reviewed:
            continue
        hits, left = getattr(group, what), group.calls - group.reviewed
        share = Share(hits, group.reviewed)
        low, high = share.interval
        point += hits + left * share.rate
        below += (left * (share.rate - low)) ** 2
        above += (left * (high - share.rate)) ** 2
    return Total(max(0.0, point - sqrt(below)), point, point + sqrt(above))


def _part(one: float, other: float) -> float:
    return one / (one + other) if one + other else 0.0


NAMES = {
    ALARM: gettext_noop("emergency alarms"),
    "escalated": gettext_noop("escalated calls"),
    "failed": gettext_noop("failed calls"),
    "pilot": gettext_noop("pilot calls"),
    SAMPLED: gettext_noop("other calls"),
    "picked": gettext_noop("calls picked by hand"),
}


def _named(groups: Sequence[str]) -> str:
    return gettext(" and ").join(gettext(NAMES[name]) for name in groups)
