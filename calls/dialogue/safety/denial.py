"""Tells whether a danger is denied ("no chest pain", "chest pain? No, never"), and where a "not" ends."""

from __future__ import annotations

from collections.abc import Set

from calls.dialogue.safety import statements
from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

NEGATION_REACH = 7
_ITS_OWN_VERB = 2
"""So far before a danger a "not" has a verb of its own."""
LEAST_ANSWERS = 2
"""So many things are gone through before a "no" behind one of them denies it."""


def negated(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether the words around a match deny it."""
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
            if gap >= _ITS_OWN_VERB and not _is_doubted(cue, cues) and statements.befell(match, words, cues):
                continue  # "no hablo inglés le dieron un balazo a mi hijo"
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


def _is_doubted(cue: Span, cues: CueMentions) -> bool:
    """ "I don't think": the "not" is of the belief, and denies what is believed."""
    return any(cue.within(belief) for belief in cues[Cue.DISBELIEF])


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
    behind = [one for one in cues[Cue.SAID_NO] if one.start > match.start]
    if not behind or any(match.contains(own) for own in cues[Cue.ANY_NEGATION]):
        return False
    given = [one for kind in (Cue.SAID_NO, Cue.SAID_YES) for one in cues[kind]]
    if len(given) < LEAST_ANSWERS:
        return False
    said = {at for one in (*cues[Cue.CHATTER], *cues[Cue.ANY_NEGATION]) for at in range(one.start, one.end)}
    answers = [one for one in given if _answers(one, words, said)]
    told = [one.start for kind in (Cue.PERSON, Cue.NOW, Cue.PRESENT) for one in cues[kind]]
    return len(answers) >= LEAST_ANSWERS and any(
        one in answers
        and match.start >= _item(one, words).start
        and any(match.uses(at) for at in (one.start - 1, one.start - 2))
        and not any(at in _item(one, words) for at in told)
        for one in behind
    )


def _answers(cue: Span, words: Words, said: Set[int]) -> bool:
    """Whether it is the last word of its sentence or before a comma, behind what it answers: of "oh no" nothing is.

    `said` are the places of mere chatter and of negations, which no answer is of.
    """
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
    if _is_doubted(outer, cues):
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
    at, ends = cue.end, dict[int, int]()
    for verb in cues[Cue.CLAUSE]:
        ends.setdefault(verb.start, verb.end)
    while at in ends:
        at = ends[at]
    return max(at, cue.end + 1)


def is_listed(cue: Span, words: Words, cues: CueMentions) -> bool:
    """ "No fever, chills, or chest pain": with an "or" behind it a comma only separates the denied things."""
    sentence = words.sentences[cue.start]
    return any(one.start > cue.end and words.sentences[one.start] == sentence for one in cues[Cue.OR])
