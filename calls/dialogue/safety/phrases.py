"""Holds every phrase of every concept of one language, and finds those that were said in one pass over the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from calls.dialogue.safety.hearing import Guesses
from calls.dialogue.safety.lexicon import Lexicon, Readings
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

_END = ""
"""The trie key under which a node keeps the concepts that end there; no word is empty."""

_DOUBT = {Lexicon.SURE: 0, Lexicon.MISSPELT: 0, Lexicon.FITS: 1, Lexicon.SOUNDS_LIKE: 2}
"""By how sure a reading is."""
_CACHED_WORDS = 50_000
_CACHED_WORDS_OF_A_CLINIC = 5_000
_new = tuple.__new__
"""Makes a span without the call that a named tuple spends on reading its arguments."""

Concepts = tuple[int, ...]
Node = dict[str, Any]
"""By the key of the next word, another node, or the concepts that end there if no phrase goes on."""
Beginnings = tuple[tuple[Node | None, Concepts | None, int], ...]
"""Where phrases that begin with a word go on, what the word says by itself, and the doubt of that reading of it."""


class Phrases:
    """All phrases of all concepts of one language, as a trie over word keys.

    The rule files come to half a million places in it. All at which the same concepts end hold one tuple of them, and
    what goes on alike behind different words is there once: `settle` leaves one place of sixty.
    """

    def __init__(self, passing: frozenset[str], lexicon: Lexicon) -> None:
        """`passing` are the words that may stand inside a phrase; `lexicon` knows what a heard word may be."""
        self._root: Node = {}
        self._passing = passing
        self._lexicon = lexicon
        self._ends: dict[Concepts, Concepts] = {}
        self._with: dict[tuple[int, frozenset[int]], Concepts] = {}
        """What ends at a node once more concepts do, by the identity of what ended there before."""
        self._own: set[int] | None = None
        """Of a trie whose nodes are shared: those that are its own."""
        self._remember(_CACHED_WORDS)

    def extended(self, lexicon: Lexicon) -> Phrases:
        """A trie that begins as this one and shares every node with it until it adds its own phrases."""
        other = Phrases(self._passing, lexicon)
        other._root, other._own = dict(self._root), set()
        other._remember(_CACHED_WORDS_OF_A_CLINIC)
        return other

    def _remember(self, words: int) -> None:
        self._begin = lru_cache(maxsize=words)(lambda word: self._beginnings(self._lexicon.readings(word)))
        self._surely_begin = lru_cache(maxsize=words)(lambda word: self._beginnings(self._lexicon.sure_readings(word)))

    def places(self, words: Iterable[Sequence[tuple[str, ...]]]) -> list[Node]:
        """Where a phrase ends, in every way each of its words may be said; made where no phrase went before.

        A word may be said in nothing at all: of a phrase of such words alone nothing is left, and it ends nowhere.
        """
        reached = [self._root]
        for ways in words:
            further: dict[int, Node] = {}
            for node in reached:
                for keys in ways:
                    end = self._below(node, keys)
                    further[id(end)] = end
            reached = list(further.values())
        return [node for node in reached if node is not self._root]

    def _below(self, node: Node, keys: tuple[str, ...]) -> Node:
        own = self._own
        for key in keys:
            deeper = node.get(key)
            if deeper is None or (own is not None and id(deeper) not in own):
                whole = deeper if isinstance(deeper, dict) else {_END: deeper} if deeper else {}
                deeper = node[key] = dict(whole)
                if own is not None:
                    own.add(id(deeper))
            node = deeper
        return node

    def settle(self) -> None:
        """Share what goes on alike, once all is learnt. What is added afterwards copies what it changes."""
        known: dict[frozenset[tuple[str, int]], Node] = {}
        _share(self._root, known)
        self._own, self._ends, self._with = set(), {}, {}

    def add(self, places: Iterable[Node], concepts: frozenset[int]) -> None:
        """Let what ends at these places say these concepts."""
        for node in places:
            ends: Concepts = node.get(_END, ())
            more = self._with.get((id(ends), concepts))
            if more is None:
                more = tuple(sorted(concepts.union(ends)))
                more = self._with[id(ends), concepts] = self._ends.setdefault(more, more)
            node[_END] = more

    def find(self, words: Words, heard: Mapping[int, Guesses] | None) -> list[Span]:
        """Every phrase that was said, ordered by where it starts; `heard` are the lexicon's guesses, and without any
        only words count that are surely said."""
        texts, lexicon = words.texts, self._lexicon
        if heard is None:
            readings = [lexicon.sure_readings(one) for one in texts]
            begin = [self._surely_begin(one) for one in texts]
        else:
            readings = lexicon.in_place(texts, heard)
            begin = [self._begin(one) for one in texts]
            for at in heard:
                begin[at] = self._beginnings(readings[at])
        sentences, passing, last = words.sentences, self._passing, len(texts) - 1
        found: list[Span] = []
        for start, here in enumerate(begin):
            ends_here = start == last or sentences[start + 1] != sentences[start]
            for node, ends, doubt in here:
                if ends is not None:
                    found.append(_new(Span, (ends, start, start + 1, doubt)))
                if node is None or ends_here:
                    continue
                for reading, _ in readings[start + 1]:
                    if reading in node:
                        self._walk(readings, words, start, node, doubt, found)
                        break  # most phrases that begin with a word go on with none that was said
                else:
                    if texts[start + 1] in passing:
                        self._walk(readings, words, start, node, doubt, found)
        return found

    def _beginnings(self, readings: Readings) -> Beginnings:
        nodes = ((self._root.get(reading), _DOUBT[sureness]) for reading, sureness in readings)
        return tuple((*_parted(node), doubt) for node, doubt in nodes if node is not None)

    def _walk(
        self, readings: Sequence[Readings], words: Words, start: int, node: Node, doubt: int, found: list[Span]
    ) -> None:
        """Follow one reading of the word at `start` down the trie, and every reading of the words after it."""
        texts, sentences, passing = words.texts, words.sentences, self._passing
        sentence, end = sentences[start], len(texts)
        paths = [(node, start + 1, doubt)]
        while paths:
            node, at, doubt = paths.pop()
            if at == end or sentences[at] != sentence:
                continue
            behind = at + 1
            if texts[at] in passing:
                paths.append((node, behind, doubt))
            for reading, sureness in readings[at]:
                deeper = node.get(reading)
                if deeper is None:
                    continue
                unsure = doubt + _DOUBT[sureness]
                if deeper.__class__ is tuple:
                    found.append(_new(Span, (deeper, start, behind, unsure)))
                    continue
                ends = deeper.get(_END)
                if ends is not None:
                    found.append(_new(Span, (ends, start, behind, unsure)))
                paths.append((deeper, behind, unsure))


def _parted(node: Node | Concepts) -> tuple[Node | None, Concepts | None]:
    """Where phrases go on, and what ends."""
    if isinstance(node, tuple):
        return None, node
    return (node if len(node) > (_END in node) else None), node.get(_END)


def _share(node: Node, known: dict[frozenset[tuple[str, int]], Node]) -> Node:
    """The node with everything below it that another has too as that one; `known` are those there are."""
    for key, deeper in node.items():
        if key != _END:
            ends = deeper.get(_END)
            node[key] = ends if ends is not None and len(deeper) == 1 else _share(deeper, known)
    return known.setdefault(frozenset([(key, id(deeper)) for key, deeper in node.items()]), node)
