"""How the machine did: how long callers waited and for what, which providers failed, which ways were open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy

from analytics import tallies
from analytics.rolling import Numbers


def answer_times(counted: Numbers) -> list[tuple[date, float | None, float | None]]:
    """Per day, how long the telephone thought about an answer: median and 95th percentile in milliseconds."""
    return [(day, *tallies.percentiles(counted.on(day, "turn_ms"), 0.5, 0.95)) for day in counted.span.dates]


def thought(counted: Numbers) -> float | None:
    """Within how many milliseconds the telephone thought out 95 of 100 answers of a span."""
    return tallies.percentile(counted.of("turn_ms"), 0.95)


def heard(counted: Numbers) -> list[float | None]:
    """From the caller's last word to the first sound of an answer, partly estimated: median and 95th percentile."""
    return tallies.percentiles(counted.of("heard_ms"), 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an answer, in milliseconds. `asked` and `failed` are requests to providers, where it has any.

    `p50` and `p95` are what answers waited, `provider_*` how long the requests took that succeeded: a sentence that is
    kept is asked of nobody, and a slow provider is not waited for.
    """

    name: str
    label: str
    answers: int
    p50: float | None
    p95: float | None
    asked: int = 0
    provider_p50: float | None = None
    provider_p95: float | None = None
    failed: int = 0


STAGES = {
    "webhook": gettext_lazy("Rules decide"),
    "model": gettext_lazy("Model"),
    "speech": gettext_lazy("Voice is made"),
    "recognition": gettext_lazy("Speech recognition"),
}
"""What is measured here. The recogniser's own time happens at the telephone network, which does not tell it."""


def stages(counted: Numbers) -> list[Stage]:
    """Each stage that took time in a span, and what failed in it."""
    waited, trouble = counted.beginning("stage_ms "), counted.beginning("trouble ")
    found = []
    for name, label in STAGES.items():
        times, asked = waited.get(name, {}), counted.of("asked").get(name, 0)
        if times or asked:
            failed = tallies.number(trouble.get(name, {}))
            p50, p95 = tallies.percentiles(times, 0.5, 0.95)
            took = tallies.percentiles(counted.of(f"asked_ms {name}"), 0.5, 0.95)
            found.append(Stage(name, str(label), tallies.number(times), p50, p95, asked, *took, failed=failed))
    return found


def troubles(counted: Numbers) -> list[tuple[str, str, int]]:
    """What went wrong at providers: the stage, the code of the failure, how often."""
    found = counted.beginning("trouble ")
    rows = [(stage, code, number) for stage, codes in found.items() for code, number in codes.items()]
    return sorted(rows, key=lambda row: (-row[2], row[:2]))
