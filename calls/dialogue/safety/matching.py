"""Matches patterns on mentions: steps in order within a gap, parts near one another in any order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.rules import Pattern, Step
from calls.dialogue.safety.tokens import JUDGED_WORDS, Words

MOST_MATCHES = 12
"""More matches of one pattern say nothing new; the bound keeps repeated words cheap."""

LONG_SPEECH = 32
"""Words from which on it is worth asking first whether a pattern's concepts stand close to one another at all."""

_NO_CONCEPT = frozenset[int]()
_REACH = 23
"""So many words lie at most between the first words of most patterns' first and last concepts."""

_UP_TO = tuple((2 << at) - (1 << max(0, at - _REACH)) for at in range(JUDGED_WORDS + 1))
"""Each word with those at most `_REACH` before it, as bits."""

_NEXT_SENTENCE_GAP = 3
"""Parts may stand in neighbouring sentences only this close: "I have this pain. It is in my chest."."""


class Match(NamedTuple):
    """One way a pattern was said: the mentions it was made of, in the order they were spoken."""

    mentions: tuple[Span, ...]
    start: int
    end: int
    alone: frozenset[int] = frozenset()
    """The concepts of a pattern that counts only when hardly anything else was said."""
    loose: tuple[Span, ...] = ()
    """Those mentions that are a whole part of the pattern, free to stand before or behind the others."""

    @classmethod
    def of(cls, mentions: tuple[Span, ...], *, loose: tuple[Span, ...] = ()) -> Match:
        return cls(mentions, mentions[0].start, max([mention.end for mention in mentions]), loose=loose)

    @property
    def doubt(self) -> int:
        return sum(mention.doubt for mention in self.mentions)

    def contains(self, other: Span) -> bool:
        """Whether the match is made of every word of another mention."""
        if other.start < self.start or other.end > self.end:
            return False
        return all(self.uses(at) for at in range(other.start, other.end))

    def uses(self, at: int) -> bool:
        return self.start <= at < self.end and any(one.start <= at < one.end for one in self.mentions)


class Places:
    """Mentions by concept. They come, and stay, ordered by where they start."""

    def __init__(self, by_concept: Mapping[int, list[Span]]) -> None:
        self._by_concept = by_concept
        self._concepts = frozenset(by_concept)
        self._starts: dict[int, list[int]] = {}
        self._near: dict[int, tuple[int, int]] = {}
        self._said: dict[int, list[Match]] = {}
        self._among: dict[frozenset[int], frozenset[int]] = {}

    def of(self, concept: int) -> list[Span]:
        return self._by_concept.get(concept, [])

    def said(self, steps: tuple[Step, ...], words: Words) -> list[Match]:
        """Every way these steps were said; worked out once, because many patterns share a part."""
        key = id(steps)  # equal parts of all patterns are one object, which outlives the places
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = _sequences(steps, self, words)
        return found

    def between(self, concept: int, low: int, high: int) -> Sequence[Span]:
        """Mentions of a concept that start from `low` to `high`, both included."""
        starts = self._starts.get(concept)
        if starts is None:
            starts = self._starts[concept] = [mention.start for mention in self.of(concept)]
        first = bisect_left(starts, low)
        if first == len(starts) or starts[first] > high:
            return ()
        return self._by_concept[concept][first : bisect_right(starts, high, first)]

    def may_hold(self, pattern: Pattern) -> bool:
        """Whether all that a pattern needs stands within its reach somewhere: a quick no for most, in long speech."""
        there, longest = -1, 0
        for concept in pattern.needs:
            within, words = self._near.get(concept) or self._nearness(concept)
            there &= within
            if words > longest:
                longest = words
        return there != 0 or pattern.between + pattern.steps * longest > _REACH

    def _nearness(self, concept: int) -> tuple[int, int]:
        """The words from which a mention of a concept begins within `_REACH` words, as bits; its most words."""
        within = longest = 0
        for _, start, end, _ in self.of(concept):
            within |= _UP_TO[start]
            if end - start > longest:
                longest = end - start
        self._near[concept] = within, longest
        return within, longest

    def among(self, concepts: frozenset[int]) -> frozenset[int]:
        """Those of the concepts that were said at all."""
        found = self._among.get(concepts)
        if found is None:
            found = self._among[concepts] = self._concepts & concepts
        return found


def matches(pattern: Pattern, places: Places, words: Words) -> list[Match]:
    """Every way the pattern was said, at most `MOST_MATCHES`, earliest first."""
    found: list[Match] = []
    if len(words.texts) > LONG_SPEECH and not places.may_hold(pattern):
        return found
    others: list[list[Match]] = []
    for part in pattern.parts[1:]:
        said = places.said(part, words)
        if not said:
            return found
        others.append(said)
    for first in places.said(pattern.parts[0], words):
        match = _join(first, others, pattern, words)
        if match is not None and (not pattern.unfinished or match.end == len(words)):
            found.append(match._replace(alone=pattern.needs) if pattern.alone else match)
    return found


def _sequences(steps: tuple[Step, ...], places: Places, words: Words) -> list[Match]:
    if len(steps) == 1:
        return [_match_of(one) for one in places.of(steps[0].concept)[:MOST_MATCHES]]
    found: list[Match] = []
    for mention in places.of(steps[0].concept):
        chain = _follow((mention,), steps, places, words)
        if chain is not None:
            found.append(Match.of(chain))
            if len(found) == MOST_MATCHES:
                break
    return found


def _match_of(one: Span) -> Match:
    # Most matches are of one mention, and a named tuple spends more on reading its arguments than on holding them.
    return tuple.__new__(Match, ((one,), one[1], one[2], _NO_CONCEPT, ()))


def _follow(chain: tuple[Span, ...], steps: tuple[Step, ...], places: Places, words: Words) -> tuple[Span, ...] | None:
    step, last = steps[len(chain)], chain[-1]
    for mention in places.between(step.concept, last.end, last.end + step.gap):
        if words.sentences[mention.start] != words.sentences[last.start]:
            return None
        longer = (*chain, mention)
        whole = longer if len(longer) == len(steps) else _follow(longer, steps, places, words)
        if whole is not None:
            return whole
    return None


def _join(first: Match, others: list[list[Match]], pattern: Pattern, words: Words) -> Match | None:
    parts = [first]
    for candidates in others:
        fitting = [one for one in candidates if _fits(one, parts, pattern, words)]
        if not fitting:
            return None
        parts.append(min(fitting, key=lambda one: abs(one.start - first.start)))
    spoken = sorted((mention for part in parts for mention in part.mentions), key=lambda one: one.start)
    loose = tuple(part.mentions[0] for part in parts if len(part.mentions) == 1) if others else ()
    return Match.of(tuple(spoken), loose=loose)


def _fits(one: Match, parts: list[Match], pattern: Pattern, words: Words) -> bool:
    near = pattern.near
    for part in parts:
        # Most are far away, and to see that costs less than to compare words.
        if one.start - part.end > near or part.start - one.end > near:
            continue
        if _distance(one, part, pattern.across, words) <= near:
            return not any(_overlap(one, other) for other in parts)
    return False


def _overlap(one: Match, other: Match) -> bool:
    return any(a.start < b.end and b.start < a.end for a in one.mentions for b in other.mentions)


def _distance(one: Match, other: Match, across: int, words: Words) -> int:
    """Words between two matches; far away when a sentence ends between them and they are not close."""
    before, after = (one, other) if one.start <= other.start else (other, one)
    gap = max(0, after.start - before.end)
    sentences = words.sentences[after.start] - words.sentences[before.end - 1]
    if sentences > across or (across == 1 and sentences == 1 and gap > _NEXT_SENTENCE_GAP):
        return len(words) + 1
    return gap
