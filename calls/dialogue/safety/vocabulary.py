"""The common words of a language: who writes one of them may have meant it, so it is no slip of spelling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from spellchecker import SpellChecker

LEAST_USES = 200
"""Below this count the library's word lists, made of subtitles, hold names and misspellings too."""


@cache
def common_words(lang: str) -> frozenset[str]:
    """The words of a language that are used often enough to be meant, in lower case and without accents."""
    return frozenset(uses(lang))


@cache
def uses(lang: str) -> Mapping[str, int]:
    """How often each of the common words of a language is used in the library's lists."""
    counts = SpellChecker(language=lang).word_frequency.dictionary
    return {word: count for word, count in counts.items() if count >= LEAST_USES}
