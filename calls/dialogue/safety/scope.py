"""Tells how the words around a match take the danger out of it: denied, imagined, long ago, about a dog.

The cues are concepts of the rule files (both languages together); what is code here is only how far each reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from calls.dialogue.safety import denial, stories, telling, timing
from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span, drop_covered
from calls.dialogue.safety.tokens import Words
from calls.dialogue.types import FindingKind


class Doubt(StrEnum):
    """A reason not to take the words as danger now."""

    NEGATED = "negated"
    IMAGINED = "imagined"
    """If, what if, in case of: nobody says that it happens."""
    GENERAL = "general"
    """Information, prevention, people at large."""
    TOLD = "told"
    """In a film, a book or another story."""
    NOT_A_PERSON = "not_a_person"
    ERRAND = "errand"
    """Only named, beside what hardly anybody in danger speaks of: asked about rather than believed."""
    PAST = "past"
    RECENT = "recent"
    """Earlier today, last night, or said to be over."""
    CHRONIC = "chronic"
    """Comes and goes, or for months."""
    WEEKS_AGO = "weeks_ago"
    """Last week: what is dangerous for a day is so no more, but not yet history."""


IF_REACH = 12
NEARLY_REACH = 2
ANIMAL_REACH = 4
THING_REACH = 2
ERRAND_REACH = 6
NAMED_IN = 3
"""Words at most in which a danger is named, and so many around it that tell whose it is."""


NEVER_SO = frozenset({Doubt.NEGATED, Doubt.GENERAL, Doubt.TOLD, Doubt.NOT_A_PERSON})
"""One of these takes all danger out of the words, whatever else is said."""
NOT_SAID_OF_IT = frozenset({Doubt.NEGATED, Doubt.IMAGINED, Doubt.GENERAL})
"""What near by may be said of something else: a "not", an if, a class."""
BYGONE = frozenset({Doubt.TOLD, Doubt.PAST})
"""What was a danger, in a story or long ago, is told in a danger's own words."""

_SAYS_WHOSE = (Cue.PERSON, Cue.SUBJECT, Cue.TELLER, Cue.CLAUSE, Cue.ANY_NEGATION)
_TIES_TO = (Cue.IF, Cue.WHETHER, Cue.SUBORDINATE, Cue.DISBELIEF)
"""What a statement behind it hangs on: it is not told as happening."""
_ALL = frozenset(Doubt)
HEEDS: Mapping[FindingKind | None, frozenset[str]] = {
    FindingKind.EMERGENCY: _ALL,
    FindingKind.URGENT: _ALL,
    FindingKind.CRISIS: NEVER_SO | {Doubt.PAST},
    FindingKind.DISTRESS: NEVER_SO | {Doubt.PAST},
    FindingKind.HUMAN_REQUEST: frozenset({Doubt.NEGATED}),
    FindingKind.MEDICAL_ADVICE: frozenset(),
    FindingKind.TEST_RESULT: frozenset(),
    FindingKind.MEDICATION: frozenset(),
    None: _ALL,
}
"""The reasons that a rule of each kind goes by; None is a rule that only asks."""


def doubts(match: Match, words: Words, cues: CueMentions, heeds: frozenset[str]) -> frozenset[Doubt]:
    """The reasons in the surrounding words not to take `match` as danger now, of those that a rule heeds.

    Once one of `NEVER_SO` is found the rest is not looked for.
    """
    found: set[Doubt] = set()
    for doubt, check in _CHECKS:
        if doubt in heeds and check(match, words, cues):
            found.add(doubt)
            if doubt in NEVER_SO:
                break
    return frozenset(found)


def is_stated(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether a match has a verb of its own, "is bleeding out", "le dieron un balazo", and is no mere name, "a stroke",
    and no question ("is a stroke", "someone is having"), nor tied to an if or a "think"."""
    since = max(match.start - 1, words.sentences.index(words.sentences[match.start]) + 1)
    if any(since - 1 <= one.start < match.end for one in cues[Cue.ANYBODY]):
        return False
    tied = words.tied.intersection(range(since - 1, match.end))
    if any(one.start < at <= one.end for at in tied for kind in _TIES_TO for one in cues[kind]):
        return False
    spoken_of = {at for kind in (Cue.GENERAL, Cue.TOPIC) for one in cues[kind] for at in range(one.start, one.end)}
    verbs = (one.start for kind in (Cue.STATES, Cue.PRESENT) for one in cues[kind])
    return any(since <= at < match.end and at not in spoken_of for at in verbs)


def _imagined(match: Match, words: Words, cues: CueMentions) -> bool:
    if _asked_of_the_listener(words.sentences[match.start], words, cues) or _follows(match, words, cues):
        return True
    if telling.asked_of_nobody(match, words, cues) or any(_nearly(one, match, words) for one in cues[Cue.NEARLY]):
        return True
    clauses = {one.start for one in cues[Cue.CLAUSE]}
    for cue in cues[Cue.IF]:
        if not cue.start < match.start <= cue.end + IF_REACH or match.uses(cue.start):
            continue
        if not words.after_comma.isdisjoint(range(cue.start + 1, cue.end)):
            continue  # "si, se atragantó" is a yes
        if words.sentences[cue.start] != words.sentences[match.start]:
            continue
        if stories.somebody_of_the_callers(cue.end, match.end, words, cues) or words.begins(cue.end, match.end):
            continue
        if any(cue.end < at <= match.start and at in clauses for at in words.after_comma):
            continue  # "me pregunta si respira, no respira"
        if not any(cue.end <= one.start < match.start for one in cues[Cue.BREAKER]):
            return True
    return False


def _nearly(cue: Span, match: Match, words: Words) -> bool:
    """ "Por poco se ahoga": no further than the words right behind, for what comes next did come to pass."""
    between = range(cue.end, match.start + 1)
    told_together = words.sentences[cue.start] == words.sentences[match.start] and words.after_comma.isdisjoint(between)
    return told_together and 0 <= match.start - cue.end <= NEARLY_REACH


def _follows(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Si se atraganta, aviso al médico": what opens with an if that something follows from. "Sí, se atraganta" does
    not, nor does "si se atraganta vengan ya"."""
    sentence = words.sentences[match.start]
    joints = {one.end for kind in (Cue.BREAKER, Cue.AND) for one in cues[kind]} | words.after_comma
    opening = (
        one
        for one in cues[Cue.WHETHER]
        if 0 <= match.start - one.end <= IF_REACH
        and words.sentences[one.start] == sentence
        and (one.start in joints or one.start == 0 or words.sentences[one.start - 1] != sentence)
        and one.end not in words.after_comma
    )
    return any(opening) and any(
        one.start >= match.end and words.sentences[one.start] == sentence for one in cues[Cue.THEN]
    )


def _asked_of_the_listener(sentence: int, words: Words, cues: CueMentions) -> bool:
    """ "¿Te duele el pecho?": nobody is said to be in pain, unless the question names somebody."""
    if sentence not in words.asked:
        return False
    first = words.sentences.index(sentence)
    opening = [cue for cue in cues[Cue.ASKS_YOU] if first <= cue.start <= first + 1]
    return bool(opening) and not any(
        words.sentences[one.start] == sentence and not any(one.within(cue) for cue in opening)
        for one in cues[Cue.PERSON]
    )


def _about_nobody(match: Match, words: Words, cues: CueMentions) -> bool:
    return _about_an_animal(match, words, cues) or _about_a_thing(match, words, cues)


def _about_a_thing(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Se cayó el árbol y no se mueve", "el motor se ahoga": it is said of a thing, and nobody is spoken of.

    Of "se cayó del árbol" the tree is not: "del" ties it to the fall.
    """
    sentence, things = words.sentences[match.start], cues[Cue.THING]
    if not things or any(words.sentences[one.start] == sentence for one in (*cues[Cue.PERSON], *cues[Cue.HURTS])):
        return False
    ends = {one.end for one in match.mentions} | {match.start}
    return any(
        words.sentences[cue.start] == sentence
        and cue.start in words.opened
        and (not match.uses(cue.start) or any(one.end == cue.start for one in cues[Cue.FALLS]))
        and (cue.start in ends or 0 <= match.start - cue.end <= THING_REACH)
        for cue in things
    )


def _about_an_animal(match: Match, words: Words, cues: CueMentions) -> bool:
    """The dog bleeds, or the dog was hit; but a dog that bit somebody leaves a person in danger."""
    for cue in drop_covered(cues[Cue.ANIMAL], cues[Cue.ANIMAL]):  # no cleaner stands in a "vacuum cleaner"
        before, after = match.start - cue.end, cue.start - match.end
        if before > ANIMAL_REACH or after > 1:
            continue  # most are far away
        if match.uses(cue.start) or words.sentences[cue.start] != words.sentences[match.start]:
            continue
        if 0 <= after <= 1:
            # "My son swallowed a coin and the dog barks": the danger is the son's.
            people = [one for one in cues[Cue.PERSON] if match.start - ANIMAL_REACH <= one.start < cue.start]
            others = after == 1 and bool(people)
            return not others and not any(0 <= one.start - cue.end <= 3 for one in cues[Cue.ATTACKS])
        if 0 <= before <= ANIMAL_REACH and not _did_it(cue, words, cues):
            others = (*cues[Cue.PERSON], *cues[Cue.ATTACKS], *cues[Cue.BREAKER])
            return not any(cue.end <= one.start <= match.start for one in others)
    return False


def _did_it(animal: Span, words: Words, cues: CueMentions) -> bool:
    """ "Lo tumbó el caballo": the animal did it; "mordió a mi gato" and "mordió al gato" it did not."""
    known = animal.start in words.opened and animal.start not in words.own
    return known and any(0 <= animal.start - one.end <= 1 for one in cues[Cue.ATTACKS])


def _beside_an_errand(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "A reminder to read the chapter on overdose": only named, of nobody, without a verb and not of now. Of "stroke,
    and what about my insurance" the errand is another matter, and "can't breathe since the vaccine" tells."""
    if not cues[Cue.ERRAND] or match.end - match.start > NAMED_IN:
        return False
    sentence = words.sentences[match.start]
    if any(words.sentences[one.start] == sentence for one in cues[Cue.NOW]) or is_stated(match, words, cues):
        return False
    if any(match.start <= one.start < match.end for kind in (Cue.STATES, Cue.PRESENT) for one in cues[kind]):
        return False  # "le dieron un tiro": in Spanish the verb comes first
    joints = {one.start for one in cues[Cue.AND]} | words.after_comma
    somebody = {one.start for kind in _SAYS_WHOSE for one in cues[kind]}
    until = min((at for at in joints if at >= match.end), default=len(words))
    if not somebody.isdisjoint(range(match.start - NAMED_IN, min(match.end + NAMED_IN, until))):
        return False
    others = somebody | joints | {one.start for one in cues[Cue.BREAKER]}
    return any(
        words.sentences[one.start] == sentence
        and not match.uses(one.start)
        and one.start not in words.within  # "en el taller" is where it happens
        and max(one.start - match.end, match.start - one.end) <= ERRAND_REACH
        and others.isdisjoint(range(min(match.end, one.end), max(match.start, one.start) + 1))
        for one in cues[Cue.ERRAND]
    )


_CHECKS = (
    (Doubt.NEGATED, denial.negated),
    (Doubt.GENERAL, telling.at_large),
    (Doubt.TOLD, telling.of_a_story),
    (Doubt.NOT_A_PERSON, _about_nobody),
    (Doubt.IMAGINED, _imagined),
    (Doubt.ERRAND, _beside_an_errand),
    (Doubt.PAST, timing.far_past),
    (Doubt.RECENT, timing.recent),
    (Doubt.CHRONIC, timing.chronic),
    (Doubt.WEEKS_AGO, timing.weeks_ago),
)
