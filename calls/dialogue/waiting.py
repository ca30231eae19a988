"""A turn that waits: the phone says so at once, keeps what it heard, and answers in the turn that follows.

Only for words without danger whose meaning somebody slower is asked for. The words stand in the state, so no lost
process, cache or network loses them: without an answer in time the rules decide alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from calls.dialogue import forms, wording
from calls.dialogue.control import cut_short
from calls.dialogue.reply import Decision, Listen, Reply, Then
from calls.dialogue.state import State, Step
from calls.dialogue.types import FindingKind, Heard, Intent, Meaning, Verdict

BUDGET = timedelta(seconds=2.5)
"""From the caller's last word to the end of all waiting."""

HARMLESS = frozenset({FindingKind.MEDICAL_ADVICE, FindingKind.TEST_RESULT, FindingKind.MEDICATION})
"""Findings beside which somebody slower may be asked; with any other the rules answer at once."""

SAYS = "wait.moment"
"""The sentence that bridges the silence, once for one answer of the caller's."""

_LISTEN = Listen(digits=1, timeout=1)
"""While waiting the phone listens on: zero reaches a person, and what is said more belongs to what was said."""


def worth_asking(state: State, heard: Heard, meaning: Meaning, verdict: Verdict) -> bool:
    """Tell whether the rules left something open in this answer that a model could understand."""
    if not heard.words or heard.digits or meaning.controls or any(one.kind not in HARMLESS for one in verdict.findings):
        return False
    match state.step:
        case Step.ROUTE | Step.MORE:
            return meaning.intent is Intent.UNCLEAR and not cut_short(state, heard)
        case Step.ASK:
            if state.asking is None or state.asking in forms.FREE_TEXT or meaning.intent is not Intent.UNCLEAR:
                return False
            value = meaning.slots.get(state.asking)
            return value is None or value.confidence < forms.READABLE
        case _:
            return False


def hold(state: State, heard: Heard, now: datetime) -> Decision:
    """The turn that says "one moment": nothing is decided, and the words are kept."""
    kept = state.but(
        n=state.n + 1, held=heard.words, held_confidence=heard.confidence, held_until=(now + BUDGET).isoformat()
    )
    said = wording.speak(SAYS, state.lang)
    return Decision(kept, Reply((said,), Then.LISTEN, state.lang, _LISTEN))


def goes_on(reply: Reply) -> bool:
    """Whether the answer to what was said is still to come, and the caller need not say anything for it."""
    return [one.key for one in reply.say] == [SAYS]


def released(state: State, heard: Heard) -> tuple[State, Heard]:
    """The state without what it holds, and what the caller said in all: the held words and those since."""
    if not state.held:
        return state, heard
    sure = [one for one in (state.held_confidence, heard.confidence if heard.words else None) if one is not None]
    together = replace(heard, words=f"{state.held} {heard.words}".strip(), confidence=min(sure, default=None))
    return state.but(held="", held_confidence=None, held_until=""), together
