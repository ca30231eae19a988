"""Tells where in run-on speech a new statement begins, and what a figure of speech is none of."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

_AUXILIARIES = 2
"""So many words may stand between somebody and the verb: "mi papá se está muriendo"."""
_PATIENT_REACH = 2
"""So soon behind a danger stands whom it befell: "le dio un infarto a mi esposo"."""


def part(words: Words, own: Sequence[CueMentions], everybody: CueMentions) -> Words:
    """The words with a comma wherever a statement about somebody begins: "don't hang up my son is choking".

    A recogniser writes none there, and without one what was said before would reach into the danger. From `own`, the
    cues of each language, those are taken that would reach from one statement into the next ("what to do, baby").
    """
    begun = _begun(words, everybody)
    if not begun:
        return words
    for cues in own:
        for cue, mentions in cues.items():
            cues[cue] = [one for one in mentions if one.lone or begun.isdisjoint(range(one.start + 1, one.end))]
    # "He is" may be who was spoken of before; "my son is" is somebody new, as behind a comma.
    named = begun.difference(one.start for kind in (Cue.SUBJECT, Cue.TELLER) for one in everybody[kind])
    return replace(words, after_comma=words.after_comma | named, begun=frozenset(begun))


def _begun(words: Words, cues: CueMentions) -> Set[int]:
    """Where somebody is named with a verb behind, and no "if" or "that" before: it is not tied to what was said."""
    parted = words.tied | words.after_comma
    verbs, now = ({one.start for one in cues[kind]} - parted for kind in (Cue.STATES, Cue.PRESENT))
    if not verbs and not now:
        return frozenset()
    spoken = {one.start for kind in (Cue.SUBJECT, Cue.TELLER) for one in cues[kind]}
    who = {one.start for one in cues[Cue.PERSON] if one.end in (now if one.start in spoken else verbs)}
    who -= words.tied.union(one.start for one in cues[Cue.CLAUSE]) | (spoken & words.after_comma)
    return {at for at in who if at and words.sentences[at - 1] == words.sentences[at]}


def befell(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Le dio un infarto a mi esposo": it is said of one of the caller's own, who is named behind it and not tied to
    it ("el infarto de mi esposo"); nor does the danger itself hang on a "que"."""
    if match.start in words.tied:
        return False
    near = range(match.end - 1, match.end + _PATIENT_REACH)
    return any(one.start in near and one.start in words.own and one.start not in words.tied for one in cues[Cue.PERSON])


def end_figures(own: Sequence[CueMentions], words: Words) -> None:
    """Leave out the figures of speech that are none for where a thing stands in them."""
    for cues in own:
        if cues[Cue.FIGURATIVE]:
            if words.within:
                cues[Cue.FIGURATIVE] = _not_where_it_happens(words, cues)
            cues[Cue.FIGURATIVE] = _not_of_somebody(words, cues)


def _not_where_it_happens(words: Words, cues: CueMentions) -> list[Span]:
    """ "En la junta se ahogó una compañera", "se muere en el carro": with an "en" before it the car is where it
    happens, not what dies."""
    somebody = {one.start for one in cues[Cue.PERSON]} - {one.start for one in cues[Cue.TELLER]}
    places = {one.start for one in cues[Cue.PLACE]} & words.within
    return [
        one
        for one in cues[Cue.FIGURATIVE]
        if not (one.start in words.within and one.end in somebody) and places.isdisjoint((one.start, one.end - 1))
    ]


def _not_of_somebody(words: Words, cues: CueMentions) -> list[Span]:
    """ "No tengo celular, se muere mi papá" is no dying telephone, nor "mi hijo se está desangrando mi celular es": a
    thing behind a comma, or behind what is said of somebody, dies of nothing."""
    things = {one.start for one in cues[Cue.PLACE]}
    spoken = {one.start for kind in (Cue.CLAUSE, Cue.CALLED) for one in cues[kind]}  # "oiga señorita mi teléfono"
    named = [one.end for one in cues[Cue.PERSON] if one.start not in spoken]
    said_of = {end + auxiliaries for end in named for auxiliaries in range(_AUXILIARIES + 1)}
    return [
        one
        for one in cues[Cue.FIGURATIVE]
        if things.isdisjoint((one.start, one.end - 1))
        or (words.after_comma.isdisjoint(range(one.start + 1, one.end)) and one.start not in said_of)
    ]
