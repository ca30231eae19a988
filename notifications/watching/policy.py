"""What counts as trouble: each measure with its limit and the sentence for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from notifications.watching.objectives import OBJECTIVES


@dataclass(frozen=True, slots=True)
class Measures:
    """One look at the road of messages. Seconds are ages by the database's clock; None: never seen.

    `lag` is the age of the oldest event or delivery that is due, per lane. `dead`, `dead_lately`, `dead_urgent`,
    `unknown` and `unsettled` (unknown for too long) count deliveries per clinic, `unanswered` escalations whose ladder
    has run out, `cut_off` warnings of the last hour that conversations on handovers end after the same time.
    `halted` counts changes in waves that wait for an operator, `unkept` clinics whose nightly backups fail or are old.
    `burning` says by objective and clinic how far beyond an alarm its budget burns.
    """

    lag: Mapping[str, float] = field(default_factory=dict)
    dead: Mapping[int, int] = field(default_factory=dict)
    dead_lately: Mapping[int, int] = field(default_factory=dict)
    dead_urgent: Mapping[int, int] = field(default_factory=dict)
    unknown: Mapping[int, int] = field(default_factory=dict)
    unsettled: Mapping[int, int] = field(default_factory=dict)
    unanswered: Mapping[int, int] = field(default_factory=dict)
    cut_off: Mapping[int, int] = field(default_factory=dict)
    burning: Mapping[tuple[str, int], float] = field(default_factory=dict)
    halted: int = 0
    unkept: int = 0
    worker_seconds: float | None = None
    sweeper_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """From which value on a measure is trouble, and what a person reads then."""

    value: float
    unit: str
    sentence: str


UNANSWERED, CUT_OFF = "unanswered", "cut_off"

LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "lag.urgent": Limit(30, "s", "Urgent messages wait too long."),
        "lag.normal": Limit(90, "s", "Messages wait too long."),
        "lag.bulk": Limit(900, "s", "Bulk messages wait too long."),
        "dead": Limit(6, "messages", "Several messages within ten minutes could not be delivered."),
        "dead.urgent": Limit(1, "messages", "An urgent message could not be delivered."),
        "unknown": Limit(1, "messages", "For ten minutes nobody has found out whether a message arrived."),
        UNANSWERED: Limit(1, "escalations", "Nobody of a clinic answers an emergency: the whole ladder was asked."),
        CUT_OFF: Limit(1, "warnings", "Conversations with people of a clinic end after the same time, as if cut."),
        "change": Limit(1, "changes", "A change in waves has halted and waits for an operator."),
        "backups": Limit(1, "clinics", "Clinics have no backup of last night, or theirs fail again and again."),
        "worker": Limit(90, "s", "No worker has delivered a canary lately."),
        "sweeper": Limit(30, "s", "The sweeper has not finished a pass lately."),
        **{f"slo.{name}": Limit(1, "times what its budget bears", one.burning) for name, one in OBJECTIVES.items()},
    }
)
"""Lag, dead urgent messages and silence are noticed within 90 s of their beginning."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One measure beyond its limit; `clinic` is None for the platform as a whole."""

    name: str
    value: float
    clinic: int | None = None

    @property
    def key(self) -> tuple[str, int | None]:
        return self.name, self.clinic


def troubles(measures: Measures) -> list[Trouble]:
    """Everything that is beyond its limit, the same measures always in the same order."""
    return [found for found in _all(measures) if found.value >= LIMITS[found.name].value]


def _all(measures: Measures) -> Iterator[Trouble]:
    for lane, seconds in measures.lag.items():
        yield Trouble(f"lag.{lane}", seconds)
    per_clinic = {
        "dead": measures.dead_lately,
        "dead.urgent": measures.dead_urgent,
        "unknown": measures.unsettled,
        UNANSWERED: measures.unanswered,
        CUT_OFF: measures.cut_off,
    }
    for name, counts in per_clinic.items():
        for clinic, count in counts.items():
            yield Trouble(name, count, clinic)
    for (name, clinic), beyond in measures.burning.items():
        yield Trouble(f"slo.{name}", beyond, clinic)
    yield Trouble("change", measures.halted)
    yield Trouble("backups", measures.unkept)
    for name, seconds in (("worker", measures.worker_seconds), ("sweeper", measures.sweeper_seconds)):
        if seconds is not None:  # one that never came is a start that failed: /readyz says so
            yield Trouble(name, seconds)
