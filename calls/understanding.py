"""What an utterance means, by the embedded rules. Any doubt is "unclear", which the dialogue knows how to ask about."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from calls.dialogue import language
from calls.dialogue.state import State, Step
from calls.dialogue.types import Control, FindingKind, Heard, Intent, Lang, Meaning, Verdict

OTHER = {Lang.EN: Lang.ES, Lang.ES: Lang.EN}
SWITCHES = {Lang.EN: Control.WANT_ENGLISH, Lang.ES: Control.WANT_SPANISH}
SURE_OF_LANGUAGE = 0.7


def understand(state: State, heard: Heard, verdict: Verdict) -> Meaning:
    """The meaning of what was heard in this state; nothing is understood from keys or silence."""
    if not heard.words or verdict.has(FindingKind.EMERGENCY, FindingKind.CRISIS):
        return Meaning()
    now = timezone.localtime()
    expecting = state.asking if state.step in (Step.ASK, Step.CONFIRM) else None
    meaning = language.understand(heard.words, lang=state.lang, now=now, expecting=expecting)
    if state.step is Step.ROUTE and meaning.intent is Intent.UNCLEAR and not meaning.controls:
        return _in_other_language(state, heard, now, meaning)
    return meaning


def _in_other_language(state: State, heard: Heard, now, meaning: Meaning) -> Meaning:  # noqa: ANN001
    """A caller who simply starts in the other language has asked for it."""
    other = OTHER[state.lang]
    again = language.understand(heard.words, lang=other, now=now)
    if again.intent is Intent.UNCLEAR or again.confidence < SURE_OF_LANGUAGE:
        return meaning
    return replace(again, controls=again.controls | {SWITCHES[other]})
