"""Tells whether a danger is only spoken of: people at large, what a word means, a story, a word that was misheard."""

from __future__ import annotations

from calls.dialogue.safety import statements, stories
from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match, Places
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

GENERAL_REACH = 8
LESSON_REACH = 12
TOLD_AFTER_REACH = 3
ALIKE = 4
"""Two words that begin with so many letters alike may be one that was misheard for the other."""
MEANT_REACH = 3
AGAIN_REACH = 8


def at_large(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether a danger is a matter, or people's at large, and not said to have befallen one of the caller's own."""
    matter = (
        _is_general(match, words, cues)
        or stories.on_a_topic(match, words, cues)
        or _is_taught(match, words, cues)
        or _is_translated(match, words, cues)
        or _is_said_to_be_general(match, words, cues)
    )
    return matter and not statements.befell(match, words, cues)


def _is_general(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "I am afraid of having a stroke": what is spoken of at large may begin before the cue, and ends after it."""
    last = match.mentions[-1].start
    for cue in cues[Cue.GENERAL]:
        if cue.start > last or match.start - cue.end > cue.reach(GENERAL_REACH):
            continue
        if words.sentences[cue.start] != words.sentences[last]:
            continue
        if cue.end <= match.start and not cue.lone and _has_a_verb(cue, cues):
            continue  # "the man I work with is having a heart attack"
        if _says(match, cue) or (match.uses(cue.start) and cue.start > match.start):
            continue
        between = {
            kind: [one for one in cues[kind] if cue.end <= one.start <= last and not one.within(cue)]
            for kind in (Cue.BREAKER, Cue.SUBJECT, Cue.CLAUSE)
        }
        if between[Cue.BREAKER] or between[Cue.SUBJECT] or anew(cue.end, last + 1, words, cues):
            continue
        if all(_is_told(one, cue, match, words, cues) for one in between[Cue.CLAUSE]):
            return True
    return False


def _has_a_verb(cue: Span, cues: CueMentions) -> bool:
    """Whether what is spoken of is said to do something now."""
    return all(any(one.start == cue.end for one in cues[kind]) for kind in (Cue.STATES, Cue.PRESENT))


def _is_said_to_be_general(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "A stroke leaflet", "chest pain is common": what stands right behind makes a matter of it."""
    return any(
        0 <= cue.start - match.end <= 1
        and words.sentences[cue.start] == words.sentences[match.end - 1]
        and not anew(match.end, cue.end, words, cues)
        for cue in cues[Cue.GENERAL_AFTER]
    )


def _is_taught(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "My instructor asked us to list causes of choking", "a severed finger for a drill": before or behind, and only
    where nobody stands between or has the danger, and nothing is said to be now."""
    sentence = words.sentences[match.start]
    if not cues[Cue.LESSON] or any(words.sentences[one.start] == sentence for one in cues[Cue.NOW]):
        return False
    somebody = [one.start for kind in (Cue.PERSON, Cue.SUBJECT, Cue.BREAKER) for one in cues[kind]]
    nobody = {one.start for one in cues[Cue.ANYBODY]}
    for cue in cues[Cue.LESSON]:
        low, high = (cue.end, match.end) if cue.end <= match.start else (match.start, cue.start)
        if words.sentences[cue.start] != sentence or high - low > cue.reach(LESSON_REACH) or match.uses(cue.start):
            continue
        if not any(low <= at < high and at not in nobody for at in somebody):
            return True
    return False


def asked_of_nobody(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "Is drowning silent?", "where do carbon monoxide alarms go?": who asks names nobody, and nothing of now."""
    sentence = words.sentences[match.start]
    if sentence not in words.asked or _is_so_now(sentence + 1, words, cues):
        return False
    nobody = {one.start for one in cues[Cue.ANYBODY]}
    somebody = {one.start for kind in (Cue.PERSON, Cue.SUBJECT, Cue.NOW) for one in cues[kind]} - nobody
    told = somebody | words.opened  # "why is my heart racing?"
    first = words.sentences.index(sentence)
    return any(
        one.end <= match.start
        and words.sentences[one.start] == sentence
        and (one.start == first or one.start in words.after_comma)
        and not any(at >= one.start and words.sentences[at] == sentence for at in told)
        for one in cues[Cue.ASKS_AT_LARGE]
    )


def _is_so_now(sentence: int, words: Words, cues: CueMentions) -> bool:
    """ "Would a person feel chest pain? Because I have it now." """
    now, denied = (
        any(words.sentences[one.start] == sentence for one in cues[kind]) for kind in (Cue.NOW, Cue.ANY_NEGATION)
    )
    return now and not denied


def _is_translated(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "How do you say I was stabbed in Norwegian?": only between the two, whoever the words themselves are about."""
    sentence = words.sentences[match.start]
    return any(
        cue.end <= match.mentions[-1].start and match.end <= end.start and words.sentences[cue.start] == sentence
        for cue in cues[Cue.SAID_AS]
        for end in cues[Cue.IN_LANGUAGE]
        if words.sentences[end.start] == sentence
    )


def anew(start: int, end: int, words: Words, cues: CueMentions) -> bool:
    """Whether somebody is spoken of anew between two words, behind a comma or an "and".

    "What are the signs of a stroke, my husband's face is drooping" is about him.
    """
    joints = {one.end for one in cues[Cue.AND]} | words.after_comma
    who = {one.start for one in cues[Cue.PERSON]} | words.opened
    return any(start <= at < end for at in joints & who)


def set_off(span: Span, words: Words) -> bool:
    """Whether words stand by themselves, between commas or the ends of a sentence: "..., doctor." """
    opens = span.start in words.after_comma or span.start == 0
    closes = span.end in words.after_comma or span.end == len(words)
    return (opens or words.sentences[span.start - 1] != words.sentences[span.start]) and (
        closes or words.sentences[span.end] != words.sentences[span.start]
    )


def of_a_story(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether it happens in a film, a book or a game, or was read somewhere."""
    sentence = words.sentences[match.mentions[-1].start]
    after = any(
        0 <= cue.start - match.end <= TOLD_AFTER_REACH and words.sentences[cue.start] == sentence
        for cue in cues[Cue.TOLD_AFTER]
    )
    told = stories.is_told(match, words, cues) or stories.was_read(match, words, cues)
    return told or after or _of_a_game(sentence, words, cues)


def _of_a_game(sentence: int, words: Words, cues: CueMentions) -> bool:
    """ "I keep bleeding out and no healing potion works": the player is "I", but nobody else is spoken of."""
    if not any(words.sentences[one.start] == sentence for one in cues[Cue.GAME]):
        return False
    players = {one.start for kind in (Cue.SUBJECT, Cue.TELLER, Cue.GAME) for one in cues[kind]}
    people = (one for one in cues[Cue.PERSON] if words.sentences[one.start] == sentence)
    return all(one.start in players or any(one.within(game) for game in cues[Cue.GAME]) for one in people)


def taken_back(match: Match, words: Words, cues: CueMentions, places: Places) -> bool:
    """ "Carbon monoxide, no, carbon copy": right behind what was taken back stands the word that was meant, which looks
    like it. "Choking, no, he passed out" takes nothing back, nor does "my chest hurts, no, my whole chest hurts"."""
    for cue in cues[Cue.TAKEN_BACK]:
        if not 0 <= cue.start - match.end <= 1 or match.uses(cue.start) or cue.end >= len(words):
            continue
        said = [words.texts[at] for at in range(match.start, match.end) if match.uses(at)]
        if words.texts[cue.end] == "not" or _said_again(match, cue.end, places):
            continue  # "an ambulance, no, not an appointment"
        meant = [one for one in words.texts[cue.end : cue.end + MEANT_REACH] if len(one) >= ALIKE]
        if any(one[:ALIKE] == other[:ALIKE] or _rhyme(one, other) for one in said for other in meant):
            return True
    return False


def _said_again(match: Match, behind: int, places: Places) -> bool:
    later = (
        [span for each in one.concepts for span in places.between(each, behind, behind + AGAIN_REACH)]
        for one in match.mentions
    )
    return all(any(not span.doubt for span in spans) for spans in later)


def _rhyme(one: str, other: str) -> bool:
    """ "Drowning" and "Browning"."""
    return len(one) == len(other) > ALIKE + 1 and one[1:] == other[1:]


def _says(match: Match, cue: Span) -> bool:
    """Whether a danger is surely made of every word of a cue: a "movie" taken for a "move" stays a movie."""
    guessed = any(one.doubt and one.start < cue.end and cue.start < one.end for one in match.mentions)
    return match.contains(cue) and not guessed


def _is_told(verb: Span, cue: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "On the news a man had a stroke": the verb is the danger's own, and nothing new begins with it."""
    people = {one.start for one in cues[Cue.PERSON]}
    before = verb.end in [one.start for one in match.mentions] and verb.start not in people
    joints = [*(one.start for one in cues[Cue.AND]), *words.after_comma]
    return (before or match.uses(verb.start)) and not any(cue.end <= at <= match.start for at in joints)
