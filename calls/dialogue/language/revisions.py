"""Whether words that answer one question revise what was said before: "Tuesday, not Monday" when the name was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from calls.dialogue.language.births import read_birth_date
from calls.dialogue.language.corrections import correct
from calls.dialogue.language.days import WEEKDAYS
from calls.dialogue.language.denials import clauses, taken_back
from calls.dialogue.language.medications import listed
from calls.dialogue.language.numbers import figures
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import Text, fold, read
from calls.dialogue.language.times import hint_words, read_time
from calls.dialogue.types import Control, Field, Meaning, Value

_TIMES = frozenset({Field.APPOINTMENT_WHEN, Field.PREFERRED_TIME})
_FIGURES = frozenset({Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER})
_WITHOUT_A_CUE = frozenset({*_TIMES, Field.MEDICATION, Field.PHARMACY, Field.CALLBACK_NUMBER})
"""Fields whose readers are sure enough that a new value, said alone, is heard as a change of mind."""
_ANY_WORDS = frozenset({Field.REASON, Field.QUESTION, Field.PHARMACY, Field.TEST_NAME, Field.DOCTOR})
"""Fields that take any words for an answer."""
_SURE = 0.65


@dataclass(frozen=True, slots=True)
class Revision:
    """What changes of the answers given before, and the words that are not part of the change, folded."""

    changes: Mapping[Field, Value]
    rest: frozenset[str]

    def leaves(self, value: Value) -> bool:
        """Tell whether `value` says anything beside the change."""
        return bool(self.rest & {fold(word) for word in read(value.text).words})


NOTHING = Revision({}, frozenset())


def revise(
    words: str, *, lang: str, now: datetime, known: Mapping[Field, Value], meaning: Meaning, asked: Field
) -> Revision:
    """Return how an answer to `asked` revises the `known` fields; NOTHING when it does not.

    It does when it says nothing but the new value ("Tuesday at nine" to a question for the name), when it names the
    old value to take it back, or when it is worded as a correction. `asked` itself is never revised, and neither is
    one time while the other is asked. In an answer of any words at all a wording alone proves nothing: "actually I
    have been ill since Tuesday" is a reason.
    """
    text = read(words)
    worded = Control.CORRECTION in meaning.controls
    if not worded and meaning.slots.keys() <= {asked} and not takes_back(words):
        return NOTHING  # most answers: nothing in them is about another field
    others = {key: value for key, value in known.items() if key is not asked and not {key, asked} <= _TIMES}
    found = [
        (field, value)
        for field in reversed(others)
        for value in correct(words, lang=lang, now=now, known={field: others[field]}, last=None).values()
    ]
    if not found:
        return NOTHING
    # Of two times the one that is named is meant, else the wished one: "sorry, to Tuesday, not Monday".
    names = {field: _names_old(text, field, others[field], lang, now) for field, _ in found}
    field, value = min(found, key=lambda one: (not names[one[0]], one[0] is Field.APPOINTMENT_WHEN))
    fixed, named = {field: value}, names[field]
    rest = _rest(text, field, value, lang)
    if named or (worded and (not rest or asked not in _ANY_WORDS)):
        return Revision(fixed, rest)
    if rest or not _stands_alone(text, field, asked, meaning) or (field in _TIMES and _is_birth_date(text, lang, now)):
        return NOTHING
    if field is Field.MEDICATION:
        value = Value(f"{others[field].text}, {value.text}", value.heard, value.confidence)
    return Revision({field: value}, rest)


def takes_back(words: str) -> bool:
    """Tell whether something is named in `words` only to be denied: "May" in "March not May"."""
    return bool(taken_back(read(words)))


def only_takes_back(words: str, *, lang: str) -> bool:
    """Tell whether `words` say that something was wrong and not what is right: "my last answer is wrong"."""
    return set(read(words).words) <= _framing(lang)


def _stands_alone(text: Text, field: Field, asked: Field, meaning: Meaning) -> bool:
    """Tell a value said without any word of correction from figures that answer the question asked."""
    value = meaning.slots.get(field)
    if field not in _WITHOUT_A_CUE or value is None or value.confidence < _SURE:
        return False
    return asked not in _FIGURES or not WEEKDAYS.keys().isdisjoint(text.words)


def _is_birth_date(text: Text, lang: str, now: datetime) -> bool:
    """Tell a whole date of the past, "June ninth nineteen seventy", which is nobody's wish for an appointment."""
    born = read_birth_date(text.raw, lang=lang, today=now.date())
    return born is not None and "?" not in born.text


def _names_old(text: Text, field: Field, old: Value, lang: str, now: datetime) -> bool:
    """Tell whether the old value is named beside the new one: "Monday" in "Tuesday, not Monday"."""
    if field is Field.MEDICATION:
        return any(name in old.text for _, _, name in listed(text))
    if field not in _TIMES:
        return not set(read(old.text).words[:1]).isdisjoint(text.words)
    day = old.text.split(",")[0]
    parts = [*taken_back(text), *clauses(text.raw)]
    read_parts = (read_time(part, lang=lang, now=now) for part in parts)
    return any(value is not None and value.text.split(",")[0] == day for value in read_parts)


def _rest(text: Text, field: Field, value: Value, lang: str) -> frozenset[str]:
    """Return the words that neither are the value nor only say that it is a change."""
    used = set(_framing(lang)) | set(read(value.text).words)
    if field in _TIMES or field is Field.DATE_OF_BIRTH:
        used |= hint_words(lang)
    if field is Field.MEDICATION:
        used |= {word for start, end, _ in listed(text) for word in text.words[start:end]}
    return frozenset(
        word
        for place, word in enumerate(text.words)
        if word not in used and not any(one[0].isdigit() for one in figures(text.said(place, place + 1), lang).words)
    )


@lru_cache(maxsize=4)
def _framing(lang: str) -> frozenset[str]:
    """Return the words around a changed value that add nothing to it."""
    lists = load(lang).lists
    leads = (word for lead in lists["repairs"]["leads"] for word in read(lead).words)
    return frozenset({*lists["empty"]["words"], *lists["repairs"]["around"], *leads})
