"""What follows from a try: sent, again later, given up. Pure: chance comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 7200, 18000)
LOST_LEASES_TO_DIE = 3


class Result(StrEnum):
    """How a try ended, as far as the sender can know."""

    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """One try's end: a result and a code, never a provider's words."""

    result: Result
    code: str = ""


@dataclass(frozen=True)
class Next:
    """The state a delivery takes and, where it stays due, in how many seconds it is due again."""

    state: str
    after_seconds: float = 0.0


def backoff(attempt: int, *, chance: float) -> float:
    """Seconds until the next try after try number `attempt`, spread by a fifth either way."""
    step = BACKOFF_SECONDS[min(max(attempt, 1), len(BACKOFF_SECONDS)) - 1]
    return step * (0.8 + 0.4 * chance)


def after(outcome: Outcome, *, attempts: int, max_attempts: int, chance: float) -> Next:
    """The state that follows a finished try."""
    match outcome.result:
        case Result.SENT:
            return Next("sent")
        case Result.REFUSED:
            return Next("dead")
        case Result.UNKNOWN:
            return Next("unknown", 120.0)
        case Result.RETRY if attempts >= max_attempts:
            return Next("dead")
        case Result.RETRY:
            return Next("pending", backoff(attempts, chance=chance))
    raise ValueError(f"A try cannot end as {outcome.result!r}.")
