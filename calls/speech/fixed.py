"""Sentences that hold nothing but the clinic's own words: they are warmed, and may go to any provider. Pure.

A sentence is fixed when its text is, letter for letter, one of these. Whatever a caller said, when somebody calls back
and when the clinic opens again is in none of them, so what is not found here counts as patient data.
"""

from __future__ import annotations

from string import Formatter

from calls.dialogue import safety, wording
from calls.dialogue.house import House

Text = tuple[str, str]
"""Language and words."""


def fixed_sentences(house: House) -> frozenset[Text]:
    """Every fixed sentence of this clinic, as (language, words)."""
    own = {
        "clinic": house.name,
        "emergency": wording.digit_by_digit(house.emergency_number),
        "crisis": wording.digit_by_digit(house.crisis_number),
    }
    found = {
        (lang, wording.speak(key, lang, **own).text)
        for key, texts in wording.TABLE.items()
        for lang, text in zip(wording.LANGS, texts, strict=True)
        if _filled_in(text) <= own.keys()
    }
    found |= {(lang, safety.question(ask, lang)) for ask in safety.clarifying() for lang in wording.LANGS}
    found |= {(lang, text) for (_, lang), text in (*house.facts.items(), *house.wording.items())}
    found |= set(house.greetings.items())
    return frozenset(found)


def _filled_in(text: str) -> set[str]:
    """The names of the values that a sentence of the table has places for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
