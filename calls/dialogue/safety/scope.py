"""Tells how the words around a match take the danger out of it: denied, imagined, long ago, about a dog.

The cues are concepts of the rule files (both languages together); what is code here is only how far each reaches.
"""

from __future__ import annotations

from enum import StrEnum

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words


class Doubt(StrEnum):
    """A reason not to take the words as danger now."""

    NEGATED = "negated"
    IMAGINED = "imagined"
    """If, what if, in case of: nobody says that it happens."""
    GENERAL = "general"
    """Information, prevention, people at large."""
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
GENERAL_REACH = 8
TIME_REACH = 12
OVER_REACH = 5
ANIMAL_REACH = 4
HAD_SPAN = 4


def doubts(match: Match, words: Words, cues: CueMentions) -> frozenset[Doubt]:
    """Every reason in the surrounding words not to take `match` as danger now."""
    checks = (
        (Doubt.NEGATED, _negated),
        (Doubt.IMAGINED, _imagined),
        (Doubt.GENERAL, _general),
        (Doubt.NOT_A_PERSON, _about_an_animal),
        (Doubt.PAST, _far_past),
        (Doubt.RECENT, _recent),
        (Doubt.CHRONIC, _chronic),
        (Doubt.WEEKS_AGO, _weeks_ago),
    )
    return frozenset(doubt for doubt, check in checks if check(match, words, cues))


def _negated(match: Match, words: Words, cues: CueMentions) -> bool:
    for cue in cues[Cue.NEGATION]:
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
    return any(
        0 <= cue.start - match.end <= 1
        and words.sentences[cue.start] == words.sentences[match.end - 1]
        and _ends_there(cue, words)
        for cue in cues[Cue.DENIED_AFTER]
    )


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
    if any(cue.end <= breaker.start < until for breaker in cues[Cue.BREAKER]):
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
    listed = _listed(cue, words, cues)
    for at in range(cue.end, until + 1):
        if at in words.after_comma and not listed:
            return True
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


def _listed(cue: Span, words: Words, cues: CueMentions) -> bool:
    """ "No fever, chills, or chest pain": with an "or" behind it a comma only separates the denied things."""
    sentence = words.sentences[cue.start]
    return any(one.start > cue.end and words.sentences[one.start] == sentence for one in cues[Cue.OR])


def _imagined(match: Match, words: Words, cues: CueMentions) -> bool:
    if _asked_of_the_listener(words.sentences[match.start], words, cues):
        return True
    for cue in cues[Cue.IF]:
        if match.uses(cue.start) or not cue.start < match.start <= cue.end + IF_REACH:
            continue
        if words.sentences[cue.start] != words.sentences[match.start]:
            continue
        if not any(cue.end <= one.start < match.start for one in cues[Cue.BREAKER]):
            return True
    return False


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


def _general(match: Match, words: Words, cues: CueMentions) -> bool:
    for cue in cues[Cue.GENERAL]:
        # "I am afraid of having a stroke": what is spoken of at large may begin before the cue, and ends after it.
        last = match.mentions[-1].start
        if match.contains(cue) or (match.uses(cue.start) and cue.start > match.start):
            continue
        if cue.start > last or match.start - cue.end > GENERAL_REACH:
            continue
        if words.sentences[cue.start] != words.sentences[last]:
            continue
        verbs = [one for one in cues[Cue.CLAUSE] if not _is_told(one, cue, match, words, cues)]
        endings = (*cues[Cue.BREAKER], *cues[Cue.SUBJECT], *verbs)
        if not any(cue.end <= one.start <= last and not one.within(cue) for one in endings):
            return True
    return any(
        0 <= cue.start - match.end <= 1 and words.sentences[cue.start] == words.sentences[match.end - 1]
        for cue in cues[Cue.GENERAL_AFTER]
    )


def _is_told(verb: Span, cue: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "On the news a man had a stroke": the verb is the danger's own, and nothing new begins with it."""
    people = {one.start for one in cues[Cue.PERSON]}
    before = verb.end in [one.start for one in match.mentions] and verb.start not in people
    joints = [*(one.start for one in cues[Cue.AND]), *words.after_comma]
    return (before or match.uses(verb.start)) and not any(cue.end <= at <= match.start for at in joints)


def _about_an_animal(match: Match, words: Words, cues: CueMentions) -> bool:
    """The dog bleeds, or the dog was hit; but a dog that bit somebody leaves a person in danger."""
    for cue in cues[Cue.ANIMAL]:
        if match.uses(cue.start) or words.sentences[cue.start] != words.sentences[match.start]:
            continue
        before, after = match.start - cue.end, cue.start - match.end
        if 0 <= after <= 1:
            # "My son swallowed a coin and the dog barks": the danger is the son's.
            people = [one for one in cues[Cue.PERSON] if match.start - ANIMAL_REACH <= one.start < cue.start]
            others = after == 1 and bool(people)
            return not others and not any(0 <= one.start - cue.end <= 3 for one in cues[Cue.ATTACKS])
        if 0 <= before <= ANIMAL_REACH:
            others = (*cues[Cue.PERSON], *cues[Cue.ATTACKS], *cues[Cue.BREAKER])
            return not any(cue.end <= one.start <= match.start for one in others)
    return False


def _near_in_sentence(match: Match, words: Words, mentions: list[Span], reach: int) -> bool:
    sentences = {words.sentences[match.start], words.sentences[match.end - 1]}
    return any(
        words.sentences[one.start] in sentences
        and not match.uses(one.start)
        and one.start - match.end <= reach
        and match.start - one.end <= reach
        for one in mentions
    )


def _far_past(match: Match, words: Words, cues: CueMentions) -> bool:
    if _ever(match, words, cues):
        return True
    for cue in cues[Cue.FAR_PAST]:
        low, high = sorted((cue.start, match.start))
        ended = any(low < one.start < high and not one.within(cue) for one in cues[Cue.BREAKER])
        if not ended and _is_its_time(cue, match, words, cues) and not _now_nearer(match, cue, words, cues):
            return True
    return False


def _now_nearer(match: Match, cue: Span, words: Words, cues: CueMentions) -> bool:
    """ "I had a stroke last year and now my arm is numb": the arm belongs to now."""
    away = min(abs(cue.start - match.end), abs(match.start - cue.end))
    return any(
        words.sentences[now.start] == words.sentences[match.start]
        and not now.within(cue)
        and min(abs(now.start - match.end), abs(match.start - now.end)) <= away
        for now in cues[Cue.NOW]
    )


def _ever(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Have you ever had a heart attack?" """
    return any(
        0 <= match.start - cue.end <= 3 and words.sentences[cue.start] == words.sentences[match.start]
        for cue in cues[Cue.EVER]
    )


def _recent(match: Match, words: Words, cues: CueMentions) -> bool:
    if _near_in_sentence(match, words, cues[Cue.NOW], TIME_REACH):
        return False
    if any(_is_its_time(one, match, words, cues) for one in cues[Cue.RECENT_PAST]):
        return True
    if any(
        0 <= one.start - match.end <= OVER_REACH
        and not match.uses(one.start)
        and words.sentences[one.start] == words.sentences[match.end - 1]
        for one in cues[Cue.OVER]
    ):
        return True
    if match.end - match.start > HAD_SPAN:
        return False  # "we had an accident and he is bleeding": the "had" is only of the first part
    return any(
        0 <= match.start - had.end <= 1
        and not match.uses(had.start)
        and words.sentences[had.start] == words.sentences[match.start]
        for had in cues[Cue.HAD]
    )


def _is_its_time(time: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """Not in "she had surgery yesterday and her neck is swelling": the time is of what stands before the "and"."""
    if not _near_in_sentence(match, words, [time], TIME_REACH):
        return False
    joints = [*(one.start for cue in (Cue.AND, Cue.BREAKER) for one in cues[cue]), *words.after_comma]
    if any(0 < time.end - one.end <= TIME_REACH for one in cues[Cue.HAD]):
        joints.append(time.end)  # "had a stroke last year his face is drooping": the time is taken already
    clause = sum(at <= time.start for at in joints)
    reach = range(min(time.end, match.start - 2), match.end + 1)
    now = [one.start for one in cues[Cue.PRESENT] if one.start in reach]
    return all(sum(at <= one for at in joints) == clause for one in now)


def _weeks_ago(match: Match, words: Words, cues: CueMentions) -> bool:
    if _near_in_sentence(match, words, cues[Cue.NOW], TIME_REACH):
        return False
    return any(_is_its_time(one, match, words, cues) for one in cues[Cue.WEEKS_PAST])


def _chronic(match: Match, words: Words, cues: CueMentions) -> bool:
    return not _near_in_sentence(match, words, cues[Cue.NOW], TIME_REACH) and _near_in_sentence(
        match, words, cues[Cue.CHRONIC], TIME_REACH
    )
