"""What a telephone and a recogniser do to a sentence, for measuring how well the rules bear it.

Chance comes in as an argument, so that a measurement can be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from random import Random

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from calls.dialogue.safety.folding import fold
from calls.dialogue.safety.sounding import sound_of
from calls.dialogue.safety.spacing import MANY_USES
from calls.dialogue.safety.vocabulary import uses

REPLACED = 0.10
KEPT = 0.70
_FILLERS = {"en": ("um", "uh", "like", "you know", "well"), "es": ("eh", "este", "pues", "o sea", "bueno")}

Variant = Callable[[str, str], str]
"""A changed sentence, given the sentence and its language."""


def everyday(lang: str) -> list[str]:
    """The words that a recogniser of this language writes where it hears wrong, whatever a file of sentences holds."""
    return [word for word, count in uses(lang).items() if count >= MANY_USES]


def plain(text: str, lang: str) -> str:
    """Lower case, no punctuation: a recogniser without its finishing touches."""
    return " ".join(re.findall(r"[\w']+", text.lower()))


def with_fillers(chance: Random) -> Variant:
    """A filler before every third word or so."""

    def change(text: str, lang: str) -> str:
        fillers = _FILLERS[lang]
        return " ".join(
            f"{chance.choice(fillers)} {word}" if chance.random() < 1 / 3 else word for word in text.split()
        )

    return change


def truncated(text: str, lang: str) -> str:
    """The first 70 % of the words: the line broke."""
    ends = [found.end() for found in re.finditer(r"\S+", text)]
    return text[: ends[max(0, round(len(ends) * KEPT) - 1)]] if ends else text


def sounding_like(vocabulary: Iterable[str]) -> Callable[[str], str]:
    """What a word is taken for: the word of `vocabulary` that sounds most like it, never itself."""
    known = sorted({word for text in vocabulary for word in re.findall(r"[^\W\d]{3,}", fold(text))})
    sounds = [sound_of(word) + " " + word for word in known]

    @lru_cache(maxsize=20_000)
    def nearest(word: str) -> str:
        best = process.extract(f"{sound_of(word)} {word}", sounds, scorer=Levenshtein.distance, limit=2)
        others = [known[index] for _, _, index in best if known[index] != word]
        return others[0] if others else word

    return nearest


def misheard(chance: Random, nearest: Callable[[str], str]) -> Variant:
    """One word in ten becomes what it is taken for."""

    def change(text: str, lang: str) -> str:
        words = text.split()
        return " ".join(nearest(fold(word.strip(".,;:!?¡¿"))) if chance.random() < REPLACED else word for word in words)

    return change
