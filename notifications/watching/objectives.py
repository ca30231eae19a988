"""What is promised as a figure: each objective with its goal, and what of it is left. Pure.

A budget is what may go wrong in 28 days; a burn of 1 uses exactly that up, one of 14.4 two percent of it in an hour.
Alarms as in Google's SRE workbook, chapter 5: a long window says that it matters, a short one that it still lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

DAYS = 28
BUCKET_MINUTES = 5
LEAST_BAD = 3
"""So many must have gone wrong in the long window: one bad turn of a clinic with three calls is no alarm."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Of all that happens, `goal` must be good. `within` are the seconds that make it so, where it is about time."""

    goal: float
    sentence: str
    burning: str
    within: float | None = None


OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "webhook": Objective(
            0.999, "Turns of calls that the phone answered itself", "Turns of calls fail: callers are put through."
        ),
        "turn": Objective(0.99, "Turns answered within 1.5 s", "Callers wait too long for answers.", within=1.5),
        "acknowledge": Objective(
            0.95, "Emergencies that somebody had within 5 minutes", "Emergencies wait too long for a person.",
            within=300,
        ),
        "delivery": Objective(
            0.99, "Urgent messages sent within 30 s", "Urgent messages arrive late or not at all.", within=30
        ),
        "tasks": Objective(
            0.95, "Requests without a broken promise", "Requests are not done when callers were told they would be."
        ),
    }
)  # fmt: skip


STRICTER: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "expansion": {"acknowledge": 0.97, "tasks": 0.96},
        "production": {"webhook": 0.9995, "turn": 0.995, "acknowledge": 0.98, "delivery": 0.995, "tasks": 0.97},
    }
)
"""Goals of later phases, where they are stricter than the ones above."""


def goal_in(name: str, phase: str | None) -> float:
    """The goal of an objective for a clinic in this phase; None: of nobody knows which."""
    return STRICTER.get(phase or "", {}).get(name, OBJECTIVES[name].goal)


@dataclass(frozen=True, slots=True)
class Window:
    """A pair of windows in minutes and the burn that is too much in both."""

    long: int
    short: int
    burn: float


WINDOWS = (Window(60, 5, 14.4), Window(360, 30, 6.0))
MINUTES = tuple(sorted({minutes for window in WINDOWS for minutes in (window.long, window.short)}))


@dataclass(frozen=True, slots=True)
class Count:
    """How much was good and bad."""

    good: int = 0
    bad: int = 0

    @property
    def ratio(self) -> float | None:
        """The good part; None when nothing happened."""
        return self.good / (self.good + self.bad) if self.good + self.bad else None


def burn(count: Count, goal: float) -> float:
    """How many times faster than it lasts the budget is used up."""
    return (1 - count.ratio) / (1 - goal) if count.ratio is not None else 0.0


def budget_left(count: Count, goal: float) -> float:
    """The part of the budget that is left; below zero when more went wrong than may."""
    return 1 - burn(count, goal)


def burning(counts: Mapping[int, Count], goal: float) -> float:
    """How far beyond an alarm the burn is, 1 and more being one; `counts` by minutes back."""
    return max(_beyond(counts, window, goal) for window in WINDOWS)


def _beyond(counts: Mapping[int, Count], window: Window, goal: float) -> float:
    long, short = counts.get(window.long, Count()), counts.get(window.short, Count())
    if long.bad < LEAST_BAD:
        return 0.0
    return min(burn(long, goal), burn(short, goal)) / window.burn


def alarms(
    counts: Mapping[tuple[str, int], Mapping[int, Count]], phases: Mapping[int, str]
) -> Iterator[tuple[str, int, float]]:
    """Objective, clinic and how far beyond, for all that burn; `phases` by clinic."""
    for (name, clinic), windows in counts.items():
        if name in OBJECTIVES and (beyond := burning(windows, goal_in(name, phases.get(clinic)))) >= 1:
            yield name, clinic, beyond
