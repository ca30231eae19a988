"""Tells what is told of a story, or is only a matter somebody asks about, from what happens to people."""

from __future__ import annotations

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

REACH = 12


def is_told(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "In the last scene he shoots himself"; but "in the film he dies, and I want to die too" is about the caller."""
    told = (*cues[Cue.TOLD], *(one for one in cues[Cue.SETTING] if one.start in words.within))
    if not told:
        return False
    mine = _of_the_caller(words, cues)
    ends = [*_ends(cues), *mine]
    others = _others(words, cues)  # "en el cuento, la abuela" is still of the story
    joints = _joints(words, cues)  # "mi hijo estaba en el videojuego y" he fainted
    return any(
        _reaches(cue, match, words)
        and not any(cue.end <= at < match.end for at in ends)
        and not any(cue.end < at < match.end for at in others)
        and not (any(at < cue.start for at in mine) and any(cue.end <= at <= match.start for at in joints))
        for cue in told
    )


def was_read(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Hubo tres apuñalados, según el diario": nobody whom the caller knows. Also what is asked for a lesson: "¿Qué es
    una sobredosis? Es para la tarea"."""
    if not cues[Cue.READ_IN]:
        return False
    mine = [*(one.start for one in cues[Cue.TELLER]), *_of_the_caller(words, cues)]
    ends = [*_ends(cues), *_others(words, cues)]
    sentence = words.sentences[match.start]
    if any(words.sentences[at] == sentence and at < match.end for at in mine):
        return False
    return any(
        0 <= cue.start - match.end <= cue.reach(REACH)
        and (words.sentences[cue.start] == sentence or _says_what_for(cue, sentence, words))
        and not any(match.start <= at < cue.start for at in (*ends, *mine))
        for cue in cues[Cue.READ_IN]
    )


def _says_what_for(cue: Span, sentence: int, words: Words) -> bool:
    """Whether a cue opens the sentence behind a question: "Es para la tarea", "lo vi en una serie"."""
    behind = words.sentences[cue.start]
    first = words.sentences.index(behind)
    return sentence in words.asked and behind == sentence + 1 and cue.start - first <= 1


def on_a_topic(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "A talk on drugs and overdoses"; but "the talk, and a friend has fainted" is no topic any more.

    What is asked about may begin before the cue, and ends after it.
    """
    topics = [one for one in cues[Cue.TOPIC] if _reaches(one, match, words) and not match.contains(one)]
    if not topics:
        return False
    ends = [*_ends(cues), *_of_the_caller(words, cues), *_others(words, cues), *_new_clauses(words, cues)]
    return any(not any(cue.end <= at < match.end for at in ends) for cue in topics)


def _reaches(cue: Span, match: Match, words: Words) -> bool:
    last = match.mentions[-1].start
    return 0 <= last - cue.end <= cue.reach(REACH, words.within) and words.sentences[cue.start] == words.sentences[last]


def _ends(cues: CueMentions) -> list[int]:
    return [one.start for kind in (Cue.BREAKER, Cue.TELLER) for one in cues[kind]]


def somebody_of_the_callers(since: int, until: int, words: Words, cues: CueMentions) -> bool:
    """Whether behind an "and" or a comma it is about one of the caller's own: "what if he falls, and my son ..."."""
    joints = _joints(words, cues)
    return any(since <= at < until and at in joints for at in _of_the_caller(words, cues))


def _of_the_caller(words: Words, cues: CueMentions) -> list[int]:
    """ "Mi hijo": whoever is told of in a story, he is not."""
    return [one.start for one in cues[Cue.PERSON] if one.start in words.own]


def _others(words: Words, cues: CueMentions) -> list[int]:
    """Who is spoken of behind an "and" or a comma."""
    joints = _joints(words, cues)
    return [one.start for one in cues[Cue.PERSON] if one.start in joints]


def _new_clauses(words: Words, cues: CueMentions) -> list[int]:
    joints = _joints(words, cues)
    kinds = (Cue.CLAUSE, Cue.PRESENT, Cue.SUBJECT, Cue.NEGATION)
    return [one.start for kind in kinds for one in cues[kind] if one.start in joints]


def _joints(words: Words, cues: CueMentions) -> set[int]:
    return {one.end for one in cues[Cue.AND]} | words.after_comma
