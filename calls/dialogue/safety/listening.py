"""What was heard, read by every language's tables: which patterns are possible, and where their words stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from calls.dialogue.safety import statements
from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.filing import Filed
from calls.dialogue.safety.hearing import Guesses
from calls.dialogue.safety.loading import LanguageRules
from calls.dialogue.safety.matching import Match, Places
from calls.dialogue.safety.mentions import Cover, Span, mentions_of, present, without
from calls.dialogue.safety.tokens import Words, tokenise

UNSURE_OF_THE_WORDS = 0.5
LEAST_FOREIGN_WORDS = 2
FEW_WORDS = 4
FEW_SENTENCES = 2
"""So many ends of a sentence are between nearly everything that was said."""
_NOT_MADE_HARMLESS = frozenset({Cue.FIGURATIVE, Cue.HARMLESS, Cue.DISBELIEF, Cue.CHATTER, Cue.ANY_NEGATION})

Spans = Mapping[str, list[Span]]
"""By language, every phrase that was said."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What was heard, read by every language's tables."""

    words: Words
    guesses: Mapping[int, Guesses]
    """What words of the caller's language may have been, by place."""
    said: Spans
    possible: Mapping[str, list[Filed]]
    """The patterns of each language whose every concept was said somewhere; none of danger in a language that hardly a
    word is of: one word alike ("graves") is no danger in it."""
    literal: Mapping[str, Places]
    """The mentions outside of figures of speech."""
    everything: Mapping[str, Places]
    """All mentions: a rule's exceptions may stand inside a figure of speech."""
    cues: Mapping[str, CueMentions]
    """The cues that each language's rules go by: its own for the caller's language, all for a guest."""
    unsure: bool
    _near: dict[tuple[str, int, int], CueMentions] = field(default_factory=dict)

    def cues_near(self, match: Match, lang: str) -> CueMentions:
        """The cues of the sentences that a match stands in, of the one before and the one behind: none reaches further,
        and in long speech most of what was said is far away."""
        sentences = self.words.sentences
        if sentences[-1] <= FEW_SENTENCES:
            return self.cues[lang]
        low, high = sentences[match.start] - 1, sentences[match.end - 1] + 1
        near = self._near.get((lang, low, high))
        if near is None:
            first, end = bisect_left(sentences, low), bisect_right(sentences, high)
            near = self._near[lang, low, high] = self.cues[lang].between(first, end)
        return near


def listen(order: Sequence[LanguageRules], text: str, confidence: float | None) -> Speech:
    """One utterance by itself; the caller's language comes first in `order`."""
    words = tokenise(text, order[0].spelling)
    guesses = order[0].lexicon.hear(words.texts)
    return _read(order, words, guesses, _said(order, words, guesses), confidence)


def listen_across(order: Sequence[LanguageRules], text: str, earlier: str, confidence: float | None) -> Speech | None:
    """An utterance as what goes on from `earlier`; None when no pattern can have been said partly in each.

    Each turn comes through here and hardly any has such a pattern, so nothing else is read before that is known.
    """
    words = tokenise(text, order[0].spelling, earlier)
    guesses = order[0].lexicon.hear(words.texts)
    spans = _said(order, words, guesses)
    if words.fresh and not any(_may_reach_across(one, spans[one.lang], words.fresh) for one in order):
        return None
    return _read(order, words, guesses, spans, confidence)


def _said(order: Sequence[LanguageRules], words: Words, guesses: Mapping[int, Guesses]) -> Spans:
    # What is nearly or sounds like a foreign word is a word of one's own: only the caller's language may guess.
    return {one.lang: one.phrases.find(words, guesses if one is order[0] else None) for one in order}


def _may_reach_across(language: LanguageRules, spans: Sequence[Span], fresh: int) -> bool:
    """Whether a pattern has words before `fresh` and words from there on; a phrase may itself reach across."""
    before = present([span for span in spans if span.start < fresh])
    after = present([span for span in spans if span.end > fresh])
    if not (before and after):
        return False
    needed = (one.needs for one in _possible(language, before | after))
    return any(not (needs.isdisjoint(before) or needs.isdisjoint(after)) for needs in needed)


def _read(
    order: Sequence[LanguageRules],
    words: Words,
    guesses: Mapping[int, Guesses],
    spans: Spans,
    confidence: float | None,
) -> Speech:
    possible = {one.lang: _possible(one, present(spans[one.lang])) for one in order}
    for guest in order[1:]:
        if possible[guest.lang] and not _is_spoken(guest, order[0], words):
            possible[guest.lang] = [one for one in possible[guest.lang] if not one.dangerous]
    said = {one.lang: mentions_of(_wanted(one, possible[one.lang]), spans[one.lang]) for one in order}
    own = [_cues(language, said[language.lang]) for language in order]
    statements.end_figures(own, words)
    words = statements.part(words, own, _together(own))
    everybody = _together(own)
    literal = everything = {lang: Places(one) for lang, one in said.items()}
    if everybody[Cue.FIGURATIVE]:
        figures = Cover(everybody[Cue.FIGURATIVE])
        literal = {lang: Places(without(figures.inside(spans[lang]), one)) for lang, one in said.items()}
    return Speech(
        words=words,
        guesses=guesses,
        said=spans,
        possible=possible,
        literal=literal,
        everything=everything,
        cues={language.lang: own[0] if language is order[0] else everybody for language in order},
        unsure=confidence is not None and confidence < UNSURE_OF_THE_WORDS,
    )


def _together(own: Sequence[CueMentions]) -> CueMentions:
    everybody = CueMentions()
    for cues in own:
        for cue, mentions in cues.items():
            everybody[cue] = everybody[cue] + mentions
    return everybody


def _is_spoken(guest: LanguageRules, home: LanguageRules, words: Words) -> bool:
    """Whether two words, or one in a few, are of the guest language: of its rules alone, or everyday words of it."""
    theirs, ours = guest.lexicon, home.lexicon
    foreign = sum(
        1
        for text in words.texts
        if (theirs.sure_readings(text) and not ours.sure_readings(text))
        or (theirs.is_common(text) and not ours.is_common(text))
    )
    return foreign >= LEAST_FOREIGN_WORDS or foreign * FEW_WORDS >= len(words) > 0


def _possible(language: LanguageRules, said: frozenset[int]) -> list[Filed]:
    """The patterns whose every concept was said somewhere."""
    by_anchor, all_said = language.by_anchor, said.issuperset
    return [
        one
        for anchor in sorted(said & language.anchors)
        for other, filed in by_anchor[anchor]
        if other in said
        for one in filed
        if all_said(one.needs)
    ]


def _wanted(language: LanguageRules, possible: Sequence[Filed]) -> frozenset[int]:
    """What the possible patterns need, what takes their meaning away, and what matters whatever else was said."""
    needed = (one.needs for one in possible)
    return language.listened_for.union(*needed, *{id(one.rule): one.rule.unless for one in possible}.values())


def _cues(language: LanguageRules, said: Mapping[int, list[Span]]) -> CueMentions:
    """The cues of one language, without those inside a phrase that makes them harmless ("don't know")."""
    cues = CueMentions()
    for concept, cue in language.cues.items():
        if concept in said:
            cues[cue] = [one for one in said[concept] if not one.doubt]
    if Cue.NEGATION in cues:
        cues[Cue.ANY_NEGATION] = list(cues[Cue.NEGATION])
    if cues[Cue.HARMLESS]:
        harmless = Cover(cues[Cue.HARMLESS])
        for cue in cues.keys() - _NOT_MADE_HARMLESS:
            cues[cue] = harmless.outside(cues[cue])
    return cues
