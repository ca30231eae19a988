"""What a test of two voices shows: both side by side with intervals, when it must stop, and whether to move. Pure.

Shares have Wilson's interval, their difference Newcombe's, which is made of the two (Statistics in Medicine 17, 1998).
Means have the middle 95 % of a bootstrap, drawn with a fixed seed so that a page shows the same twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

from calls.dialogue.safety.measuring import Share
from clinics.words import gettext, gettext_noop

DRAWS = 400
LEAST_CALLS = 30
"""Of each voice, before a difference means anything."""

COMPLETED = frozenset({"task", "answered", "escalated", "handed_over"})
EARLY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Heard:
    """One finished call as it counts here; `cost` in US dollars, None where a price is not known."""

    voice: str
    outcome: str
    hung_up: bool
    seconds: int
    reprompts: int
    asked: int
    failed: int
    cost: float | None

    @property
    def early(self) -> bool:
        return self.hung_up and self.seconds <= EARLY_SECONDS


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that holds it in 95 of 100 cases; None of nothing."""

    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Arm:
    """One voice's calls."""

    voice: str
    calls: int
    completed: int
    early: int
    escalated: int
    seconds: tuple[int, ...]
    reprompts: tuple[int, ...]
    costs: tuple[float, ...]
    asked: int
    failed: int

    @property
    def cost(self) -> Estimate | None:
        """Dollars a call; None while a price is missing."""
        return mean(self.costs) if len(self.costs) == self.calls else None


def arm_of(voice: str, calls: Iterable[Heard]) -> Arm:
    mine = [one for one in calls if one.voice == voice]
    return Arm(
        voice=voice,
        calls=len(mine),
        completed=sum(one.outcome in COMPLETED for one in mine),
        early=sum(one.early for one in mine),
        escalated=sum(one.outcome == "escalated" for one in mine),
        seconds=tuple(one.seconds for one in mine),
        reprompts=tuple(one.reprompts for one in mine),
        costs=tuple(one.cost for one in mine if one.cost is not None),
        asked=sum(one.asked for one in mine),
        failed=sum(one.failed for one in mine),
    )


# --- Intervals -------------------------------------------------------------------------------------------------------
def share(part: int, whole: int) -> Estimate | None:
    """Wilson's interval of a share."""
    found = Share(part, whole)
    return Estimate(found.rate, *found.interval) if whole else None


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean with the interval of a bootstrap."""
    if not values:
        return None
    chance = Random(len(values))
    drawn = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(DRAWS))
    cut = round(DRAWS * 0.025)
    return Estimate(sum(values) / len(values), drawn[cut], drawn[-cut - 1])


def difference(before: tuple[int, int], after: tuple[int, int]) -> Estimate | None:
    """Newcombe's interval of how much larger the second share is; each as (part, whole)."""
    one, other = share(*before), share(*after)
    if one is None or other is None:
        return None
    point = other.point - one.point
    low = point - sqrt((other.point - other.low) ** 2 + (one.high - one.point) ** 2)
    high = point + sqrt((other.high - other.point) ** 2 + (one.point - one.low) ** 2)
    return Estimate(point, low, high)


# --- What follows ----------------------------------------------------------------------------------------------------
def must_stop(baseline: Arm, challenger: Arm) -> str:
    """Why a test ends by itself: "hang_ups" or "findings" when the new voice is surely worse in it, else ""."""
    if min(baseline.calls, challenger.calls) < LEAST_CALLS:
        return ""
    worse = {
        "hang_ups": difference((baseline.early, baseline.calls), (challenger.early, challenger.calls)),
        "findings": difference((baseline.escalated, baseline.calls), (challenger.escalated, challenger.calls)),
    }
    return next((why for why, found in worse.items() if found is not None and found.low > 0), "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to move to the new voice, and each condition with whether it is met."""

    move: bool
    conditions: tuple[tuple[str, bool], ...]


def verdict(baseline: Arm, challenger: Arm, *, agreed: bool, worth: float) -> Verdict:
    """Move only on a clear lift, at a justified cost, under an agreement. `worth`: dollars a further completed call."""
    enough = gettext("Enough calls: at least %(least)s of each voice") % {"least": LEAST_CALLS}
    paid = gettext("A justified cost: at most $%(worth)s for each further completed call") % {"worth": f"{worth:.2f}"}
    worse = gettext("No more callers hang up early, and no more calls are escalated")
    conditions = (
        (enough, _enough(baseline, challenger)),
        (gettext("A clear lift: more calls are completed, beyond chance"), _lifted(baseline, challenger)),
        (worse, not must_stop(baseline, challenger)),
        (paid, _paid(baseline, challenger, worth)),
        (gettext("A signed agreement of this clinic with the provider"), agreed),
    )
    return Verdict(all(met for _, met in conditions), conditions)


def _enough(baseline: Arm, challenger: Arm) -> bool:
    return min(baseline.calls, challenger.calls) >= LEAST_CALLS


def _lifted(baseline: Arm, challenger: Arm) -> bool:
    found = difference((baseline.completed, baseline.calls), (challenger.completed, challenger.calls))
    return found is not None and found.low > 0


def _paid(baseline: Arm, challenger: Arm, worth: float) -> bool:
    """Whether what the voice costs more is paid by the calls that it completes more; unknown prices justify nothing."""
    before, after = baseline.cost, challenger.cost
    if before is None or after is None:
        return False
    lift = Share(challenger.completed, challenger.calls).rate - Share(baseline.completed, baseline.calls).rate
    return after.point - before.point <= lift * worth


def side_by_side(baseline: Arm, challenger: Arm) -> list[tuple[str, str, str]]:
    """Every figure of both voices in words: its name, the baseline's and the challenger's."""
    return [(gettext(name), told(baseline), told(challenger)) for name, told in _FIGURES.items()]


def _percent(found: Estimate | None) -> str:
    return f"{found.point:.0%} ({found.low:.0%} to {found.high:.0%})" if found else gettext("none yet")


def _number(found: Estimate | None, unit: str = "") -> str:
    return f"{found.point:.1f}{unit} ({found.low:.1f} to {found.high:.1f})" if found else gettext("none yet")


def _dollars(found: Estimate | None) -> str:
    return f"${found.point:.4f} (${found.low:.4f} to ${found.high:.4f})" if found else gettext("no price is entered")


_FIGURES: dict[str, Callable[[Arm], str]] = {
    gettext_noop("Finished calls"): lambda arm: str(arm.calls),
    gettext_noop("Completed"): lambda arm: _percent(share(arm.completed, arm.calls)),
    gettext_noop("Hung up within 30 seconds"): lambda arm: _percent(share(arm.early, arm.calls)),
    gettext_noop("Escalated"): lambda arm: _percent(share(arm.escalated, arm.calls)),
    gettext_noop("Asked again, a call"): lambda arm: _number(mean(arm.reprompts)),
    gettext_noop("Length"): lambda arm: _number(mean(arm.seconds), " s"),
    gettext_noop("Cost, a call"): lambda arm: _dollars(arm.cost),
    gettext_noop("Sentences that failed"): lambda arm: _percent(share(arm.failed, arm.asked)),
}
