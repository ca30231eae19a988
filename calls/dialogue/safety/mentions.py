"""Finds where the concepts of one language are mentioned, in one pass over the words."""

from __future__ import annotations

from typing import Any, NamedTuple

from calls.dialogue.safety.lexicon import Lexicon
from calls.dialogue.safety.tokens import Words

_END = ""
"""The trie key under which a node keeps the concepts that end there; no word is empty."""

Node = dict[str, Any]


class Mention(NamedTuple):
    """Words `start` to `end` (exclusive) say a concept; `doubt` counts the words that were only guessed at."""

    concept: int
    start: int
    end: int
    doubt: int = 0

    def within(self, other: Mention) -> bool:
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
        ends = node.setdefault(_END, [])
        if concept not in ends:
            ends.append(concept)

    def find(self, words: Words, lexicon: Lexicon) -> list[Mention]:
        """Every mention, ordered by where it starts."""
        readings = [lexicon.readings(text) for text in words.texts]
        found: dict[tuple[int, int, int], int] = {}
        for start, here in enumerate(readings):
            if here:
                self._walk(readings, words, start, found)
        return [Mention(concept, start, end, doubt) for (concept, start, end), doubt in found.items()]

    def _walk(
        self,
        readings: list[tuple[tuple[str, int], ...]],
        words: Words,
        start: int,
        found: dict[tuple[int, int, int], int],
    ) -> None:
        paths: list[tuple[Node, int, int, bool]] = [(self._root, start, 0, False)]
        while paths:
            node, at, doubt, passed = paths.pop()
            for concept in () if passed else node.get(_END, ()):
                key = (concept, start, at)
                found[key] = min(doubt, found.get(key, doubt))
            if at == len(readings) or words.sentences[at] != words.sentences[start]:
                continue
            if start < at and words.texts[at] in self._passing:
                paths.append((node, at + 1, doubt, True))
            for reading, sureness in readings[at]:
                deeper = node.get(reading)
                if deeper is not None:
                    paths.append((deeper, at + 1, doubt + (sureness == Lexicon.SOUNDS_LIKE), False))


def _with(node: Node, keys: tuple[str, ...], concept: int) -> Node:
    """A node with one more phrase below it; only the nodes on its way are new, the old trie stays as it was."""
    if keys:
        return {**node, keys[0]: _with(node.get(keys[0], {}), keys[1:], concept)}
    return {**node, _END: [*(one for one in node.get(_END, ()) if one != concept), concept]}


def drop_covered(mentions: list[Mention], covers: list[Mention]) -> list[Mention]:
    """The mentions outside of `covers`: "killing" is dropped when it lies inside a longer "killing time"."""
    if not covers:
        return mentions
    over: dict[int, list[Mention]] = {}
    for cover in covers:
        for at in range(cover.start, cover.end):
            over.setdefault(at, []).append(cover)
    return [
        one
        for one in mentions
        if one.start not in over or not any(one.within(cover) and not cover.within(one) for cover in over[one.start])
    ]
