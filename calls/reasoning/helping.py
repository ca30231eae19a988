"""Where the rules left something open and the clinic allows it, a model's proposal joins them; else nothing changes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from calls.dialogue import waiting
from calls.dialogue.house import House
from calls.dialogue.state import State
from calls.dialogue.types import FindingKind, Heard, Meaning, Verdict
from calls.reasoning import asking
from calls.reasoning.asking import Understood
from calls.reasoning.proposals import with_danger, with_proposal


@dataclass(frozen=True, slots=True)
class Thought:
    """What was made of the words: by the rules alone where `by` is "", else with the model it names.

    `waits` says that a model is still asked: the turn says so and is answered in the next one. `model_ms` is how long
    this turn waited for one.
    """

    verdict: Verdict
    meaning: Meaning
    by: str = ""
    waits: bool = False
    model_ms: int = 0


def help_rules(
    thought: Thought, *, call_id: UUID, before: State, state: State, heard: Heard, house: House, now: datetime
) -> Thought:
    """Return the rules' thought, or what came of asking a model about `heard`, which is said in `state`.

    `before` is the state with what it holds: words that it holds were asked about in the turn before, and only what
    came meanwhile is collected. A slow answer is left for the next turn.
    """
    if not waiting.worth_asking(state, heard, thought.meaning, thought.verdict):
        return thought
    began = time.monotonic()
    if before.held:
        left = datetime.fromisoformat(before.held_until) - now
        helped = _joined(thought, asking.collect(call_id, left.total_seconds()), state, heard, house, now)
        return replace(helped, model_ms=_since(began))
    asked = asking.begin(call_id, question(state, heard, house))
    if asked is None:
        return thought
    if not asked.wait(asking.PATIENCE_SECONDS):
        return replace(thought, waits=True, model_ms=_since(began))
    return replace(_joined(thought, asked.proposal(), state, heard, house, now), model_ms=_since(began))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def question(state: State, heard: Heard, house: House) -> dict[str, Any]:
    """All that a model is told of a call: these words and what they answer. No name, number or earlier word."""
    return {
        "caller_said": heard.words,
        "language": state.lang.value,
        "asked_for": state.asking or "",
        "topics": sorted({topic for topic, lang in house.facts if lang == state.lang}),
    }


def _joined(
    thought: Thought, understood: Understood | None, state: State, heard: Heard, house: House, now: datetime
) -> Thought:
    if understood is None:
        return thought
    verdict = with_danger(thought.verdict, understood.proposal)
    if verdict.has(FindingKind.EMERGENCY, FindingKind.CRISIS):
        return Thought(verdict, Meaning(), understood.by)
    topics = {topic for topic, lang in house.facts if lang == state.lang}
    meaning = with_proposal(thought.meaning, understood.proposal, heard.words, topics=topics, lang=state.lang, now=now)
    return Thought(verdict, meaning, understood.by)
