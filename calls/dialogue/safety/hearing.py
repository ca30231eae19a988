"""Which words of the rules a word may have been that nobody says where it stands.

A recogniser writes words of the language that sound like what was said: "my belly is hard as a bored", "she hit her
head and pissed out". Where neighbours were never said together in our own sentences, a rule word that sounds much like
the one, and that our emergencies say there, may have been meant. Whoever never talks as our sentences do (most
neighbours are new) says new things, and is not misheard for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from rapidfuzz.distance import Levenshtein

from calls.dialogue.safety.spanish import as_said

Guesses = Mapping[str, bool]
"""Rule words that one word may have been, each with whether everything around says so."""

EDGE = "."
"""Stands where a sentence's first word has no neighbour before it, its last none behind."""
ONLY_HARMLESS = "-"
"""Begins the line of a pair that no emergency says."""

_MOST_LETTERS = 20
_OFTEN = 24
"""A word said beside so many others may well be meant beside one more."""
_LEAST_APART = 0.5
"""What one changed sound counts at least."""
_LEAST_TO_LOSE = 2
_MORE = 0.5
"""What a word may sound less alike between two neighbours that both speak for it, and one of them tells something."""
_LONG, _SAME_BEGINNING = 8, 6
"""Long words that begin with so many of the same sounds are forms of one another, or nearly: "electricity"."""
_CACHED_WORDS = 20_000
_NOTHING = frozenset[str]()
_OPPOSITES = ("un", "in", "des")
_NO_GUESS: Guesses = MappingProxyType({})
NO_GUESSES: Mapping[int, Guesses] = MappingProxyType({})
_SPELT_ALIKE = tuple(
    (letters, re.compile(spelt) if spelt else None, said)
    for letters, spelt, said in (
        ("ion", "[ts]ion", "Sn"), ("ph", "", "f"), ("ck", "", "k"), ("q", "", "k"), ("c", "c(?![eiyh])", "k"),
        ("c", "c(?=[eiy])", "s"), ("tch", "", "C"), ("ch", "", "C"), ("sh", "", "S"), ("th", "", "T"), ("wh", "", "w"),
        ("kn", r"\bkn", "n"), ("wr", r"\bwr", "r"), ("igh", "", "Y"), ("gh", "", ""), ("x", "", "ks"), ("z", "", "s"),
        ("e", "ea|ee|ie", "i"), ("o", "oo|ou|ow", "u"), ("a", "ai|ay", "e"), ("ey", "", "e"),
        ("e", r"(?<=..)e\b", ""), ("", r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""English letters by their sounds, roughly; capitals are sounds that have no letter of their own. Each is looked for
only where its letters are, with a pattern where letters alone do not tell."""
_GROUPS = ("bpvf", "dtT", "gk", "szfST", "mn", "rl", "CSjXJ", "wv", "hj", "Yl")
"""Consonants that a telephone does not tell apart."""
_CLOSE = frozenset((one, other) for group in _GROUPS for one in group for other in group if one != other)
_VOWELS = frozenset("aeiouyYUw")
_WEAK = _VOWELS | {"h"}
_COARSE = str.maketrans(
    dict(zip("bvfdTgKzSCjXJml", "ppptTkksssssSnr", strict=True)) | {"T": "t", "J": "s"} | dict.fromkeys("aeiouyYUwhW")
)
"""A word's consonants alone, one for each group."""


@lru_cache(maxsize=_CACHED_WORDS)
def key_of(word: str, lang: str) -> str:
    """How a word is said."""
    if lang == "es":
        return as_said(word)
    for letters, spelt, said in _SPELT_ALIKE:
        if letters in word:
            word = spelt.sub(said, word) if spelt else word.replace(letters, said)
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
    return _LEAST_APART if sound in _WEAK else 1.0


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


def put_right(texts: tuple[str, ...], heard: Mapping[int, Guesses]) -> tuple[str, ...]:
    """The words, with those put in that all around them speaks for."""
    meant = list(texts)
    for at, guesses in heard.items():
        meant[at] = next((one for one, fits in guesses.items() if fits), texts[at])
    return tuple(meant)


class Pairs:
    """Which words were said side by side in our own sentences, and which of them by somebody in danger."""

    def __init__(self, danger: Mapping[str, bool]) -> None:
        self._danger = danger

    @classmethod
    def of(cls, lang: str) -> Pairs:
        """The pairs of a language, from the file that `learning.py` writes: one a line."""
        lines = pairs_file(lang).read_text(encoding="utf-8").splitlines()
        return cls({line.removeprefix(ONLY_HARMLESS): not line.startswith(ONLY_HARMLESS) for line in lines})

    def said(self, words: Sequence[str]) -> list[bool]:
        """Of each two neighbours whether they were said side by side."""
        return [f"{one} {two}" in self._danger for one, two in pairwise(words)]

    def often(self, least: int) -> frozenset[str]:
        """The words that were said beside at least so many others."""
        count = Counter(" ".join(self._danger).split(" "))
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
        self._by_consonants: dict[str, set[str]] = {}
        self._by_beginning: dict[str, set[str]] = {}
        for word in {one for several in (*self._behind.values(), *self._ahead.values()) for one in several}:
            for consonants in self._consonants(word):
                self._by_consonants.setdefault(consonants, set()).add(word)
            self._by_beginning.setdefault(self._beginning(word), set()).add(word)
        self._near = lru_cache(maxsize=_CACHED_WORDS)(self._near_ones)
        self._alike = lru_cache(maxsize=_CACHED_WORDS)(self._are_alike)

    def hear(self, texts: Sequence[str]) -> Mapping[int, Guesses]:
        """The rule words that words may have been between their neighbours, by place; mostly none."""
        around = (EDGE, *texts, EDGE)
        known = self._pairs.said(around)
        if all(known):
            return NO_GUESSES
        found, familiar = {}, sum(known)
        for at, word in enumerate(texts):
            fits = known[at] + known[at + 1]
            if fits == 2 or not 1 < len(word) <= _MOST_LETTERS or word[0].isdecimal():
                continue
            beside = around[at], around[at + 2]
            if fits:
                guesses = self._meant_beside_one(*beside, word)
            else:
                guesses = self._meant(*beside, word, 2 * familiar >= len(known) - 2)
            if guesses:
                found[at] = guesses
        return found

    def _meant(self, before: str, after: str, word: str, makes_sense: bool) -> Guesses:
        """What emergencies say there, beside a neighbour that tells something or between both, for a `word` that fits
        neither.

        `makes_sense` says whether most words further away stand where people say them.
        """
        behind, ahead = self._behind.get(before, _NOTHING), self._ahead.get(after, _NOTHING)
        telling = (behind and self._tells(before)) or (ahead and self._tells(after))
        if not telling and behind.isdisjoint(ahead):
            return _NO_GUESS
        near = self._near(word)
        behind, ahead = near & behind, near & ahead
        both = behind & ahead
        if word in self._beside_anything:
            return {one: False for one in sorted(both) if self._alike(word, one)}
        either = (behind if self._tells(before) else _NOTHING) | (ahead if self._tells(after) else _NOTHING)
        guesses = {one: makes_sense and one in both for one in sorted(both | either) if self._alike(word, one)}
        if makes_sense and telling:
            guesses |= {one: False for one in sorted(both - guesses.keys()) if self._alike(word, one, _MORE)}
        return guesses

    def _meant_beside_one(self, before: str, after: str, word: str) -> Guesses:
        """What emergencies say between both neighbours, for a `word` that is known beside one of them."""
        if word in self._beside_anything:
            return _NO_GUESS
        behind, ahead = self._behind.get(before, _NOTHING), self._ahead.get(after, _NOTHING)
        if behind.isdisjoint(ahead):
            return _NO_GUESS
        return {one: False for one in sorted(self._near(word) & behind & ahead) if self._alike(word, one)}

    def _tells(self, neighbour: str) -> bool:
        return neighbour != EDGE and neighbour not in self._small

    def _near_ones(self, word: str) -> frozenset[str]:
        """The rule words with nearly the consonants of `word`, but not its opposites: nobody mishears "conscious"."""
        several = (self._by_consonants.get(one, _NOTHING) for one in self._consonants(word))
        begun = self._by_beginning.get(self._beginning(word), _NOTHING) if self._beginning(word) else _NOTHING
        return frozenset[str]().union(*several, begun) - {word, *(not_so + word for not_so in _OPPOSITES)}

    def _are_alike(self, one: str, other: str, more: float = 0.0) -> bool:
        key, key_ = key_of(one, self._lang), key_of(other, self._lang)
        if self._beginning(one) and self._beginning(one) == self._beginning(other):
            return True
        most = _far(max(len(key), len(key_))) + more
        changes = Levenshtein.distance(key, key_, score_cutoff=int(most / _LEAST_APART))
        return changes * _LEAST_APART <= most and distance(key, key_, most) <= most

    def _beginning(self, word: str) -> str:
        """The first sounds of a long word; nothing of a short one."""
        key = key_of(word, self._lang)
        return key[:_SAME_BEGINNING] if len(key) >= _LONG else ""

    def _consonants(self, word: str) -> Iterable[str]:
        """Its consonants, and of two or more the same with one of them left out."""
        consonants = key_of(word, self._lang).translate(_COARSE)
        yield consonants
        if len(consonants) >= _LEAST_TO_LOSE:
            yield from {consonants[:at] + consonants[at + 1 :] for at in range(len(consonants))}
