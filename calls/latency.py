"""How long a caller waited between the end of his words and the first sound of the answer, by stage. Pure.

`webhook`, `model` and `speech` are measured here. The others happen at the telephone network, which reports none of
them: they are estimates, the same for every call, and the pages say so. They are written down with each turn, so that
better estimates later do not change what an old call shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinics.words import gettext, gettext_noop

RECOGNISER_MS = 1000
"""Silence until the recogniser believes that a sentence is over, with speechTimeout="auto". Keys have none."""

TRANSPORT_MS = 120
"""The request's way to us and the answer's way back, between data centres of one continent."""

SAY_MS = 250
"""Until the telephone network's own voice begins."""

PLAY_MS = 150
"""Until a clip begins that the network has to fetch."""

STAGES: Mapping[str, str] = {
    "recogniser": gettext_noop("Recogniser waits"),
    "transport": gettext_noop("Way there and back"),
    "webhook": gettext_noop("Rules decide"),
    "model": gettext_noop("Model"),
    "speech": gettext_noop("Voice is made"),
    "start": gettext_noop("Sound begins"),
}
"""In the order in which they pass."""

MEASURED = frozenset({"webhook", "model", "speech"})


@dataclass(frozen=True, slots=True)
class Wait:
    """One stage of one turn."""

    stage: str
    milliseconds: int

    @property
    def label(self) -> str:
        return gettext(STAGES[self.stage])

    @property
    def estimated(self) -> bool:
        return self.stage not in MEASURED


def stages_of(*, spoke: bool, webhook_ms: int, model_ms: int = 0) -> dict[str, int]:
    """The stages of a turn whose answer the network's own voice speaks."""
    return {
        "recogniser": RECOGNISER_MS if spoke else 0,
        "transport": TRANSPORT_MS,
        "webhook": max(0, webhook_ms - model_ms),
        "model": model_ms,
        "speech": 0,
        "start": SAY_MS,
    }


def with_voice(stages: Mapping[str, int], *, speech_ms: int, played_first: bool) -> dict[str, int]:
    """The same turn when a provider's voice was asked for; `played_first`: the first sentence is a clip."""
    return {**stages, "speech": speech_ms, "start": PLAY_MS if played_first else SAY_MS}


def waits(stages: Mapping[str, int]) -> list[Wait]:
    """The stages of a turn in their order."""
    return [Wait(stage, int(stages[stage])) for stage in STAGES if stage in stages]


def heard_after(stages: Mapping[str, int]) -> int:
    """Milliseconds from the end of the caller's words to the first sound."""
    return sum(int(stages[stage]) for stage in STAGES if stage in stages)
