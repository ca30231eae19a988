"""Tells from the words around a match whether it was long ago, weeks ago or earlier today, or comes and goes."""

from __future__ import annotations

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.matching import Match
from calls.dialogue.safety.mentions import Span, drop_covered
from calls.dialogue.safety.tokens import Words

TIME_REACH = 12
OVER_REACH = 5
HAD_SPAN = 4
_WHO_REACH = 2
"""Words between somebody and a time that says who it is, at most: "my husband who was in Vietnam"."""
_OF_A_LIFE = frozenset({Cue.AGE, Cue.DECADE, Cue.FIGURES, Cue.YOUTH})


def _near_in_sentence(match: Match, words: Words, mentions: list[Span], reach: int) -> bool:
    if not mentions:
        return False
    sentences = {words.sentences[match.start], words.sentences[match.end - 1]}
    return any(
        one.start - match.end <= reach
        and match.start - one.end <= reach
        and words.sentences[one.start] in sentences
        and not match.uses(one.start)
        for one in mentions
    )


def far_past(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether it was long ago, or is only asked whether it ever was: "years ago", "as a child"."""
    if _ever(match, words, cues) or _long_over(match, words, cues) or _of_a_life(match, words, cues):
        return True
    for cue in cues[Cue.FAR_PAST]:
        if max(cue.start - match.end, match.start - cue.end) > cue.reach(TIME_REACH, words.within):
            continue
        if _says_who(cue, match, cues):
            continue
        if not _is_its_time(cue, match, words, cues) or (cue.end <= match.start and _says_now(cue, cues)):
            continue  # "he's five now" ends what was told before it, and nothing behind it
        low, high = sorted((cue.start, match.start))
        if _is_another(cue, match, words, cues):
            continue
        ended = any(low < one.start < high and not one.within(cue) for one in cues[Cue.BREAKER])
        if not ended and not _now_nearer(match, cue, words, cues):
            return True
    return False


def _says_who(time: Span, match: Match, cues: CueMentions) -> bool:
    """ "My son in third grade is having a seizure": between somebody and what they do a time says who, not when."""
    if time.end > match.start or not any(one.start == time.end for one in cues[Cue.PRESENT]):
        return False
    return any(0 <= time.start - one.end <= _WHO_REACH for one in cues[Cue.PERSON])


def _is_another(cue: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "I want to die my husband died last year", "he had a stent in 2019 he has crushing chest pain": what is said of
    somebody behind the danger has a time of its own, and what is said before it none that reaches into what is now."""
    if cue.start > match.start:
        return words.begins(match.start + 1, cue.start + 1)
    now = {one.start for one in cues[Cue.PRESENT]}
    return any(cue.end <= at <= match.start and at + 1 in now for at in words.begun)


def _long_over(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "He used to hit me, but I left him three years ago": a "but" before what came of it is no new danger."""
    if not cues[Cue.LONG_OVER]:
        return False
    now = [one.start for kind in (Cue.NOW, Cue.PRESENT) for one in cues[kind]]
    return any(
        0 <= cue.start - match.end <= TIME_REACH
        and words.sentences[cue.start] == words.sentences[match.end - 1]
        and not any(match.start <= at < cue.start for at in now)
        and not words.begins(match.start + 1, cue.start + 1)
        for cue in cues[Cue.LONG_OVER]
    )


def _of_a_life(match: Match, words: Words, cues: CueMentions) -> bool:
    """ "De niña se me hinchó la boca", "la tuve a los once años", "el balazo fue en el noventa y cuatro": in one clause
    with the danger, where nothing is of now. "La niña", "la de tres años" and "el 84 de la calle" are no time."""
    sentence = words.sentences[match.start]
    if cues.keys().isdisjoint(_OF_A_LIFE) or any(words.sentences[one.start] == sentence for one in cues[Cue.NOW]):
        return False  # "de joven intenté matarme y hoy"
    joints = {one.end for kind in (Cue.AND, Cue.BREAKER) for one in cues[kind]} | words.after_comma
    return any(
        words.sentences[time.start] == sentence
        and abs(time.start - match.start) <= TIME_REACH
        and _are_one_clause(time, match, joints, cues)
        for time in _times_of_a_life(match, joints, words, cues)
    )


def _times_of_a_life(match: Match, joints: set[int], words: Words, cues: CueMentions) -> list[Span]:
    """Where an age, a decade or a year was said beside the match, or a youth, which may be part of it."""
    sentence = words.sentences[match.start]
    times = [one for one in cues[Cue.AGE] if words.of.isdisjoint(range(one.start, one.end))]
    times += (one for one in cues[Cue.DECADE] if not words.of.isdisjoint(range(one.start, one.end)))
    if any(words.sentences[one.start] == sentence for one in cues[Cue.BACK_THEN]):
        times += (one for one in cues[Cue.FIGURES] if one.start in words.within and _ends(one.end, words))
    times = [one for one in times if not match.uses(one.start)]
    # "De niño tuve convulsiones": the child is no patient even where a pattern asks for a child.
    told = any(words.sentences[one.start] == sentence for one in cues[Cue.HAD])  # "tenía convulsiones de bebé, hoy ..."
    times += (
        one
        for one in cues[Cue.YOUTH]
        if one.start in words.of and (_opens(one.start, joints, words) or (told and _ends(one.end, words)))
    )
    return times


def _opens(at: int, joints: set[int], words: Words) -> bool:
    return at in joints or at == 0 or words.sentences[at - 1] != words.sentences[at]


def _ends(at: int, words: Words) -> bool:
    return at == len(words) or at in words.after_comma or words.sentences[at - 1] != words.sentences[at]


def _are_one_clause(time: Span, match: Match, joints: set[int], cues: CueMentions) -> bool:
    reach = range(min(time.start, match.start) + 1, max(time.end, match.end))
    return not any(at in reach for at in joints - {time.start}) and not any(
        one.start in reach for one in cues[Cue.PRESENT]
    )


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


def recent(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether it was earlier today or is said to be over, and nothing close by says that it is now."""
    now = cues[Cue.NOW]
    if cues[Cue.OVER]:
        now = drop_covered(now, cues[Cue.OVER])  # the "just" of "that was just heartburn" is no now
        ends = [over.end for over in cues[Cue.OVER] if over.start >= match.end and _says_now(over, cues)]
        now = [one for one in now if not any(one.end < end for end in ends)]
    return _was_before(match, words, cues) and not _near_in_sentence(match, words, now, TIME_REACH)


def _says_now(over: Span, cues: CueMentions) -> bool:
    """ "It bled this morning, it's fine now": the morning is no now any more."""
    return any(one.within(over) for one in cues[Cue.NOW])


def _was_before(match: Match, words: Words, cues: CueMentions) -> bool:
    if any(_is_its_time(one, match, words, cues) for one in cues[Cue.RECENT_PAST]):
        return True
    if any(
        0 <= one.start - match.end <= OVER_REACH
        and not match.uses(one.start)
        and words.sentences[one.start] == words.sentences[match.end - 1]
        and not _is_of_somebody_else(one, match, words, cues)
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


def _is_of_somebody_else(over: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "No puedo respirar, mi hija está en el hospital": what is over is so for whom a comma or an "and" names anew."""
    joints = {one.end for one in cues[Cue.AND]} | words.after_comma
    named = {one.start for one in cues[Cue.PERSON]} & words.opened & joints
    return any(match.end <= at <= over.start for at in named)


def _is_its_time(time: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """Not in "she had surgery yesterday and her neck is swelling": the time is of what stands before the "and"."""
    if not _near_in_sentence(match, words, [time], TIME_REACH) or _is_of_more(time, match, cues):
        return False
    reach = range(min(time.end, match.start - 2), match.end + 1)
    now = [one.start for one in cues[Cue.PRESENT] if one.start in reach]
    if not now:
        return True
    joints = [*(one.start for cue in (Cue.AND, Cue.BREAKER) for one in cues[cue]), *words.after_comma]
    if any(0 < time.end - one.end <= TIME_REACH for one in cues[Cue.HAD]):
        joints.append(time.end)  # "had a stroke last year his face is drooping": the time is taken already
    clause = sum(at <= time.start for at in joints)
    return all(sum(at <= one for at in joints) == clause for one in now)


def _is_of_more(time: Span, match: Match, cues: CueMentions) -> bool:
    """ "He stopped breathing, she was fine yesterday": who is spoken of anew behind a danger has a time of their own,
    unless it is told what came of it ("they kept him in hospital last week")."""
    tied = {one.end for one in cues[Cue.SUBORDINATE]}
    begins = (one.start for cue in (Cue.SUBJECT, Cue.BACKGROUND) for one in cues[cue])
    anew = any(match.end <= at < time.start and at not in tied for at in begins)
    return anew and not any(match.end <= one.start <= time.end + 2 for one in cues[Cue.AFTERMATH])


def weeks_ago(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether it was some days or weeks ago, and nothing close by says that it is now."""
    return any(_is_its_time(one, match, words, cues) for one in cues[Cue.WEEKS_PAST]) and not _near_in_sentence(
        match, words, cues[Cue.NOW], TIME_REACH
    )


def chronic(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether it comes and goes or has lasted for long, and nothing close by says that it is now."""
    lasting = [one for one in cues[Cue.CHRONIC] if not _is_of_another_statement(one, match, words, cues)]
    return _near_in_sentence(match, words, lasting, TIME_REACH) and not _near_in_sentence(
        match, words, cues[Cue.NOW], TIME_REACH
    )


def _is_of_another_statement(cue: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """ "He's usually a healthy man he can't breathe", "we usually lock the gate and my baby fell in the pool",
    "I don't call often but my chest hurts"."""
    since, until = (cue.end, match.start + 1) if cue.end <= match.start else (match.start + 1, cue.start + 1)
    named = {one.start for one in cues[Cue.PERSON] if one.start in words.opened}
    joints = {one.end for one in cues[Cue.AND]} | words.after_comma
    but = cue.end <= match.start and any(since <= one.start < until for one in cues[Cue.BREAKER])
    return but or words.begins(since, until) or any(since <= at < until for at in named & joints)
