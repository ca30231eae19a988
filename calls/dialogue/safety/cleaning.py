"""How words are cleaned before matching: which fall away, which stand for others, and what they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.dialogue.safety.spacing import AS_WRITTEN, Spacing

OPENS, LINKS, PLACES, OWNS, OF, TIES = (1 << at for at in range(6))
"""What a light word does to the word behind it, as bits."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are cleaned before matching, gathered from the rule files of all languages."""

    expands: Mapping[str, tuple[str, ...]]
    """One heard word that stands for several or another: "dont" -> do not, "heartattack" -> heart attack."""
    misheard: Mapping[tuple[str, ...], tuple[str, ...]]
    """Phrases a recogniser writes for other phrases: "chess pain" -> chest pain."""
    fillers: frozenset[tuple[str, ...]]
    cleaned: Mapping[str, tuple[int, ...]]
    """The words that a filler or a misheard phrase begins with, and how many words such phrases have, longest first: no
    other word needs a second look."""
    light: frozenset[str]
    openers: frozenset[str]
    """Light words that begin a new thing ("my"): after "and" they end a negation."""
    links: frozenset[str]
    """Light words that tie what comes next to what was said ("del"): with one before it an opener begins nothing."""
    within: frozenset[str]
    """Light words that make what comes next a place ("en la película")."""
    own: frozenset[str]
    """Light words that make what comes next the caller's ("mi hijo")."""
    of: frozenset[str]
    """Light words that may make a time of what comes next ("de niña", "in the eighties")."""
    ties: frozenset[str]
    """Words behind which no statement begins although somebody and a verb follow ("if my husband is", "think that")."""
    passing: frozenset[str]
    """Words that may stand inside a phrase without breaking it: "can't wake her up"."""
    numbers: Mapping[str, int]
    """The words of whole numbers."""
    spacing: Spacing = AS_WRITTEN
    marks: Mapping[str, int] = field(init=False)
    """The light words, each with all that it does to the word behind it: every other word of speech is one of them."""

    def __post_init__(self) -> None:
        kinds = (
            *((self.openers, OPENS), (self.links, LINKS), (self.within, PLACES)),
            *((self.own, OWNS), (self.of, OF), (self.ties, TIES)),
        )
        marks = {word: sum(mark for words, mark in kinds if word in words) for word in self.light}
        object.__setattr__(self, "marks", marks)


def cleaned(texts: list[str], sentences: list[int], spelling: Spelling) -> tuple[list[tuple[int, str]], set[int]]:
    """Drops fillers and puts right what the recogniser is known to mishear; keeps each word's old place."""
    kept = list(enumerate(texts))
    keep: list[tuple[int, str]] = []
    swapped: set[int] = set()
    at = 0
    for start in (place for place, text in kept if text in spelling.cleaned):
        meant = _meant(texts, start, sentences, spelling) if start >= at else None
        if meant is not None:
            length, words = meant
            keep += kept[at:start]
            keep += [(start, word) for word in words]
            swapped.update(range(start, start + length) if words else ())
            at = start + length
    return (keep + kept[at:] if at else kept), swapped


def _meant(texts: list[str], at: int, sentences: list[int], spelling: Spelling) -> tuple[int, tuple[str, ...]] | None:
    """How many words from one on mean others, and which; none for fillers."""
    for length in spelling.cleaned[texts[at]]:
        if at + length > len(texts):
            continue
        phrase = tuple(texts[at : at + length])
        if phrase in spelling.fillers:
            return length, ()
        meant = spelling.misheard.get(phrase)
        if meant is not None and sentences[at] == sentences[at + length - 1]:
            return length, meant
    return None
