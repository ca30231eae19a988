"""What an utterance means, by the embedded rules: danger first, then meaning. Pure today; a model may join it.

Any doubt is "unclear", which the dialogue knows how to ask about.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from calls.dialogue import language, safety, voice
from calls.dialogue.state import State, Step
from calls.dialogue.types import Control, Finding, FindingKind, Heard, Intent, Lang, Meaning, Verdict

OTHER = {Lang.EN: Lang.ES, Lang.ES: Lang.EN}
SWITCHES = {Lang.EN: Control.WANT_ENGLISH, Lang.ES: Control.WANT_SPANISH}
SURE_OF_LANGUAGE = 0.7


def judge(state: State, heard: Heard, now: datetime, added: tuple[safety.Added, ...] = ()) -> tuple[Verdict, Meaning]:
    """The verdict of the safety rules on what was heard, and its meaning; `now` is on the clinic's wall clock."""
    verdict = find_danger(state, heard, added)
    return verdict, understand(state, heard, verdict, now)


def find_danger(state: State, heard: Heard, added: tuple[safety.Added, ...] = ()) -> Verdict:
    """What the rules, and what a clinic `added` to them, find in the words, judged with those said just before."""
    if not heard.words:
        return Verdict(version=safety.rules_version())
    asked = state.clarify if state.step is Step.CLARIFY else ""
    verdict = safety.find(
        heard.words, lang=state.lang, confidence=heard.confidence, earlier=state.earlier, asked=asked, added=added
    )
    return _with_strain(verdict, state, heard)


def _with_strain(verdict: Verdict, state: State, heard: Heard) -> Verdict:
    """Add distress that is in the manner, where the words say nothing worse."""
    if verdict.has(FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT, FindingKind.DISTRESS):
        return verdict
    reason = voice.strain(heard.words, earlier=state.earlier)
    if not reason:
        return verdict
    found = Finding(FindingKind.DISTRESS, f"{state.lang}.distress", reason)
    return replace(verdict, findings=(found, *verdict.findings))


def understand(state: State, heard: Heard, verdict: Verdict, now: datetime) -> Meaning:
    """The meaning of what was heard in this state; nothing is understood from keys or silence."""
    if not heard.words or verdict.has(FindingKind.EMERGENCY, FindingKind.CRISIS):
        return Meaning()
    expecting = state.asking if state.step in (Step.ASK, Step.CONFIRM) else None
    meaning = language.understand(heard.words, lang=state.lang, now=now, expecting=expecting)
    asks_for_other = meaning.says(SWITCHES[OTHER[state.lang]])
    if (
        state.step in (Step.ROUTE, Step.CONSENT)
        and meaning.intent is Intent.UNCLEAR
        and (asks_for_other or not meaning.controls)
    ):
        return _in_other_language(state, heard, now, meaning)
    return meaning


def _in_other_language(state: State, heard: Heard, now: datetime, meaning: Meaning) -> Meaning:
    """A caller who simply starts in the other language has asked for it."""
    other = OTHER[state.lang]
    again = language.understand(heard.words, lang=other, now=now)
    if again.intent is Intent.UNCLEAR or again.confidence < SURE_OF_LANGUAGE:
        return meaning
    return replace(again, controls=again.controls | {SWITCHES[other]})
