"""Which words of the rules a word may have been that nobody says where it stands.

A recogniser writes words of the language that sound like what was said: "my belly is hard as a bored", "she hit her
head and pissed out". Where two neighbours were never said together in our own sentences, a rule word that sounds much
like the one, and that our emergencies say beside the other, may have been meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from calls.dialogue.safety.spanish import as_said

EDGE = "."
"""Stands where a sentence's first word has no neighbour before it, its last none behind."""
ONLY_HARMLESS = "-"
"""Begins the line of a pair that no emergency says."""

_MOST_LETTERS = 20
_OFTEN = 24
"""A word said beside so many others may well be meant beside one more."""
_LEAST_TO_LOSE = 3
_CACHED_WORDS = 20_000
_NOTHING = frozenset[str]()
_SPELT_ALIKE = tuple(
    (re.compile(spelt), said)
    for spelt, said in (
        ("[ts]ion", "Sn"), ("ph", "f"), ("ck|q|c(?![eiyh])", "k"), ("c(?=[eiy])", "s"), ("t?ch", "C"), ("sh", "S"),
        ("th", "T"), ("wh", "w"), (r"\bkn", "n"), (r"\bwr", "r"), ("igh", "Y"), ("gh", ""), ("x", "ks"), ("z", "s"),
        ("ea|ee|ie", "i"), ("oo|ou|ow", "u"), ("ai|ay|ey", "e"), (r"(?<=..)e\b", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""English letters by their sounds, roughly; capitals are sounds that have no letter of their own."""
_GROUPS = ("bpvf", "dtT", "gk", "szfST", "mn", "rl", "CSjXJ", "wv", "hj", "Yl")
"""Consonants that a telephone does not tell apart."""
_CLOSE = frozenset((one, other) for group in _GROUPS for one in group for other in group if one != other)
_VOWELS = frozenset("aeiouyYUw")
_WEAK = _VOWELS | {"h"}
_COARSE = str.maketrans(
    dict(zip("bvfdTgKzSCjXJml", "ppptTkksssssSnr", strict=True)) | {"T": "t", "J": "s"} | dict.fromkeys("aeiouyYUwhW")
)
"""A word's consonants alone, one for each group."""


def key_of(word: str, lang: str) -> str:
    """How a word is said."""
    if lang == "es":
        return as_said(word)
    for spelt, said in _SPELT_ALIKE:
        word = spelt.sub(said, word)
    return word


def distance(one: str, other: str, most: float) -> float:
    """How unlike two keys sound, counted no further than `most`: a consonant is 1, a vowel or one like it a half."""
    before = [0.0]
    for sound in other:
        before.append(before[-1] + _alone(sound))
    for sound in one:
        row = [before[0] + _alone(sound)]
        for at, with_ in enumerate(other):
            row.append(
                min(before[at] + _instead(sound, with_), before[at + 1] + _alone(sound), row[-1] + _alone(with_))
            )
        if min(row) > most:
            return most + 1
        before = row
    return before[-1]


def _alone(sound: str) -> float:
    return 0.5 if sound in _WEAK else 1.0


def _instead(sound: str, other: str) -> float:
    if sound == other:
        return 0.0
    if (sound, other) in _CLOSE or (sound in _VOWELS and other in _VOWELS):
        return 0.5
    return 1.0 if (sound in _WEAK) == (other in _WEAK) else 1.5


def _far(length: int) -> float:
    """What two words of so many sounds may differ by."""
    return 0.5 if length <= 3 else 1.0 if length <= 5 else 1.5 if length <= 8 else 2.0


def pairs_file(lang: str) -> Path:
    return Path(__file__).parent / "weights" / f"{lang}.pairs"


class Pairs:
    """Which words were said side by side in our own sentences, and which of them by somebody in danger."""

    def __init__(self, danger: Mapping[str, bool]) -> None:
        self._danger = danger

    @classmethod
    def of(cls, lang: str) -> Pairs:
        """The pairs of a language, from the file that `learning.py` writes: one a line."""
        lines = pairs_file(lang).read_text(encoding="utf-8").splitlines()
        return cls({line.removeprefix(ONLY_HARMLESS): not line.startswith(ONLY_HARMLESS) for line in lines})

    def said(self, one: str, two: str) -> bool:
        return f"{one} {two}" in self._danger

    def often(self, least: int) -> frozenset[str]:
        """The words that were said beside at least so many others."""
        count = Counter(word for pair in self._danger for word in pair.split(" "))
        return frozenset(word for word, others in count.items() if others >= least)

    def of_danger(self) -> Iterable[tuple[str, str]]:
        for pair, danger in self._danger.items():
            if danger:
                one, _, two = pair.partition(" ")
                yield one, two


class Ear:
    """Guesses the words of one language's rules where what was written makes no sense."""

    def __init__(self, lang: str, words: Collection[str], pairs: Pairs, small: frozenset[str]) -> None:
        """`small` are the words that stand beside anything."""
        self._lang = lang
        self._pairs = pairs
        self._small = small
        self._behind: dict[str, set[str]] = {}
        self._ahead: dict[str, set[str]] = {}
        self._beside_anything = pairs.often(_OFTEN)
        for one, two in pairs.of_danger():
            if two in words:
                self._behind.setdefault(one, set()).add(two)
            if one in words:
                self._ahead.setdefault(two, set()).add(one)
        self._sounds = lru_cache(maxsize=_CACHED_WORDS)(self._sounds_of)
        self._alike = lru_cache(maxsize=_CACHED_WORDS)(self._are_alike)

    def meant(self, before: str, word: str, after: str) -> list[str]:
        """The rule words that `word` may have been between its neighbours; mostly none."""
        pairs = self._pairs
        if pairs.said(before, word) or pairs.said(word, after) or word in self._beside_anything:
            return []
        if not 1 < len(word) <= _MOST_LETTERS or word[0].isdecimal():
            return []
        return [one for one in sorted(self._fitting(before, after)) if one != word and self._alike(word, one)]

    def _fitting(self, before: str, after: str) -> set[str]:
        """What emergencies say between both neighbours, or beside one that tells something."""
        behind, ahead = self._behind.get(before, _NOTHING), self._ahead.get(after, _NOTHING)
        told = before not in self._small, after not in self._small
        if told == (True, True):
            return behind | ahead
        return behind if told[0] else ahead if told[1] else behind & ahead

    def _are_alike(self, one: str, other: str) -> bool:
        (key, consonants), (key_, consonants_) = self._sounds(one), self._sounds(other)
        if consonants.isdisjoint(consonants_):
            return False
        most = _far(max(len(key), len(key_)))
        return distance(key, key_, most) <= most

    def _sounds_of(self, word: str) -> tuple[str, frozenset[str]]:
        """How a word is said, and its consonants: quick to tell it from most others by."""
        key = key_of(word, self._lang)
        return key, frozenset(_nearly(key.translate(_COARSE)))


def _nearly(consonants: str) -> Iterable[str]:
    """The consonants, and of three or more the same with one of them left out."""
    yield consonants
    if len(consonants) >= _LEAST_TO_LOSE:
        yield from {consonants[:at] + consonants[at + 1 :] for at in range(len(consonants))}
