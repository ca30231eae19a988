"""Puts spaces where they were said: a recogniser writes "un conscious" for one word and "chestpain" for two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

MANY_USES = 2_000
"""A word with so many uses in the library's lists is one that people say; rarer ones are mostly names and slips."""
VERY_MANY_USES = 1_000_000
"""What a first part of up to three letters needs: "he" and "my" run into the next word, "ant" of an antacid no."""
SHORT = 3
LEAST_LETTERS_TO_PART = 7
LEAST_LETTERS_TO_JOIN = 6
LEAST_LETTERS_OF_THE_SECOND = 4
"""Shorter ends are mostly endings: "refund-ed", "llama-ron"."""
MOST_LETTERS = 30
_CACHED_WORDS = 20_000


class Spacing:
    """Knows the words of each language: those that people say, with their uses, and those that rules are made of."""

    def __init__(self, uses: Sequence[Mapping[str, int]], taught: Sequence[frozenset[str]]) -> None:
        """`taught` are the words of each language's rules, in the order of `uses`."""
        said = (word for counts in uses for word, count in counts.items() if count >= MANY_USES)
        self._languages = tuple(zip(uses, taught, strict=True))
        self._whole = frozenset(said).union(*taught)
        """What two neighbours may be together."""
        self.known = frozenset[str]().union(*uses, *taught)
        """All that needs no second look."""
        self.parted = lru_cache(maxsize=_CACHED_WORDS)(self._parted)

    def _parted(self, word: str) -> tuple[str, ...]:
        """The two words that `word` is, the second a word of a rule; nothing when it is one word or none."""
        if (
            word in self.known
            or word.removesuffix("s") in self.known
            or not LEAST_LETTERS_TO_PART <= len(word) <= MOST_LETTERS
        ):
            return ()
        found: list[tuple[int, tuple[str, ...]]] = []
        for uses, taught in self._languages:
            for at in range(2, len(word) - LEAST_LETTERS_OF_THE_SECOND + 1):
                parts = (word[:at], word[at:])
                rarer = min(uses.get(part, 0) for part in parts)
                needed = VERY_MANY_USES if at <= SHORT else MANY_USES
                if rarer >= MANY_USES and uses.get(parts[0], 0) >= needed and parts[1] in taught:
                    found.append((rarer, parts))
        return max(found, default=(0, ()))[1]

    def joined(self, one: str, two: str) -> str:
        """The word that two neighbours are together; nothing when both are words of one language."""
        word = one + two
        if word not in self._whole or len(word) < LEAST_LETTERS_TO_JOIN:
            return ""
        return "" if any(_is_word(one, *each) and _is_word(two, *each) for each in self._languages) else word


def _is_word(word: str, uses: Mapping[str, int], taught: frozenset[str]) -> bool:
    return word in taught or uses.get(word, 0) >= MANY_USES or word[0].isdecimal()


AS_WRITTEN = Spacing((), ())
"""For what a rule file says: its spaces are right."""
