"""Knows every word of one language's rules, and which of them a heard word could be.

A heard word is read by its stem, in its exact form, as a number, as a word it sounds like (a table in the rule
file), or as a rule word with one letter wrong. Everything is looked up, nothing is searched: cost grows with the
length of the word, not with the number of rules.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache

import Stemmer as snowball
from rapidfuzz.distance import Levenshtein

from calls.dialogue.safety.hearing import NO_GUESSES, Ear, Guesses, Pairs
from calls.dialogue.safety.sounding import sound_of
from calls.dialogue.safety.spanish import as_said, is_small, plainer_forms

Readings = tuple[tuple[str, int], ...]
"""What a word may be: keys in the phrase trie, each with how sure that reading is."""

STEMMERS = {"en": "english", "es": "spanish"}
PLAINER_FORMS = {"es": plainer_forms}
"""For a word whose stem is unknown: what it may be a form of that the stemmer does not see."""
SAID = {"es": as_said}
"""Of languages that are spelt as they are said: words with the same key are one word, spelt otherwise."""
LEAST_LETTERS_TO_MISSPELL = 7
LEAST_LETTERS_TO_MISHEAR = 5
LEAST_LETTERS_TO_LISTEN = 4
_CACHED_WORDS = 50_000
_CACHED_WORDS_OF_A_CLINIC = 5_000


_ONE_IN = 3
"""Names, places and words of a region are no common ones: "está escondida en el clóset", one in so many is enough."""
LEAST_SOUNDS = 3
"""Shorter words sound like too many others."""


class Stemmer(threading.local):
    """One stemmer per thread: the library keeps the word it works on in itself, so two threads would spoil each
    other's stems, and with them what is found in two callers' words."""

    def __init__(self, lang: str) -> None:
        self.stemWord = snowball.Stemmer(STEMMERS[lang]).stemWord


class Lexicon:
    """The readings of a heard word in one language: pairs of (key in the phrase trie, how sure that reading is)."""

    SURE = 0
    MISSPELT = 1
    SOUNDS_LIKE = 2
    FITS = 3
    """Sounds like it, and fits both neighbours where the word itself fits neither."""

    def __init__(
        self,
        lang: str,
        *,
        sounds: Mapping[str, tuple[str, ...]],
        numbers: Mapping[str, float],
        ranges: Mapping[str, tuple[tuple[float, float], ...]],
        never_misspelt: Iterable[str],
        listen_for: Iterable[str] = (),
        whole: Iterable[str] = (),
        homophones: Mapping[str, tuple[str, ...]] | None = None,
        small: Iterable[str] = (),
        common: frozenset[str] = frozenset(),
    ) -> None:
        self._lang = lang
        self._stemmer = Stemmer(lang)
        self._learnt: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._exact: set[str] = set()
        self._prefixes: set[str] = set()
        self._near: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._by_sound: dict[str, dict[str, str]] = {}
        self._sounds = sounds
        self._homophones = homophones or {}
        self._numbers = numbers
        self._ranges = ranges
        self._whole = frozenset(whole)
        self._never_misspelt = self._whole.union(never_misspelt)
        self.small = frozenset(small)
        self._common = common
        self._ear: Ear | None = None
        """Hears by its neighbours what a word was meant as, once all words are learnt."""
        self._close: dict[str, set[str]] = {}
        self._telling = frozenset(listen_for)
        self._telling_by_sound: dict[str, set[str]] = {}
        for word in self._telling:
            for shorter in _any_letter_less(word):
                self._close.setdefault(shorter, set()).add(word)
            if len(sound_of(word)) >= LEAST_SOUNDS:
                self._telling_by_sound.setdefault(sound_of(word), set()).add(word)
        self._remember(_CACHED_WORDS)

    def extended(self) -> Lexicon:
        """A lexicon that knows what this one knows and may learn more without this one noticing."""
        other = copy(self)
        other._stems, other._near, other._by_sound = dict(self._stems), dict(self._near), dict(self._by_sound)
        other._exact, other._prefixes, other._said = set(self._exact), set(self._prefixes), dict(self._said)
        other._learnt = dict(self._learnt)
        other._remember(_CACHED_WORDS_OF_A_CLINIC)
        return other

    def _remember(self, words: int) -> None:
        self.readings = lru_cache(maxsize=words)(self._readings)
        self.sure_readings = lru_cache(maxsize=words)(self._sure_readings)

    def learn(self, written: str) -> str:
        """The trie key of a word as written in a rule file; `=word` stands for exactly this form.

        A file has most of its words many times, and to learn one again changes nothing.
        """
        key = self._learnt.get(written)
        if key is None:
            key = self._learnt[written] = self._learn(written)
        return key

    def _learn(self, written: str) -> str:
        if written in self._whole:
            written = "=" + written
        if written.startswith("="):
            self._exact.add(written[1:])
            self._say(written[1:], written)
            return written
        stem = self._stemmer.stemWord(written)
        self._stems.setdefault(stem, written)
        self._prefixes.add(written[:3])
        self._say(written, stem)
        sound = sound_of(written)
        if len(sound) >= LEAST_SOUNDS:
            self._by_sound[sound] = {**self._by_sound.get(sound, {}), written: stem}
        if len(written) >= LEAST_LETTERS_TO_MISSPELL:
            for shorter in _one_letter_less(written):
                self._near.setdefault(shorter, stem)
        return stem

    def _say(self, written: str, key: str) -> None:
        if self._lang in SAID:
            self._said.setdefault(SAID[self._lang](written), key)

    def hear_neighbours(self) -> None:
        """Guess from now on, by the words beside it, each of the words that were learnt until now."""
        written = {word.removeprefix("=") for word in self._learnt}
        self._ear = Ear(self._lang, written, Pairs.of(self._lang), self.small)

    def hear(self, texts: Sequence[str]) -> Mapping[int, Guesses]:
        """What words may have been between their neighbours, by place."""
        return self._ear.hear(texts) if self._ear is not None else NO_GUESSES

    def in_place(self, texts: Sequence[str], heard: Mapping[int, Guesses]) -> list[Readings]:
        """The readings of each word where it stands: those that it always has, and what was `heard` there."""
        readings = [self.readings(one) for one in texts]
        for at, guesses in heard.items():
            readings[at] = (*readings[at], *self._meant(guesses, readings[at]))
        return readings

    def _meant(self, guesses: Guesses, known: Readings) -> Iterable[tuple[str, int]]:
        """The readings that are guessed beside the known ones, or that are surer now than in the table of sounds."""
        keys: dict[str, int] = {}
        for one, fits in sorted(guesses.items(), key=lambda guess: guess[1]):
            keys.update(dict.fromkeys(self._keys_of(one), self.FITS if fits else self.SOUNDS_LIKE))
        taken = {key for key, sureness in known if sureness != self.SOUNDS_LIKE}
        guessed = {key for key, _ in known} - taken
        return (
            (key, sureness)
            for key, sureness in keys.items()
            if key not in taken and not (key in guessed and sureness == self.SOUNDS_LIKE)
        )

    def _keys_of(self, word: str) -> Iterable[str]:
        number = self.number(word)
        return (self._stemmer.stemWord(word), "=" + word, *(self._number_keys(number) if number is not None else ()))

    def is_spoken(self, words: Sequence[str]) -> bool:
        """Whether a good part of the words are common ones of this language."""
        return _ONE_IN * sum(word in self._common for word in words) > len(words)

    def is_common(self, word: str) -> bool:
        """Whether it is an everyday word of this language."""
        return word in self._common

    def number(self, word: str) -> float | None:
        if word in self._numbers:
            return self._numbers[word]
        if not word[0].isdecimal():
            return None
        try:
            return float(word.replace(",", "."))
        except ValueError:
            return None

    def _readings(self, word: str) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        if word in self._exact:
            found.append(("=" + word, self.SURE))
        number = self.number(word)
        if number is not None:
            found.extend((key, self.SURE) for key in self._number_keys(number))
        stem = self._stem(word)
        if stem:
            found.append((stem, self.SURE))
        if word not in self._sounds and (not found or (stem and is_small(word))):
            # A phrase may know "manchitas" and another "manchas": the small word is the plain one too.
            found.extend((key, self.SURE) for key in self._of_plainer_form(word) if key != stem)
        known = {key.lstrip("=") for key, _ in found}
        guesses = self._guesses(word, sure=bool(found))
        found.extend((key, sureness) for key, sureness in guesses.items() if key.lstrip("=") not in known)
        return tuple(found)

    def _guesses(self, word: str, *, sure: bool) -> dict[str, int]:
        """What a word may have been that was written otherwise than it was said."""
        guesses = {self._key(meant): self.SOUNDS_LIKE for meant in self._sounds.get(word, ())}
        guesses.update((self._key(meant), self.SURE) for meant in self._homophones.get(word, ()))
        if not sure:
            near = self._spelt_otherwise(word) or self._misspelt(word)
            if near:
                guesses.setdefault(near, self.SOUNDS_LIKE if word in self._common else self.MISSPELT)
            for stem in self._alike(word):
                guesses.setdefault(stem, self.SOUNDS_LIKE)
        for meant in self._listened_for(word):
            guesses.setdefault(self._stemmer.stemWord(meant), self.SOUNDS_LIKE)
            guesses.setdefault("=" + meant, self.SOUNDS_LIKE)
        return guesses

    def _sure_readings(self, word: str) -> tuple[tuple[str, int], ...]:
        return tuple(one for one in self.readings(word) if one[1] == self.SURE)

    def _key(self, meant: str) -> str:
        return "=" + meant if meant in self._whole else self._stemmer.stemWord(meant)

    def _stem(self, word: str) -> str:
        if word[:3] not in self._prefixes or word in self._whole:
            return ""  # a stemmer never touches the first letters; this spares most words the stemming
        stem = self._stemmer.stemWord(word)
        return stem if stem in self._stems else ""

    def _of_plainer_form(self, word: str) -> list[str]:
        if word in self._whole:
            return []
        forms = PLAINER_FORMS.get(self._lang, _no_other_forms)(word)
        known = ("=" + form if form in self._whole & self._exact else self._stem(form) for form in forms)
        return next(([key] for key in known if key), [])

    def _number_keys(self, number: float) -> Iterable[str]:
        yield "#number"
        for name, spans in self._ranges.items():
            if any(low <= number <= high for low, high in spans):
                yield "#" + name

    def _alike(self, word: str) -> set[str]:
        if len(word) < LEAST_LETTERS_TO_MISHEAR or word in self._never_misspelt:
            return set()
        same_sound = self._by_sound.get(sound_of(word), {})
        return {stem for rule_word, stem in same_sound.items() if Levenshtein.distance(word, rule_word) <= 2}

    def _listened_for(self, word: str) -> set[str]:
        """The words that matter most and that differ from this one by a letter, whatever else this one means."""
        if not LEAST_LETTERS_TO_LISTEN <= len(word) <= 20 or word in self._never_misspelt or word in self._telling:
            return set()
        close = (self._close.get(shorter, ()) for shorter in _any_letter_less(word))
        near = {meant for several in close for meant in several if Levenshtein.distance(word, meant) == 1}
        alike = self._telling_by_sound.get(sound_of(word), ())
        return near | {meant for meant in alike if meant != word and Levenshtein.distance(word, meant) <= 2}

    def _spelt_otherwise(self, word: str) -> str:
        if self._lang not in SAID or len(word) < LEAST_LETTERS_TO_MISHEAR or word in self._never_misspelt:
            return ""
        return self._said.get(SAID[self._lang](word), "")

    def _misspelt(self, word: str) -> str:
        if not LEAST_LETTERS_TO_MISSPELL - 1 <= len(word) <= 20 or word in self._never_misspelt:
            return ""
        for shorter in _one_letter_less(word):
            near = self._near.get(shorter)
            if near and near[0] == word[0]:
                return near
        return ""


def _no_other_forms(word: str) -> Iterable[str]:
    return ()


def _any_letter_less(word: str) -> Iterable[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _one_letter_less(word: str) -> Iterable[str]:
    """The word, then the word with each letter left out: two words one slip apart share one of these."""
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
