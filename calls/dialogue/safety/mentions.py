"""Finds where the concepts of one language are mentioned, in one pass over the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from calls.dialogue.safety.lexicon import Lexicon
from calls.dialogue.safety.tokens import Words

_END = ""
"""The trie key under which a node keeps the concepts that end there, as the bits of a number; no word is empty."""

_CACHED_SETS = 20_000
_new = tuple.__new__
"""Makes a span without the call that a named tuple spends on reading its arguments."""

Node = dict[str, Any]


class Span(NamedTuple):
    """Words `start` to `end` (exclusive) say every concept whose bit is set; `doubt` counts the guessed words."""

    concepts: int
    start: int
    end: int
    doubt: int

    def within(self, other: Span) -> bool:
        return other.start <= self.start and self.end <= other.end


class Phrases:
    """All phrases of all concepts of one language, as a trie over word keys."""

    def __init__(self, passing: frozenset[str]) -> None:
        self._root: Node = {}
        self._passing = passing
        self._shared = False

    def extended(self) -> Phrases:
        """A trie that begins as this one and shares every node with it until it adds its own phrases."""
        other = Phrases(self._passing)
        other._root, other._shared = self._root, True
        return other

    def add(self, keys: tuple[str, ...], concept: int) -> None:
        if self._shared:
            self._root = _with(self._root, keys, concept)
            return
        node = self._root
        for key in keys:
            node = node.setdefault(key, {})
        node[_END] = node.get(_END, 0) | 1 << concept

    def find(self, words: Words, lexicon: Lexicon, *, guessing: bool) -> list[Span]:
        """Every phrase that was said, ordered by where it starts; without guessing only words that are surely said."""
        read = lexicon.readings if guessing else lexicon.sure_readings
        readings = [read(text) for text in words.texts]
        root, found = self._root, []
        for start, here in enumerate(readings):
            for reading, sureness in here:
                node = root.get(reading)
                if node is not None:
                    self._walk(readings, words, start, (node, start + 1, sureness == Lexicon.SOUNDS_LIKE), found)
        return found

    def _walk(
        self,
        readings: list[tuple[tuple[str, int], ...]],
        words: Words,
        start: int,
        first: tuple[Node, int, int],
        found: list[Span],
    ) -> None:
        """Follow one reading of the word at `start` down the trie, and every reading of the words after it."""
        sentence = words.sentences[start]
        paths = [(*first, False)]
        while paths:
            node, at, doubt, passed = paths.pop()
            ends = node.get(_END)
            if ends is not None:
                if not passed:
                    found.append(_new(Span, (ends, start, at, doubt)))
                if len(node) == 1:
                    continue
            if at == len(readings) or words.sentences[at] != sentence:
                continue
            if words.texts[at] in self._passing:
                paths.append((node, at + 1, doubt, True))
            for reading, sureness in readings[at]:
                deeper = node.get(reading)
                if deeper is not None:
                    paths.append((deeper, at + 1, doubt + (sureness == Lexicon.SOUNDS_LIKE), False))


def present(spans: Sequence[Span]) -> int:
    """All concepts of the spans, as bits."""
    concepts = 0
    for span in spans:
        concepts |= span.concepts
    return concepts


def mentions_of(wanted: int, spans: Sequence[Span]) -> dict[int, list[Span]]:
    """The mentions of the wanted concepts, each ordered by where it starts; the surest reading of the same words."""
    found: dict[int, list[Span]] = {}
    for span in spans:
        concepts, start = span[0] & wanted, span[1]
        if not concepts:
            continue
        for concept in numbers(concepts):
            here = found.get(concept)
            if here is None:
                found[concept] = [span]
            elif here[-1].start != start:
                here.append(span)
            else:
                _put(span, here)
    return found


@lru_cache(maxsize=_CACHED_SETS)
def numbers(concepts: int) -> tuple[int, ...]:
    """The concepts whose bits are set."""
    found = []
    while concepts:
        highest = concepts.bit_length() - 1
        concepts ^= 1 << highest
        found.append(highest)
    return tuple(found)


def _put(mention: Span, here: list[Span]) -> None:
    for at in range(len(here) - 1, -1, -1):
        if here[at].start != mention.start:
            break
        if here[at].end == mention.end:
            if mention.doubt < here[at].doubt:
                here[at] = mention
            return
    here.append(mention)


def _with(node: Node, keys: tuple[str, ...], concept: int) -> Node:
    """A node with one more phrase below it; only the nodes on its way are new, the old trie stays as it was."""
    if keys:
        return {**node, keys[0]: _with(node.get(keys[0], {}), keys[1:], concept)}
    return {**node, _END: node.get(_END, 0) | 1 << concept}


def drop_covered(mentions: list[Span], covers: Sequence[Span]) -> list[Span]:
    """The mentions outside of `covers`: "killing" is dropped when it lies inside a longer "killing time"."""
    if not covers:
        return mentions
    over: dict[int, list[Span]] = {}
    for cover in covers:
        for at in range(cover.start, cover.end):
            over.setdefault(at, []).append(cover)
    return [
        one
        for one in mentions
        if one.start not in over or not any(one.within(cover) and not cover.within(one) for cover in over[one.start])
    ]
