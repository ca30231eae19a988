"""Weighs an utterance against what our own labelled sentences taught: the rules' claims and the words together.

The weights are a table of text (`weights/en.json`) that `learning.py` makes; every figure in it can be read: how much a
word, two neighbours, a concept or a rule's claim speaks for each intent. It decides what a caller wants and never
whether there is danger.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from calls.dialogue.language.features import features, unique
from calls.dialogue.language.intents import SURE, Wanted
from calls.dialogue.language.phrasebook import Phrasebook, Spans
from calls.dialogue.language.text import Text
from calls.dialogue.types import Intent

INTENTS = tuple(str(intent) for intent in Intent)
_PLACES = {intent: INTENTS.index(intent) for intent in Intent}
_LEANS = ((0.96, 3.0), (0.9, 1.0), (0.0, 0.5))
"""How much the rules' leading intent weighs beforehand, by how sure its rule is: as measured where no rule had met
the sentence."""
_ASKED_FOR_PERSON = 0.95
_PERSON_FIRST = 4.0
"""Who asks for a person gets one, whatever it is about: "can I talk to somebody about my refund"."""
_DOUBT = 0.5
"""Hardly anybody rings a clinic and wants nothing."""
_LEAST_LIKELY = 0.4
_LEAST_BY_WORDS_ALONE = 0.7
"""What an intent needs that no rule claims: a guess below it is asked about. "Tom has gone" is hardly a refill."""
_SAID_TOO = 0.85
_LIKELY_TOO = 0.05
_SAYING_NOTHING = frozenset(
    [
        *("i", "id", "im", "we", "need", "want", "would", "like", "to", "can", "could", "you", "have", "a", "an"),
        *("the", "my", "some", "get", "um", "uh", "so", "well", "just", "please", "and", "is", "it", "do", "about"),
        *("yo", "necesito", "quiero", "quisiera", "puedo", "puede", "me", "un", "una", "el", "la", "mi", "de", "que"),
        *("por", "favor", "este", "eh", "pues", "es", "tengo", "para"),
    ]
)
"""Who says nothing else has not said yet what is wanted: the words before it lean to whatever was said after them."""
WEIGHTS = Path(__file__).parent / "weights"

Weights = Mapping[str, tuple[tuple[int, float], ...]]
"""For each feature the intents, by their place in INTENTS, that it speaks for or against."""


def chances(found: Iterable[str], weights: Weights, leans: Mapping[int, float] | None = None) -> list[float]:
    """Return how likely each of INTENTS is, adding up to 1; `leans` are weights put in beforehand, by place."""
    sums = [0.0] * len(INTENTS)
    for place, weight in (leans or {}).items():
        sums[place] += weight
    for one in found:
        for place, weight in weights.get(one, ()):
            sums[place] += weight
    most = max(sums)
    powers = [math.exp(one - most) for one in sums]
    total = sum(powers)
    return [power / total for power in powers]


def decide(wanted: Wanted, text: Text, book: Phrasebook, spans: Spans) -> Wanted:
    """Return what is wanted once the words are weighed with the rules' claims; UNCLEAR where nothing is likely."""
    if not wanted.claims and _SAYING_NOTHING.issuperset(text.words):
        return wanted
    claims = {str(intent): weight for intent, weight in wanted.claims.items()}
    leans = {_PLACES[Intent.UNCLEAR]: -_DOUBT}
    if wanted.intent is not Intent.UNCLEAR:
        leans[_PLACES[wanted.intent]] = next(lean for least, lean in _LEANS if wanted.confidence >= least)
    if wanted.claims.get(Intent.HUMAN_REQUEST, 0.0) >= _ASKED_FOR_PERSON:
        leans[_PLACES[Intent.HUMAN_REQUEST]] = _PERSON_FIRST
    likely = chances(unique(features(text, book, spans, claims)), load_weights(book.lang), leans)
    best = max(range(len(INTENTS)), key=likely.__getitem__)
    intent, chance = Intent(INTENTS[best]), likely[best]
    least = _LEAST_LIKELY if intent in wanted.claims else _LEAST_BY_WORDS_ALONE
    if intent is Intent.UNCLEAR or chance < least:
        return Wanted(claims=wanted.claims)
    if intent is wanted.intent:
        return replace(wanted, confidence=max(wanted.confidence, SURE))
    others = tuple(one for one in (wanted.intent, *wanted.others) if one is not intent and _beside(one, wanted, likely))
    return Wanted(intent, round(max(chance, SURE), 2), wanted.topic, others, wanted.claims)


def _beside(intent: Intent, wanted: Wanted, likely: list[float]) -> bool:
    """Tell whether an intent that does not lead was still asked for in the same breath."""
    return wanted.claims.get(intent, 0.0) >= _SAID_TOO and likely[_PLACES[intent]] >= _LIKELY_TOO


@lru_cache(maxsize=4)
def load_weights(lang: str) -> Weights:
    """Return the weights of `lang`; a language without a file gets the English ones, as with its phrases."""
    path = WEIGHTS / f"{lang}.json"
    data = json.loads((path if path.is_file() else WEIGHTS / "en.json").read_text(encoding="utf-8"))
    places = [INTENTS.index(name) for name in data["intents"]]
    return {
        feature: tuple((places[at], weight) for at, weight in zip(row[::2], row[1::2], strict=True))
        for feature, row in data["weights"].items()
    }
