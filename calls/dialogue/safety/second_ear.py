"""Hears an utterance a second time, by the weight of its words, and corrects what the patterns made of it.

It adds what no pattern has words for and what an exception took away too easily, and has the phone ask about an
emergency that everything around its words speaks against. It never makes nothing of a finding: what is asked about
stays urgent, and a yes, or no clear answer, escalates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from math import exp

from calls.dialogue.safety.hearing import put_right
from calls.dialogue.safety.listening import Speech
from calls.dialogue.safety.loading import LanguageRules
from calls.dialogue.safety.rules import Rule
from calls.dialogue.safety.seen import ASK_WHETHER_NOW, Saw
from calls.dialogue.safety.stories import statement
from calls.dialogue.safety.tokens import Words
from calls.dialogue.safety.weighing import Heard, heard, is_spoken_of, scale
from calls.dialogue.types import ESCALATES_NOW, Finding, FindingKind

_NOTHING = frozenset[int]()


def alarms(saw: Saw) -> bool:
    return saw.finding is not None and saw.finding.kind in ESCALATES_NOW


def added(
    language: LanguageRules, speech: Speech, excused: Sequence[Saw], doubted: Sequence[Saw], denied: Set[int]
) -> Iterable[Saw]:
    """What was not seen and is an emergency by its weight: from `excused_from` on an excused danger ("the house is on
    fire, call the station"), from `doubted_from` on a doubted one ("is it normal to cough up a cupful of blood"), and
    from `weighs` on what no pattern has words for.

    Where an if, a past, people at large or an animal was spoken of words alone do not tell.
    """
    rule = language.weighed
    if rule is None or rule.kind is None or not _is_spoken(language, speech):
        return
    alone = not is_spoken_of(speech.cues[language.lang])
    if not (alone or doubted):
        return
    weight = _weight(language, speech, denied, enough=rule.doubted_from) + speech.unsure
    if weight >= rule.doubted_from:
        yield from doubted
    if alone and weight >= rule.excused_from:
        yield from excused
    if alone and weight >= rule.weighs:
        sure = round(1 / (1 + exp(-weight)), 2)
        yield Saw(Finding(rule.kind, rule.id, rule.reason, rule.source, sure, rule.own), "", 0)


def asked_about(language: LanguageRules, speech: Speech, seen: Sequence[Saw]) -> list[Saw]:
    """All that was seen; an emergency that one rule alone sees is urgent and asked about where the words weigh less
    than `asks_below`, and those around it make them do so ("is the girl who drowned any good as an audiobook").

    Both all words and the statement it was seen in must weigh less: what else a caller says takes nothing away. Never a
    crisis, a clinic's own rule, nor what a recogniser was unsure of.
    """
    rule, grave = language.weighed, [saw for saw in seen if alarms(saw)]
    if rule is None or speech.unsure or not _may_be_asked_about(grave) or not _is_spoken(language, speech):
        return list(seen)
    if not all(_is_spoken_against(saw, language, speech, rule) for saw in grave):
        return list(seen)
    return [_asked(saw) if saw in grave else saw for saw in seen]


def _is_spoken_against(saw: Saw, language: LanguageRules, speech: Speech, rule: Rule) -> bool:
    """Whether all words weigh too little and its own statement does, in both because of what stands around it."""
    said = _heard(language, speech, speech.words, told=saw.words)
    whole, alone = _weight_of(said, language), _weight_of(said.only(saw.words), language)
    if whole >= rule.asks_below or whole - alone >= rule.spoken_against:
        return False
    told = _weight_of(said.part(*statement(speech.words, speech.cues[language.lang], saw.words)), language)
    if max(told, told - alone) >= rule.asks_below:
        return False
    meant = _put_right(speech)
    return meant is None or _weight_of(_heard(language, speech, meant, told=saw.words), language) < rule.asks_below


def _may_be_asked_about(grave: Sequence[Saw]) -> bool:
    found = [saw.finding for saw in grave if saw.finding is not None]
    one_rule = len({one.rule for one in found}) == 1
    return one_rule and all(one.kind is FindingKind.EMERGENCY and not one.own for one in found)


def _asked(saw: Saw) -> Saw:
    finding = saw.finding and replace(saw.finding, kind=FindingKind.URGENT)
    return Saw(finding, saw.ask or ASK_WHETHER_NOW, saw.at)


def _is_spoken(language: LanguageRules, speech: Speech) -> bool:
    """Words of another language weigh something here only by chance."""
    return language.lexicon.is_spoken(speech.words.texts)


def _weight(language: LanguageRules, speech: Speech, denied: Set[int], *, enough: float) -> float:
    """How heavy the words are as they were said, or, short of `enough`, put right where all around speaks for it."""
    weight = _weight_of(_heard(language, speech, speech.words, mute=denied), language)
    meant = _put_right(speech) if weight < enough else None
    return weight if meant is None else max(weight, _weight_of(_heard(language, speech, meant, mute=denied), language))


def _put_right(speech: Speech) -> Words | None:
    """The words as they were meant where all around speaks for it; None when that is how they were said."""
    texts = put_right(speech.words.texts, speech.guesses)
    return replace(speech.words, texts=texts) if texts != speech.words.texts else None


def _heard(
    language: LanguageRules, speech: Speech, words: Words, *, mute: Set[int] = _NOTHING, told: Set[int] = _NOTHING
) -> Heard:
    """What counts of `words`: those that were said, or those put right, for which guessed concepts count."""
    cues, spans = speech.cues[language.lang], speech.said[language.lang]
    return heard(words, cues, spans, language.named, mute=mute, told=told, guessed=words is not speech.words)


def _weight_of(said: Heard, language: LanguageRules) -> float:
    return scale(language.lang, language.lexicon.small).weight(said)
