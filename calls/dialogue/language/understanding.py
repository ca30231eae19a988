"""One utterance to its meaning: intents, control words and every answer it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from calls.dialogue.language import medications
from calls.dialogue.language.controls import read_controls
from calls.dialogue.language.intents import Wanted, read_intents
from calls.dialogue.language.phrasebook import Phrasebook, load
from calls.dialogue.language.scorer import decide
from calls.dialogue.language.slots import FREE, Hearing, offer_reason, place_times, read_one, read_slots, settle
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Control, Field, Intent, Meaning, Value

_FIRM = 0.75
"""From this confidence an answer is an answer even beside a new request; below it the words were the request."""
_FEW = 7
"""Up to this many words, "no thank you that's all" is all that is said."""
_BESIDE_CONTROLS = 0.8
"""From this chance few words were a request all the same: "sí, prográmela", "qué dijo la biopsia"."""
_ABOUT = {
    Field.MEDICATION: frozenset({Intent.REFILL, Intent.MEDICAL_ADVICE}),
    Field.PHARMACY: frozenset({Intent.REFILL}),
    Field.TEST_NAME: frozenset({Intent.TEST_RESULT}),
    Field.PREFERRED_TIME: frozenset({Intent.APPOINTMENT, Intent.CALLBACK}),
    Field.APPOINTMENT_WHEN: frozenset({Intent.APPOINTMENT}),
    Field.DOCTOR: frozenset({Intent.APPOINTMENT}),
    Field.APPOINTMENT_CHANGE: frozenset({Intent.APPOINTMENT, Intent.CANCEL_APPOINTMENT}),
}
"""The intents that an ordinary answer to a field sounds like without being a change of mind."""


def understand(words: str, *, lang: str, now: datetime, expecting: Field | None = None) -> Meaning:
    """Return what `words` mean. `now` is aware, in the clinic's zone; `expecting` is the field just asked for.

    While a field is expected, an intent is given only for a change of mind. Any input is accepted, never raises;
    beyond text.MAX_CHARS characters nothing is read.
    """
    text = read(words)
    if not len(text):
        return Meaning()
    book = load(lang)
    spans = concepts(text, book)
    hearing = Hearing(text.raw, text, book.lang, now, book, spans)
    controls = read_controls(text, book, spans)
    wanted = read_intents(text, book, spans)
    if expecting is None:
        weighed = decide(wanted, text, book, spans)
        if weighed.confidence >= _BESIDE_CONTROLS or not _only_controls(wanted, controls, text):
            wanted = weighed
    slots = read_slots(hearing, expecting, controls)
    settle(slots, wanted, controls, expecting)
    place_times(slots, wanted, hearing, expecting)
    if expecting:
        wanted = _change_of_mind(wanted, hearing, expecting, slots)
        if wanted.intent is not Intent.UNCLEAR and expecting in slots and slots[expecting].confidence < _FIRM:
            del slots[expecting]  # words kept only because something was expected were the new request
    elif Field.REASON not in slots:
        offer_reason(slots, wanted, hearing)
    if Control.ARE_YOU_A_BOT in controls and wanted.intent is Intent.HUMAN_REQUEST and wanted.confidence < 0.99:
        wanted = _unless_asked(wanted, hearing)
    return Meaning(wanted.intent, wanted.confidence, controls, slots, wanted.topic, wanted.others)


def read_field(field: Field, words: str, *, lang: str, now: datetime) -> Value | None:
    """Return what `words` say when they are known to answer `field`; None when no reader finds it in them."""
    text, book = read(words), load(lang)
    return read_one(Hearing(text.raw, text, book.lang, now, book, concepts(text, book)), field)


def _only_controls(wanted: Wanted, controls: frozenset[Control], text: Text) -> bool:
    """Tell whether the words were to the machine itself: "no, that's all", "hold on"."""
    return wanted.intent is Intent.UNCLEAR and bool(controls) and (len(text) <= _FEW or Control.CORRECTION in controls)


def concepts(text: Text, book: Phrasebook) -> dict[str, list[tuple[int, int]]]:
    """Return the concepts of `text`, medicines of the shipped list among them."""
    spans = book.lexicon.spans(text)
    drugs = [(start, end) for start, end, _ in medications.listed(text)]
    if drugs:
        spans["medicine"] = sorted([*spans.get("medicine", []), *drugs])
    return spans


def _change_of_mind(wanted: Wanted, hearing: Hearing, expecting: Field, slots: Mapping[Field, Value]) -> Wanted:
    """Return the intent only where the caller turns away from the question asked.

    An answer often sounds like a request ("for my refill", "tuesday appointment"). It is one only when it is told as
    one ("actually", "instead", "I want to cancel"), or holds no answer to the question at all.
    """
    if wanted.intent is Intent.UNCLEAR:
        return wanted
    turned = bool(hearing.spans.get("turn"))
    if wanted.intent is Intent.HUMAN_REQUEST and wanted.confidence >= 0.9 and expecting is not Field.DOCTOR:
        return wanted
    if wanted.intent in _ABOUT.get(expecting, ()) and not (turned and hearing.spans.get("request")):
        return Wanted()
    requested = bool(hearing.spans.get("request")) and wanted.confidence >= 0.85
    if expecting in FREE:
        return wanted if turned and requested else Wanted()
    answered = expecting in slots and slots[expecting].confidence >= 0.6
    if turned or not answered:
        return wanted if wanted.confidence >= 0.6 and (requested or turned or wanted.confidence >= 0.9) else Wanted()
    return replace(wanted, confidence=min(wanted.confidence, 0.9)) if requested else Wanted()


def _unless_asked(wanted: Wanted, hearing: Hearing) -> Wanted:
    """Drop a human request that is only the question "am I talking to a real person?"."""
    claimed = wanted.claims.get(Intent.HUMAN_REQUEST, 0.0)
    return wanted if claimed and hearing.spans.get("request") else Wanted()
