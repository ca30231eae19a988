"""Finds where the concepts of one language are mentioned, in one pass over the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from calls.dialogue.safety.hearing import Guesses
from calls.dialogue.safety.lexicon import Lexicon, Readings
from calls.dialogue.safety.tokens import Words

_END = ""
"""The trie key under which a node keeps the concepts that end there; no word is empty."""

_DOUBT = {Lexicon.SURE: 0, Lexicon.MISSPELT: 0, Lexicon.FITS: 1, Lexicon.SOUNDS_LIKE: 2}
"""By how sure a reading is."""
_new = tuple.__new__
"""Makes a span without the call that a named tuple spends on reading its arguments."""

Node = dict[str, Any]


class Span(NamedTuple):
    """Words `start` to `end` (exclusive) say each of `concepts`; `doubt` counts the guessed words, those twice that not
    everything around them speaks for."""

    concepts: tuple[int, ...]
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
        node[_END] = _with_end(node, concept)

    def find(self, words: Words, lexicon: Lexicon, heard: Mapping[int, Guesses] | None) -> list[Span]:
        """Every phrase that was said, ordered by where it starts; `heard` are the lexicon's guesses, and without any
        only words count that are surely said."""
        if heard is None:
            readings = [lexicon.sure_readings(one) for one in words.texts]
        else:
            readings = lexicon.in_place(words.texts, heard)
        root, found = self._root, []
        for start, here in enumerate(readings):
            for reading, sureness in here:
                node = root.get(reading)
                if node is not None and _add(node, start, start + 1, _DOUBT[sureness], found):
                    self._walk(readings, words, start, (node, _DOUBT[sureness]), found)
        return found

    def _walk(
        self, readings: list[Readings], words: Words, start: int, first: tuple[Node, int], found: list[Span]
    ) -> None:
        """Follow one reading of the word at `start` down the trie, and every reading of the words after it."""
        sentence, end = words.sentences[start], len(readings)
        paths = [(first[0], start + 1, first[1])]
        while paths:
            node, at, doubt = paths.pop()
            if at == end or words.sentences[at] != sentence:
                continue
            if words.texts[at] in self._passing:
                paths.append((node, at + 1, doubt))
            for reading, sureness in readings[at]:
                deeper = node.get(reading)
                if deeper is not None and _add(deeper, start, at + 1, doubt + _DOUBT[sureness], found):
                    paths.append((deeper, at + 1, doubt + _DOUBT[sureness]))


def _add(node: Node, start: int, end: int, doubt: int, found: list[Span]) -> bool:
    """Keep what is said by the words up to a node; whether there are longer phrases below it."""
    ends = node.get(_END)
    if ends is None:
        return True
    found.append(_new(Span, (ends, start, end, doubt)))
    return len(node) > 1


def present(spans: Sequence[Span]) -> frozenset[int]:
    """All concepts of the spans."""
    # Each tuple belongs to one node of the trie, and what is said again leads to the same node.
    once = {id(span[0]): span[0] for span in spans}
    return frozenset[int]().union(*once.values())


def mentions_of(wanted: frozenset[int], spans: Sequence[Span]) -> dict[int, list[Span]]:
    """The mentions of the wanted concepts, each ordered by where it starts; the surest reading of the same words."""
    found: dict[int, list[Span]] = {}
    lists: dict[int, list[list[Span]]] = {}
    """By what one node of the trie says, the lists of its wanted concepts: nobody looks through them a second time."""
    for span in spans:
        heres = lists.get(id(span[0]))
        if heres is None:
            heres = lists[id(span[0])] = [found.setdefault(one, []) for one in span[0] if one in wanted]
        for here in heres:
            if not here or here[-1][1] != span[1]:
                here.append(span)
            else:
                _put(span, here)
    return found


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
    return {**node, _END: _with_end(node, concept)}


def _with_end(node: Node, concept: int) -> tuple[int, ...]:
    ends = node.get(_END, ())
    return ends if concept in ends else (*ends, concept)


def drop_covered(mentions: list[Span], covers: Sequence[Span]) -> list[Span]:
    """The mentions outside of `covers`: "killing" is dropped when it lies inside a longer "killing time"."""
    return part_covered(mentions, covers)[0]


def part_covered(mentions: list[Span], covers: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """The mentions outside of `covers`, and those inside of one that is longer."""
    if not covers:
        return mentions, []
    over: dict[int, list[Span]] = {}
    for cover in covers:
        for at in range(cover.start, cover.end):
            over.setdefault(at, []).append(cover)
    outside, inside = [], []
    for one in mentions:
        around = over.get(one[1], ())
        covered = any(one.within(cover) and not cover.within(one) for cover in around) if around else False
        (inside if covered else outside).append(one)
    return outside, inside


def without(gone: Sequence[Span], mentions: dict[int, list[Span]]) -> dict[int, list[Span]]:
    """Mentions by concept as they are when these spans were not said."""
    places = {(one.start, one.end) for one in gone}
    left = dict(mentions)
    for concept in present(gone):
        if concept in left:
            left[concept] = [one for one in left[concept] if (one.start, one.end) not in places]
    return left
