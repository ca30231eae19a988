"""When a clinic is ready for its next phase: each criterion with its figure, its threshold and what is missing. Pure.

The thresholds are the beginnings of somebody careful, to be corrected by what clinics show. Meeting all of them moves
nothing: an operator decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinics.words import gettext, gettext_noop, ngettext

NEXT: Mapping[str, str] = MappingProxyType(
    {"pilot": "stabilisation", "stabilisation": "expansion", "expansion": "production"}
)
"""The phase after each; production is the last."""

SPAN_DAYS = 28
"""Figures are of so many days, and of no day before the phase began."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A figure that must be at least, or at most, its threshold. Shares are from 0 to 1."""

    name: str
    threshold: float
    most: bool = False


SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "reviewed": gettext_noop("Calls of this phase that were reviewed"),
        "weeks": gettext_noop("Weeks in a row without a review left over"),
        "missed": gettext_noop("Emergencies that reviewers found missed"),
        "recall": gettext_noop("Emergencies caught, the lower end of the estimate"),
        "false_alarms": gettext_noop("Calls with a false alarm"),
        "acknowledged": gettext_noop("Emergencies and drills that somebody had within 5 minutes"),
        "drill": gettext_noop("Fire drills passed in 30 days"),
        "days": gettext_noop("Days in this phase"),
        "promises": gettext_noop("Promises kept in time"),
        "stuck": gettext_noop("Calls given to a person because they were not understood"),
        "slow": gettext_noop("Turns that took longer than 1.5 seconds"),
    }
)
COUNTED = frozenset({"reviewed", "weeks", "missed", "drill", "days"})
"""The figures that are numbers; the others are shares."""

EXITS: Mapping[str, tuple[Criterion, ...]] = MappingProxyType(
    {
        "pilot": (
            Criterion("reviewed", 200),  # the clinic's own number of first calls, 100 to 300
            Criterion("weeks", 2),
            Criterion("missed", 0, most=True),
            Criterion("acknowledged", 0.95),
            Criterion("drill", 1),
        ),
        "stabilisation": (
            Criterion("days", 28),
            Criterion("weeks", 4),
            Criterion("missed", 0, most=True),
            Criterion("promises", 0.9),
            Criterion("stuck", 0.15, most=True),
        ),
        "expansion": (
            Criterion("days", 28),
            Criterion("weeks", 4),
            Criterion("recall", 0.8),
            Criterion("false_alarms", 0.03, most=True),
            Criterion("acknowledged", 0.98),
            Criterion("promises", 0.95),
            Criterion("slow", 0.01, most=True),
        ),
        "production": (),
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion as people read it. `figure` is None where nothing can be said yet."""

    name: str
    figure: float | None
    threshold: float
    met: bool
    most: bool

    @property
    def sentence(self) -> str:
        return gettext(SENTENCES[self.name])

    @property
    def shown(self) -> str:
        return gettext("not known yet") if self.figure is None else _shown(self.name, self.figure)

    @property
    def wanted(self) -> str:
        told = gettext("at most %(threshold)s") if self.most else gettext("at least %(threshold)s")
        return told % {"threshold": _shown(self.name, self.threshold)}

    @property
    def missing(self) -> str:
        """What is missing; "" when it is met."""
        if self.met:
            return ""
        if self.figure is None:
            return gettext("There is nothing to measure it by yet.")
        if self.name in COUNTED and not self.most:
            left = round(self.threshold - self.figure)
            return ngettext("%(left)s more", "%(left)s more", left) % {"left": left}
        told = gettext("%(gap)s too many") if self.most else gettext("%(gap)s too few")
        return told % {"gap": _shown(self.name, abs(self.threshold - self.figure))}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How a clinic stands before its next phase; `next` is "" in the last one."""

    phase: str
    next: str
    lines: tuple[Line, ...]

    @property
    def met(self) -> int:
        return sum(line.met for line in self.lines)

    @property
    def ready(self) -> bool:
        return bool(self.lines) and self.met == len(self.lines)


def assess(phase: str, figures: Mapping[str, float | None], *, reviews: int) -> Readiness:
    """Each criterion of a phase against these figures; `reviews`: how many first calls of a pilot are all reviewed."""
    lines = []
    for one in EXITS[phase]:
        threshold = float(reviews) if one.name == "reviewed" else one.threshold
        figure = figures.get(one.name)
        met = figure is not None and (figure <= threshold if one.most else figure >= threshold)
        lines.append(Line(one.name, figure, threshold, met, one.most))
    return Readiness(phase, NEXT.get(phase, ""), tuple(lines))


def _shown(name: str, figure: float) -> str:
    """Shares are cut, not rounded, so that nothing looks as if it had reached what it has not."""
    return str(int(figure)) if name in COUNTED else f"{int(figure * 1000 + 1e-9) / 10:g} %"
