"""Nothing is spoken that nobody approved: each sentence stands in the table, is published, or passes the check.

A sentence of the table is known by its key and compared word for word, with the values that were filled in. A clinic's
greeting and facts are compared with what it published. Whatever else somebody words, such as a model, has to pass
`clinics.practice.guard.check`, which lets little through.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

from calls.dialogue import safety, wording
from calls.dialogue.house import House
from calls.dialogue.reply import Sentence
from clinics.practice.guard import Approved, Refusal, check
from clinics.practice.guard.words import plain, segments

__all__ = ["approved_by", "check", "refusal"]

_CALLERS = rf"[^\x00-\x1f<>.!?;:]{{0,{wording.LONGEST_VALUE}}}"
"""What may stand where a caller's words are filled in: no markup, and no sentence of its own."""

_MAY_STAND = dict.fromkeys(wording.CALLERS_VALUES, _CALLERS) | {"by": r"[\w :]{0,60}"}


def refusal(sentence: Sentence, house: House) -> Refusal | None:
    """Why a sentence is not spoken on this clinic's telephone; None when it may be."""
    if _is_of_table(sentence, house) or _is_published(sentence, house) or _is_safety_question(sentence):
        return None
    return check(sentence.text, lang=sentence.lang, approved=approved_by(house))


def approved_by(house: House) -> Approved:
    """All that a clinic approved: its facts and greetings word for word, its name, and its numbers."""
    texts = (*house.facts.values(), *house.greetings.values())
    words = {word for text in (*texts, house.name) for part in segments(text) for word in part}
    figures = {"".join(re.findall(r"\d", text)) for text in (*texts, house.clinic_line)}
    return Approved(
        sentences=frozenset(map(plain, texts)),
        names=frozenset(words),
        numbers=frozenset({*figures, house.emergency_number, house.crisis_number} - {""}),
    )


def _is_of_table(sentence: Sentence, house: House) -> bool:
    """Whether it is a sentence of the table with this clinic's values, or with the caller's own where those belong."""
    if sentence.text == _fixed(sentence.key, sentence.lang):
        return True
    template = _template(sentence.key, sentence.lang)
    found = template.fullmatch(sentence.text) if template else None
    if found is None:
        return False
    own = {
        "clinic": house.name,
        "emergency": wording.digit_by_digit(house.emergency_number),
        "crisis": wording.digit_by_digit(house.crisis_number),
        "opens": house.opens_next.get(sentence.lang, ""),
    }
    return all(value.removeprefix(", ") == own[name] for name, value in found.groupdict().items() if name in own)


@lru_cache(maxsize=1024)
def _fixed(key: str, lang: str) -> str | None:
    """The words of a sentence in which nothing is filled in; None for one that has a place for a value."""
    template = _template(key, lang)
    return None if template is None or template.groups else wording.TABLE[key][wording.LANGS.index(lang)]


@lru_cache(maxsize=1024)
def _template(key: str, lang: str) -> re.Pattern[str] | None:
    if key not in wording.TABLE or lang not in wording.LANGS:
        return None
    pattern, seen = "", set()
    for text, name, _, _ in Formatter().parse(wording.TABLE[key][wording.LANGS.index(lang)]):
        pattern += re.escape(text)
        if name in seen:
            pattern += f"(?P={name})"
        elif name:
            pattern += f"(?P<{name}>{_MAY_STAND.get(name, '.*')})"
            seen.add(name)
    return re.compile(pattern)


def _is_published(sentence: Sentence, house: House) -> bool:
    own = house.wording.get((sentence.key, sentence.lang))
    return sentence.text in house.facts.values() or sentence.text in house.greetings.values() or sentence.text == own


def _is_safety_question(sentence: Sentence) -> bool:
    return sentence.key in safety.clarifying() and sentence.text == safety.question(sentence.key, sentence.lang)
