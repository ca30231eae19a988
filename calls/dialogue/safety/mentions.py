"""Where the concepts of one language are mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

LONE_REACH = 1
"""Words between a lone word and what it is about, at most."""


class Span(NamedTuple):
    """Words `start` to `end` (exclusive) say each of `concepts`; `doubt` counts the guessed words, those twice that not
    everything around them speaks for."""

    concepts: tuple[int, ...]
    start: int
    end: int
    doubt: int

    @property
    def lone(self) -> bool:
        """Whether it is one word, which may be there by chance: "we are on Hamlet Street"."""
        return self.end == self.start + 1

    def reach(self, far: int, within: Set[int] = frozenset()) -> int:
        """How many words away it counts: a lone word only beside what it is about. One of `within` says where or when
        all of it happens ("en el cuento", "en 1985"), and reaches as `far` as a phrase."""
        return LONE_REACH if self.lone and self.start not in within else far

    def within(self, other: Span) -> bool:
        return other.start <= self.start and self.end <= other.end


def present(spans: Sequence[Span]) -> frozenset[int]:
    """All concepts of the spans."""
    # The trie has each tuple of concepts once, and there are few different ones in one utterance.
    once = {id(span[0]): span[0] for span in spans}
    return frozenset[int]().union(*once.values())


def mentions_of(wanted: frozenset[int], spans: Sequence[Span]) -> dict[int, list[Span]]:
    """The mentions of the wanted concepts, each ordered by where it starts; the surest reading of the same words."""
    found: dict[int, list[Span]] = {}
    lists: dict[int, list[list[Span]]] = {}
    """The lists of those of one tuple's concepts that are wanted: nobody looks through them a second time."""
    for span in spans:
        heres = lists.get(id(span[0]))
        if heres is None:
            heres = lists[id(span[0])] = [found.setdefault(one, []) for one in wanted.intersection(span[0])]
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


def without(gone: Sequence[Span], mentions: dict[int, list[Span]]) -> dict[int, list[Span]]:
    """Mentions by concept as they are when these spans were not said."""
    places = {(one.start, one.end) for one in gone}
    left = dict(mentions)
    for concept in present(gone):
        if concept in left:
            left[concept] = [one for one in left[concept] if (one.start, one.end) not in places]
    return left


class Cover:
    """Longer phrases that other mentions may lie inside of: "killing" inside of "killing time"."""

    def __init__(self, covers: Iterable[Span]) -> None:
        self._over: dict[int, list[Span]] = {}
        for cover in covers:
            for at in range(cover.start, cover.end):
                self._over.setdefault(at, []).append(cover)

    def inside(self, mentions: Iterable[Span]) -> list[Span]:
        """The mentions that lie inside of one that is longer."""
        over = self._over
        return [
            one
            for one in mentions
            if one[1] in over and any(one.within(cover) and not cover.within(one) for cover in over[one[1]])
        ]

    def outside(self, mentions: list[Span]) -> list[Span]:
        """The mentions that do not."""
        inside = self.inside(mentions)
        return [one for one in mentions if one not in inside] if inside else mentions


def drop_covered(mentions: list[Span], covers: Sequence[Span]) -> list[Span]:
    """The mentions outside of `covers`."""
    return Cover(covers).outside(mentions) if mentions and covers else mentions
