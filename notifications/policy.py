"""What follows from a try: sent, again later, given up. Pure: chance comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 7200, 18000)
LOST_LEASES_TO_DIE = 3
SETTLE_SECONDS = 120.0
MOST_RESENDS = 1  # of what is not known and was not found at the provider


class Result(StrEnum):
    """How a try ended, as far as the sender can know."""

    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CANCELLED = "cancelled"  # nobody is to hear it any more, or nobody can
    HELD = "held"  # not now, for a reason of ours: it counts as no try


@dataclass(frozen=True)
class Outcome:
    """One try's end: a result and a code, never a provider's words.

    `wait_seconds` is the least that the provider, or our own rule, wants to be left alone for.
    """

    result: Result
    code: str = ""
    wait_seconds: float = 0.0
    provider_id: str = ""
    http_status: int | None = None


@dataclass(frozen=True)
class Next:
    """The state a delivery takes and, where it stays due, in how many seconds it is due again."""

    state: str
    after_seconds: float = 0.0


def backoff(attempt: int, *, chance: float) -> float:
    """Seconds until the next try after try number `attempt`, spread by a fifth either way."""
    step = BACKOFF_SECONDS[min(max(attempt, 1), len(BACKOFF_SECONDS)) - 1]
    return step * (0.8 + 0.4 * chance)


def after(outcome: Outcome, *, attempts: int, max_attempts: int, chance: float, ask_first: bool = True) -> Next:
    """The state that follows a finished try. `ask_first`: what is not known is asked for before it is sent again."""
    match outcome.result:
        case Result.SENT:
            return Next("sent")
        case Result.REFUSED:
            return Next("dead")
        case Result.CANCELLED:
            return Next("cancelled")
        case Result.HELD:
            return Next("pending", outcome.wait_seconds)
        case Result.UNKNOWN if ask_first:
            return Next("unknown", SETTLE_SECONDS)
        case Result.RETRY | Result.UNKNOWN if attempts >= max_attempts:
            return Next("dead")
        case Result.RETRY | Result.UNKNOWN:
            return Next("pending", max(backoff(attempts, chance=chance), outcome.wait_seconds))
    raise ValueError(f"A try cannot end as {outcome.result!r}.")


def look_again(waited_seconds: float) -> float:
    """Seconds until the provider's list is asked again when it did not answer: half as long as it went on already."""
    return min(max(waited_seconds / 2, 30.0), 600.0)
