"""Tells how the words around a match take the danger out of it: denied, imagined, long ago, about a dog.

The cues are concepts of the rule files (both languages together); what is code here is only how far each reaches.
"""

from __future__ import annotations

from enum import StrEnum

from calls.dialogue.safety import stories, telling, timing
from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span, drop_covered
from calls.dialogue.safety.tokens import Words


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
    PAST = "past"
    RECENT = "recent"
    """Earlier today, last night, or said to be over."""
    CHRONIC = "chronic"
    """Comes and goes, or for months."""
    WEEKS_AGO = "weeks_ago"
    """Last week: what is dangerous for a day is so no more, but not yet history."""


NEGATION_REACH = 7
IF_REACH = 12
NEARLY_REACH = 2
ANIMAL_REACH = 4
THING_REACH = 2
LEAST_ANSWERS = 2


NEVER_SO = frozenset({Doubt.NEGATED, Doubt.GENERAL, Doubt.TOLD, Doubt.NOT_A_PERSON})
"""One of these takes all danger out of the words, whatever else is said."""
BYGONE = frozenset({Doubt.TOLD, Doubt.PAST})
"""What was a danger, in a story or long ago, is told in a danger's own words."""


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


def _negated(match: Match, words: Words, cues: CueMentions) -> bool:
    for cue in cues[Cue.NEGATION]:
        if cue.start >= match.end or cue.end + NEGATION_REACH < match.start:
            continue
        if match.contains(cue):
            if _denies_the_rest(cue, match, words, cues):
                return True
            continue
        for mention in match.mentions:
            gap = mention.start - cue.end
            if not 0 <= gap <= NEGATION_REACH or _negation_ends(cue, mention.start, words, cues):
                continue
            if not _negates_itself(match, cue, cues):
                return True
    if _denied_in_a_list(match, words, cues):
        return True
    return _denied_when_asked(match, words, cues) or any(
        0 <= cue.start - match.end <= 1
        and words.sentences[cue.start] == words.sentences[match.end - 1]
        and _ends_there(cue, words)
        for cue in cues[Cue.DENIED_AFTER]
    )


def _denied_when_asked(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Chest pain? No, never." """
    sentence = words.sentences[match.start]
    if sentence not in words.asked or sentence + 1 not in words.sentences:
        return False
    answer = words.sentences.index(sentence + 1)
    return any(one.start == answer and _ends_there(one, words) for one in cues[Cue.NEGATION])


def _denied_in_a_list(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Headaches, no. Chest pain, no.": several things are gone through, each with its own answer. A single "chest
    pain, no" may be a cry, "not breathing, no" is none of it, and "my wife's chest hurts, no" is told."""
    if not cues[Cue.SAID_NO] or any(match.contains(own) for own in cues[Cue.ANY_NEGATION]):
        return False
    answers = [one for kind in (Cue.SAID_NO, Cue.SAID_YES) for one in cues[kind] if _answers(one, words, cues)]
    told = [one.start for kind in (Cue.PERSON, Cue.NOW, Cue.PRESENT) for one in cues[kind]]
    return len(answers) >= LEAST_ANSWERS and any(
        one in answers
        and one.start > match.start >= _item(one, words).start
        and any(match.uses(at) for at in (one.start - 1, one.start - 2))
        and not any(at in _item(one, words) for at in told)
        for one in cues[Cue.SAID_NO]
    )


def _answers(cue: Span, words: Words, cues: CueMentions) -> bool:
    """Whether it is the last word of its sentence or before a comma, behind what it answers: of "oh no" nothing is."""
    said = {at for one in (*cues[Cue.CHATTER], *cues[Cue.ANY_NEGATION]) for at in range(one.start, one.end)}
    return _ends_there(cue, words) and any(at not in said for at in _item(cue, words))


def _item(cue: Span, words: Words) -> range:
    """What an answer is of: from the start of its sentence or the last comma, but for its own."""
    at = cue.start
    while at > 0 and words.sentences[at - 1] == words.sentences[cue.start]:
        at -= 1
        if at in words.after_comma:
            break
    return range(at, cue.start)


def _denies_the_rest(cue: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "He has not passed out": the "not" of a pattern "passed out & not" that stands right before what it denies.

    Something but a person said before it ("he fell and he's not moving"), or a thing that is missing ("no insulin"),
    is what the pattern means.
    """
    if not any(one.start == cue.start and one.end == cue.end for one in match.loose):
        return False
    alone, beside = (any(one.start == cue.start for one in cues[kind]) for kind in (Cue.DENIER, Cue.DENIER_BESIDE))
    people = {one.start for one in (*cues[Cue.SUBJECT], *cues[Cue.PERSON])}
    if any(one.start < cue.start and one.start not in people for one in match.mentions):
        return False
    at, between = cue.end, {one.start for one in cues[Cue.AUXILIARY]}
    while at in between:
        at += 1
    if not (alone or (beside and at > cue.end)):
        return False
    return at < len(words) and words.sentences[at] == words.sentences[cue.start] and match.uses(at)


def _ends_there(cue: Span, words: Words) -> bool:
    """ "Chest pain I don't have." denies; "he's having a fit and I don't know what to do" goes on."""
    at = cue.end
    return at >= len(words) or at in words.after_comma or words.sentences[at] != words.sentences[cue.start]


def _negates_itself(match: Match, outer: Span, cues: CueMentions) -> bool:
    """ "He won't eat and won't wake up": a danger that has its own "not" is not denied by another before it."""
    if any(outer.within(belief) for belief in cues[Cue.DISBELIEF]):
        return False
    return any(match.start <= own.start < match.end and match.contains(own) for own in cues[Cue.ANY_NEGATION])


def _negation_ends(cue: Span, until: int, words: Words, cues: CueMentions) -> bool:
    """Whether something between a negation and `until` starts a new statement."""
    if words.sentences[cue.start] != words.sentences[until]:
        return True
    lacking = any(one.start == cue.start for one in cues[Cue.LACKING])
    ends = [*cues[Cue.BREAKER], *(cues[Cue.AND] if lacking else ())]
    if any(cue.end <= one.start < until for one in ends):
        return True
    subjects = [one for one in cues[Cue.SUBJECT] if cue.end <= one.start < until]
    beliefs = [belief for belief in cues[Cue.DISBELIEF] if cue.within(belief)]
    # "I don't think he is choking" is one statement, although a subject stands between.
    if len(subjects) > bool(beliefs):
        return True
    denied = _verb_of(cue, cues)
    verbs = [verb for verb in cues[Cue.CLAUSE] if denied <= verb.start <= until]
    if any(all(verb.start > belief.end for belief in beliefs) for verb in verbs):
        return True
    sentence = words.sentences[cue.start]
    last = max((one.start for one in cues[Cue.OR] if words.sentences[one.start] == sentence), default=-1)
    for at in range(cue.end, until + 1):
        if at in words.after_comma and at > last:
            return True  # "no fever, chills or cough, he has chest pain": behind its "or" a list ends
        joined = any(one.end == at for one in cues[Cue.AND] if one.start >= cue.end)
        if at in words.opened and joined:
            return True
    return False


def _verb_of(cue: Span, cues: CueMentions) -> int:
    """Where the verb that a negation stands before ends: "no me siento mal" denies all of "me siento"."""
    at = cue.end
    for verb in sorted(cues[Cue.CLAUSE], key=lambda one: one.start):
        if verb.start == at:
            at = verb.end
    return max(at, cue.end + 1)


def is_listed(cue: Span, words: Words, cues: CueMentions) -> bool:
    """ "No fever, chills, or chest pain": with an "or" behind it a comma only separates the denied things."""
    sentence = words.sentences[cue.start]
    return any(one.start > cue.end and words.sentences[one.start] == sentence for one in cues[Cue.OR])


def _imagined(match: Match, words: Words, cues: CueMentions) -> bool:
    if _asked_of_the_listener(words.sentences[match.start], words, cues) or _follows(match, words, cues):
        return True
    if telling.asked_of_nobody(match, words, cues) or any(_nearly(one, match, words) for one in cues[Cue.NEARLY]):
        return True
    for cue in cues[Cue.IF]:
        if not cue.start < match.start <= cue.end + IF_REACH or match.uses(cue.start):
            continue
        if not words.after_comma.isdisjoint(range(cue.start + 1, cue.end)):
            continue  # "si, se atragantó" is a yes
        if words.sentences[cue.start] != words.sentences[match.start]:
            continue
        if stories.somebody_of_the_callers(cue.end, match.end, words, cues):
            continue
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


_CHECKS = (
    (Doubt.NEGATED, _negated),
    (Doubt.GENERAL, telling.at_large),
    (Doubt.TOLD, telling.of_a_story),
    (Doubt.NOT_A_PERSON, _about_nobody),
    (Doubt.IMAGINED, _imagined),
    (Doubt.PAST, timing.far_past),
    (Doubt.RECENT, timing.recent),
    (Doubt.CHRONIC, timing.chronic),
    (Doubt.WEEKS_AGO, timing.weeks_ago),
)
