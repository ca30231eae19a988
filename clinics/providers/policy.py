"""When a provider is left alone for a while, and who may try it again. Pure: time comes in as seconds since 1970.

Open after 5 failures in a row, or after failures in half of the last 20 requests, of the last 30 seconds. Open for
30 seconds, twice as long each time it opens again, at most 5 minutes; then one request of all processes tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

WINDOW_SECONDS = 30.0
KEPT = 20
OPENS_AFTER = 5
OPENS_AFTER_ALONE = 2
"""The same where the other processes' failures cannot be seen."""

OPEN_SECONDS = 30.0
LONGEST_OPEN_SECONDS = 300.0
PROBE_SECONDS = 20.0
"""How long a probe may take before somebody else tries: longer than any provider is waited for."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of one provider: its last requests as (when, whether it answered), and until when it is left alone.

    `open_until` is 0 while it is asked as usual, `opened` counts the openings in a row, `probing_until` is when a
    request that tries it again counts as lost.
    """

    recent: tuple[tuple[float, bool], ...] = ()
    open_until: float = 0.0
    opened: int = 0
    probing_until: float = 0.0

    @property
    def closed(self) -> bool:
        return not self.open_until

    def to_json(self) -> dict[str, Any]:
        recent = [[round(when, 3), ok] for when, ok in self.recent]
        return {"recent": recent, "open": self.open_until, "opened": self.opened, "probing": self.probing_until}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Breaker:
        recent = tuple((float(when), bool(ok)) for when, ok in data["recent"])
        return cls(recent, float(data["open"]), int(data["opened"]), float(data["probing"]))


def admit(breaker: Breaker, now: float) -> tuple[Breaker, bool]:
    """Whether a request may leave now; the breaker changes when it leaves as the probe."""
    if breaker.closed:
        return breaker, True
    if now < breaker.open_until or now < breaker.probing_until:
        return breaker, False
    return replace(breaker, probing_until=now + PROBE_SECONDS), True


def note(breaker: Breaker, *, answered: bool, now: float, alone: bool = False) -> Breaker:
    """The breaker after a request; of one that is open only the probe's end counts. `alone`: judged by one process."""
    if not breaker.closed:
        return _probed(breaker, answered, now) if now < breaker.probing_until else breaker
    kept = tuple(one for one in breaker.recent if one[0] > now - WINDOW_SECONDS)
    recent = (*kept, (now, answered))[-KEPT:]
    if _too_many(recent, OPENS_AFTER_ALONE if alone else OPENS_AFTER):
        return Breaker(open_until=now + OPEN_SECONDS, opened=1)
    return Breaker(recent=recent)


def _probed(breaker: Breaker, answered: bool, now: float) -> Breaker:
    if answered:
        return Breaker()
    longer = min(OPEN_SECONDS * 2**breaker.opened, LONGEST_OPEN_SECONDS)
    return Breaker(open_until=now + longer, opened=breaker.opened + 1)


def _too_many(recent: tuple[tuple[float, bool], ...], in_a_row: int) -> bool:
    ends = [ok for _, ok in recent]
    if len(ends) >= in_a_row and not any(ends[-in_a_row:]):
        return True
    return len(ends) == KEPT and ends.count(False) * 2 >= KEPT
