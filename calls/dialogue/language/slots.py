"""Every answer that one utterance holds, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from calls.dialogue.language.births import read_birth_date
from calls.dialogue.language.changes import read_change
from calls.dialogue.language.dates import MONTHS
from calls.dialogue.language.doctors import read_doctor
from calls.dialogue.language.examinations import read_test
from calls.dialogue.language.intents import Wanted
from calls.dialogue.language.medications import read_medication
from calls.dialogue.language.names import read_name
from calls.dialogue.language.numbers import figures
from calls.dialogue.language.pharmacies import read_pharmacy
from calls.dialogue.language.phones import read_phone
from calls.dialogue.language.phrasebook import Phrasebook, Spans
from calls.dialogue.language.text import Text, read
from calls.dialogue.language.times import read_move, read_time
from calls.dialogue.types import Control, Field, Intent, Value

_TURNS = tuple((word,) for word in ["i", "id", "im", "need", "can", "could", "quiero", "necesito", "quisiera", "me"])
_GLUE = frozenset(
    ["is", "on", "the", "of", "in", "de", "del", "el", "la", "es", "and", "y", "was", "date", "my", "mi", "fecha", "en"]
)
FREE = frozenset({Field.REASON, Field.QUESTION})
"""Fields whose answer is any words at all."""
_NAMES_OF_SOMETHING = frozenset({Field.TEST_NAME, Field.MEDICATION, Field.PHARMACY})
"""Fields whose answer is a name of something, which any short answer may be."""
_IN_A_LIST = 0.65
"""From this confidence such a name is one of a shipped list."""
_REASON_WORDS, _DENIES = 20, 8
"""Words of a reason from what it names on, and how far before that a "not" still is of it."""
_BOOKING = frozenset({Intent.APPOINTMENT, Intent.CANCEL_APPOINTMENT})
_ONLY_WITH = {
    Field.TEST_NAME: frozenset({Intent.TEST_RESULT}),
    Field.APPOINTMENT_CHANGE: _BOOKING,
    Field.PREFERRED_TIME: _BOOKING | {Intent.CALLBACK, Intent.UNCLEAR, Intent.REFILL, Intent.HUMAN_REQUEST},
}
"""Fields that are kept unasked only beside these intents."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that the slot readers may look at."""

    words: str
    text: Text
    lang: str
    now: datetime
    book: Phrasebook
    spans: Spans


def read_slots(hearing: Hearing, expecting: Field | None, controls: frozenset[Control]) -> dict[Field, Value]:
    """Read every field; the expected one is allowed to be a bare answer."""
    slots: dict[Field, Value] = {}
    deaf = expecting and controls & {
        Control.WAIT,
        Control.REPEAT,
        Control.DONT_KNOW,
        Control.START_OVER,
        Control.ARE_YOU_A_BOT,
    }
    deaf = deaf or _hollow(hearing, expecting).issuperset(hearing.text.words)
    for field, reader in _READERS.items():
        value = reader(hearing, field is expecting and not deaf)
        if value:
            slots[field] = value
    if expecting in _NAMES_OF_SOMETHING and _tells_who_instead(slots, slots.get(expecting)):
        del slots[expecting]
    if expecting in FREE and not deaf:
        value = _free(hearing)
        if value:
            slots[expecting] = value
    if expecting is Field.DATE_OF_BIRTH and Field.DATE_OF_BIRTH in slots:
        slots.pop(Field.PREFERRED_TIME, None)
    return slots


def _tells_who_instead(slots: Mapping[Field, Value], value: Value | None) -> bool:
    """Whether a value is only made of the words in which a caller said who it is for: "this is Ann Miller"."""
    if value is None:
        return False
    name = slots.get(Field.PATIENT_NAME)
    named = name is not None and not {*read(value.text).words}.isdisjoint(read(name.text).words)
    return named or (Field.DATE_OF_BIRTH in slots and value.confidence < _IN_A_LIST)


def read_one(hearing: Hearing, field: Field) -> Value | None:
    """Read one field as if it had been asked for."""
    return _READERS[field](hearing, True)


def _hollow(hearing: Hearing, expecting: Field | None) -> frozenset[str]:
    """Return the words that are no answer alone; "the same" is one only to which pharmacy."""
    hollow = hearing.book.sets["empty"]["words"]
    return hollow - hearing.book.sets["pharmacy"]["same"] if expecting is Field.PHARMACY else hollow


def settle(slots: dict[Field, Value], wanted: Wanted, controls: frozenset[Control], expecting: Field | None) -> None:
    """Drop unasked values that only the sentence's wording suggested: a day in "are you open on Saturday"."""
    intents = {wanted.intent, *wanted.others}
    for field, fits in _ONLY_WITH.items():
        if field in slots and field is not expecting and not intents & fits:
            del slots[field]
    if expecting is not Field.PREFERRED_TIME and controls & {Control.NOTHING_ELSE, Control.GOODBYE}:
        slots.pop(Field.PREFERRED_TIME, None)  # "that's all for today"


def place_times(slots: dict[Field, Value], wanted: Wanted, hearing: Hearing, expecting: Field | None) -> None:
    """Tell the appointment's own time from the wished one: "move my Tuesday appointment to Friday"."""
    if expecting in (Field.PREFERRED_TIME, Field.APPOINTMENT_WHEN) or Field.PREFERRED_TIME not in slots:
        return
    change = slots.get(Field.APPOINTMENT_CHANGE)
    if wanted.intent is Intent.CANCEL_APPOINTMENT:
        slots[Field.APPOINTMENT_WHEN] = slots.pop(Field.PREFERRED_TIME)
    elif wanted.intent is Intent.APPOINTMENT and change and change.text == "change":
        old, new = read_move(hearing.words, lang=hearing.lang, now=hearing.now)
        old = old or (None if new else _held(hearing))
        if old:
            slots[Field.APPOINTMENT_WHEN] = old
        if new:
            slots[Field.PREFERRED_TIME] = new
        elif old:
            del slots[Field.PREFERRED_TIME]


def _held(hearing: Hearing) -> Value | None:
    """Return the time of "my Tuesday appointment" or "my appointment on Tuesday", which stand close together."""
    for start, end in hearing.spans.get("appointment", ())[:2]:
        for near in (hearing.text.said(max(0, start - 2), start), hearing.text.said(end, end + 4)):
            if near and near.split()[0].lower() not in ("to", "para", "al"):
                value = read_time(near, lang=hearing.lang, now=hearing.now)
                if value:
                    return value
    return None


def _name(hearing: Hearing, asked: bool) -> Value | None:
    return read_name(hearing.words, lang=hearing.lang, expecting=asked)


def _birth(hearing: Hearing, asked: bool) -> Value | None:
    """A date of birth unasked needs the word "born" or a full date that lies years back."""
    hinted = bool(hearing.spans.get("birth"))
    if not asked and not hinted and not _has_figures(hearing):
        return None
    value = read_birth_date(hearing.words, lang=hearing.lang, today=hearing.now.date())
    if value is None or asked or hinted:
        return value
    recent = value.confidence < 0.5 or value.text[:4] >= str(hearing.now.year)
    return None if recent else replace(value, confidence=min(value.confidence, 0.7))


def _phone(hearing: Hearing, asked: bool) -> Value | None:
    return read_phone(hearing.words, lang=hearing.lang) if asked or _has_figures(hearing) else None


def _time(hearing: Hearing, asked: bool) -> Value | None:
    words = hearing.words if asked else _without_birth(hearing)
    return read_time(words, lang=hearing.lang, now=hearing.now, expecting=asked)


def _without_birth(hearing: Hearing) -> str:
    """Return the words without the date that follows "born", so that it is not taken for a wished day."""
    text, births = hearing.text, hearing.spans.get("birth", ())
    if not births:
        return hearing.words
    end = births[0][1]
    while end < len(text) and end < births[0][1] + 14 and _is_dateish(text, end, hearing.lang):
        end += 1
    return f"{text.said(0, births[0][0])} {text.said(end, len(text))}"


def _is_dateish(text: Text, at: int, lang: str) -> bool:
    word = text.words[at]
    return (
        word in MONTHS or word in _GLUE or any(one[0].isdigit() for one in figures(text.said(at, at + 1), lang).words)
    )


def _when(hearing: Hearing, asked: bool) -> Value | None:
    return read_time(hearing.words, lang=hearing.lang, now=hearing.now, expecting=True) if asked else None


def _medication(hearing: Hearing, asked: bool) -> Value | None:
    return read_medication(hearing.words, lang=hearing.lang, expecting=asked)


def _pharmacy(hearing: Hearing, asked: bool) -> Value | None:
    return read_pharmacy(hearing.words, lang=hearing.lang, expecting=asked)


def _doctor(hearing: Hearing, asked: bool) -> Value | None:
    return read_doctor(hearing.words, lang=hearing.lang, expecting=asked)


def _test(hearing: Hearing, asked: bool) -> Value | None:
    return read_test(hearing.words, lang=hearing.lang, expecting=asked)


def _appointment_change(hearing: Hearing, asked: bool) -> Value | None:
    if not asked and "appointment" not in hearing.spans and "cancel" not in hearing.spans:
        return None
    return read_change(hearing.words, lang=hearing.lang, expecting=asked)


_READERS: Mapping[Field, Callable[[Hearing, bool], Value | None]] = {
    Field.PATIENT_NAME: _name,
    Field.DATE_OF_BIRTH: _birth,
    Field.CALLBACK_NUMBER: _phone,
    Field.PREFERRED_TIME: _time,
    Field.APPOINTMENT_WHEN: _when,
    Field.MEDICATION: _medication,
    Field.PHARMACY: _pharmacy,
    Field.DOCTOR: _doctor,
    Field.TEST_NAME: _test,
    Field.APPOINTMENT_CHANGE: _appointment_change,
}


def _free(hearing: Hearing) -> Value | None:
    """Take the whole answer as a reason or a question, unless it is only a yes, a no or a thank you."""
    empty = hearing.book.sets["empty"]["words"]
    return Value(hearing.words, hearing.words, 0.9) if set(hearing.text.words) - empty else None


def offer_reason(slots: dict[Field, Value], wanted: Wanted, hearing: Hearing) -> None:
    """Keep the words after "for" or "because" of an appointment as its reason; a question as the question."""
    if wanted.intent in (Intent.APPOINTMENT, Intent.CALLBACK):
        reason = _after_reason(hearing)
        if reason:
            slots[Field.REASON] = Value(reason, hearing.words, 0.7)
    elif wanted.intent in (Intent.MEDICAL_ADVICE, Intent.BILLING, Intent.GENERAL):
        slots[Field.QUESTION] = Value(hearing.words, hearing.words, 0.8)


def _after_reason(hearing: Hearing) -> str:
    """Return the sentence part that names a symptom, from its lead word on, or from the "not" that stands before it;
    "" where none is named."""
    places = [*hearing.spans.get("symptom", ()), *hearing.spans.get("condition", ())]
    if not places:
        return ""
    first = min(start for start, _ in places)
    text = hearing.text
    leads = hearing.book.sets["empty"]["reason_leads"]
    start = next((at + 1 for at in range(first - 1, max(-1, first - 9), -1) if text.words[at] in leads), first)
    start = _denied_from(start, hearing)
    end = first
    while end < len(text) and text.sentences[end] == text.sentences[first] and end - first < _REASON_WORDS:
        if text.words[end] in ("and", "so", "y") and text.words[end + 1 : end + 2] in _TURNS:
            break
        end += 1
    return text.said(start, end)


def _denied_from(start: int, hearing: Hearing) -> int:
    """Where the clause begins that denies what stands at `start`: "I don't think he is having a heart attack" without
    its beginning would tell staff the contrary."""
    text, denials = hearing.text, hearing.book.sets["empty"]["reason_denials"]
    before = range(max(0, start - _DENIES), start)
    denied = [at for at in before if text.words[at] in denials and text.clauses[at] == text.clauses[start]]
    return text.clauses.index(text.clauses[start]) if denied else start


def _has_figures(hearing: Hearing) -> bool:
    """Tell whether the words hold enough digits for a date or a number."""
    return _digits(hearing.words, hearing.lang) >= 3


@lru_cache(maxsize=256)
def _digits(words: str, lang: str) -> int:
    return sum(char.isdigit() for word in figures(words, lang).words for char in word)
