"""When a change in waves halts by itself: figures of the clinics that have it, held against the same before. Pure.

A share of something bad halts a change when it is above what is bad anywhere, and above so many times what it was
before, in one clinic or in all that have the change together; and when there are enough of them to say so. A missed
emergency halts it whatever was before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

CALLS = "calls"
"""How many calls there were: judged by nobody, but a wave that had none has shown nothing."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many bad ones of all."""

    bad: int = 0
    all: int = 0

    @property
    def share(self) -> float:
        return self.bad / self.all if self.all else 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.bad + other.bad, self.all + other.all)


@dataclass(frozen=True, slots=True)
class Guardrail:
    """`least` bad ones, a share above `above`, and above `times` the share of before: then it halts."""

    family: str
    sentence: str
    least: int
    above: float = 0.0
    times: float = 2.0


GUARDRAILS: Mapping[str, Guardrail] = MappingProxyType(
    {
        "missed": Guardrail("safety", "Reviewers found an emergency that was missed.", least=1, times=0),
        "false_alarms": Guardrail("safety", "More alarms than before were false.", least=3, above=0.2),
        "failed_turns": Guardrail("latency", "More turns of calls fail than before.", least=3, above=0.005),
        "slow_turns": Guardrail("latency", "More callers than before wait too long for answers.", least=5, above=0.02),
        "distress": Guardrail("complaint", "More callers than before are in distress.", least=3, above=0.03),
        "stuck": Guardrail("complaint", "More callers than before are not understood.", least=3, above=0.1),
        "person": Guardrail(
            "complaint", "More callers than before ask for a person.", least=5, above=0.2, times=1.5
        ),
        "hung_up": Guardrail("complaint", "More callers than before hang up.", least=5, above=0.15, times=1.5),
    }
)  # fmt: skip

Figures = Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Tripped:
    """A guardrail that was met; `clinic` is "" when it were all together."""

    name: str
    clinic: str
    now: Tally
    before: Tally


def trips(rail: Guardrail, now: Tally, before: Tally) -> bool:
    """Whether this is bad enough to stop for."""
    if now.bad < rail.least:
        return False
    return rail.times == 0 or now.share > max(rail.above, rail.times * before.share)


def judge(clinics: Mapping[str, tuple[Figures, Figures]]) -> Tripped | None:
    """The first guardrail that is met, safety first, by the figures (since, before) of each clinic."""
    together = together_of(since for since, _ in clinics.values()), together_of(calm for _, calm in clinics.values())
    for name, rail in GUARDRAILS.items():
        for clinic, (since, calm) in [*clinics.items(), ("", together)]:
            now, before = since.get(name, Tally()), calm.get(name, Tally())
            if trips(rail, now, before):
                return Tripped(name, clinic, now, before)
    return None


def together_of(figures: Iterable[Figures]) -> dict[str, Tally]:
    """The figures of several clinics as one's."""
    total: dict[str, Tally] = {}
    for one in figures:
        for name, tally in one.items():
            total[name] = total.get(name, Tally()) + tally
    return total


def told(tripped_by: str, figures: Mapping[str, Iterable[int]]) -> str:
    """The figures that halted a change, in words: "4 of 20, before 1 of 200"."""
    if tripped_by not in GUARDRAILS:
        return ""
    parts = ["{} of {}".format(*figures[when]) for when in ("now", "before") if when in figures]
    return ", before ".join(parts)
