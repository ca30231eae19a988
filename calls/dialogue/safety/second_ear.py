"""Hears an utterance a second time, by the weight of its words, and adds what the patterns missed.

It finds what no pattern has words for, and what an exception or the words around it took away too easily. It only adds:
nothing here lowers or removes what a rule has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from math import exp, inf

from calls.dialogue.safety.hearing import put_right
from calls.dialogue.safety.listening import Speech
from calls.dialogue.safety.loading import LanguageRules
from calls.dialogue.safety.rules import Rule
from calls.dialogue.safety.scope import BYGONE, NOT_SAID_OF_IT, Doubt
from calls.dialogue.safety.seen import Saw
from calls.dialogue.safety.tokens import Words
from calls.dialogue.safety.weighing import Heard, heard, is_bygone, is_spoken_of, scale
from calls.dialogue.types import ESCALATES_NOW, Finding


@dataclass(frozen=True, slots=True)
class Doubted:
    """What would alarm, had the words around it not put it in doubt."""

    saw: Saw
    doubts: frozenset[str]
    stated: Callable[[], bool]
    """`scope.is_stated`, asked only where it decides."""


def alarms(saw: Saw) -> bool:
    return saw.finding is not None and saw.finding.kind in ESCALATES_NOW


def added(
    language: LanguageRules,
    speech: Speech,
    excused: Sequence[Saw],
    doubted: Sequence[Doubted],
    denied: Set[int],
) -> Iterable[Saw]:
    """What was not seen and is an emergency by its weight: from `excused_from` on an excused danger ("the house is on
    fire, call the station"), from what its doubts need on a doubted one ("is it normal to cough up a cupful of blood"),
    and from `weighs` on what no pattern has words for.

    Where an if, people at large or an animal was spoken of words alone do not tell, and only from `spoken_of_from` on
    count ("I fed the cat and I'm on the bridge"); where it was long ago or in a game they never do.
    """
    rule = language.weighed
    if rule is None or rule.kind is None or not _is_spoken(language, speech):
        return
    cues = speech.cues[language.lang]
    bygone = is_bygone(cues)
    if bygone and not doubted:
        return
    weight = _weight(language, speech, denied, enough=rule.spoken_of_from) + speech.unsure
    yield from (one.saw for one in doubted if weight >= _needed(rule, one, bygone=bygone))
    if bygone or (is_spoken_of(cues) and weight < rule.spoken_of_from):
        return
    if weight >= rule.excused_from:
        yield from excused
    if weight >= rule.weighs:
        sure = round(1 / (1 + exp(-weight)), 2)
        yield Saw(Finding(rule.kind, rule.id, rule.reason, rule.source, sure, rule.own), "", 0)


def _needed(rule: Rule, doubted: Doubted, *, bygone: bool) -> float:
    """The weight that tells more than the doubts do: less where the danger has a verb of its own ("my wife
    recovering from surgery is bleeding out") and neither its time nor whom it happened to is in doubt."""
    if doubted.doubts <= (NOT_SAID_OF_IT if bygone else NOT_SAID_OF_IT | {Doubt.TOLD}) and doubted.stated():
        return rule.stated_from
    return rule.doubted_from if doubted.doubts.isdisjoint(BYGONE) else inf


def _is_spoken(language: LanguageRules, speech: Speech) -> bool:
    """Words of another language weigh something here only by chance."""
    return language.lexicon.is_spoken(speech.words.texts)


def _weight(language: LanguageRules, speech: Speech, denied: Set[int], *, enough: float) -> float:
    """How heavy the words are as they were said, or, short of `enough`, put right where all around speaks for it."""
    weight = _weight_of(_heard(language, speech, speech.words, denied), language)
    meant = _put_right(speech) if weight < enough else None
    return weight if meant is None else max(weight, _weight_of(_heard(language, speech, meant, denied), language))


def _put_right(speech: Speech) -> Words | None:
    """The words as they were meant where all around speaks for it; None when that is how they were said."""
    texts = put_right(speech.words.texts, speech.guesses)
    return replace(speech.words, texts=texts) if texts != speech.words.texts else None


def _heard(language: LanguageRules, speech: Speech, words: Words, denied: Set[int]) -> Heard:
    """What counts of `words`: those that were said, or those put right, for which guessed concepts count."""
    cues, spans = speech.cues[language.lang], speech.said[language.lang]
    return heard(words, cues, spans, language.named, mute=denied, guessed=words is not speech.words)


def _weight_of(said: Heard, language: LanguageRules) -> float:
    return scale(language.lang, language.lexicon.small).weight(said)
