"""Makes the scorer's weights from our own labelled sentences: `python -m calls.dialogue.language.learning`.

Multinomial logistic regression with AdaGrad, in plain Python: the same sentences give the same weights everywhere.
A sentence that the rules were written for does not show how far their claims can be trusted, so claims are weighed only
on the openings, which the rules had never met.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from calls.dialogue.language.features import features, unique
from calls.dialogue.language.frames import made
from calls.dialogue.language.intents import read_intents
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.scorer import INTENTS, WEIGHTS
from calls.dialogue.language.text import read
from calls.dialogue.language.understanding import concepts
from calls.dialogue.types import Intent

LANGUAGES = ("en", "es")
_HOUSE = Path(__file__).parents[3]
_CORPUS = _HOUSE / "tests" / "corpus"
_DANGER = _HOUSE / "calls" / "dialogue" / "safety" / "corpus"
_NO_REQUEST = frozenset({"other", "routine_medical", "distress"})
_OF_EACH_FRAME = 6
_FOREIGN_EVERY = 2
_DANGER_EVERY = 3
"""Too many sentences without a request would teach that hardly anybody wants anything."""
_ROUNDS = 10
_PACE = 0.3
_SHRINK = 0.002
_SETTLED = 0.01
"""A chance this close to right teaches nothing more."""
_LEAST = 0.04
"""Weights nearer to nothing than this are left out of the file."""
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence and what its caller wants; `unmet` when no rule was ever written for it."""

    text: str
    intent: str
    unmet: bool


def lessons(lang: str) -> Iterator[Lesson]:
    """Yield every own sentence that teaches an intent of `lang`, and some of the other language that teach none."""
    for row in _rows(_CORPUS / f"openings_{lang}.jsonl"):
        yield Lesson(row["text"], row["intent"], unmet=True)
    for sentence, intent in made(_CORPUS / f"frames_{lang}.toml", each=_OF_EACH_FRAME):
        yield Lesson(sentence, intent, unmet=True)
    for row in _rows(_CORPUS / f"intents_{lang}.jsonl"):
        if "intent" in row:
            yield Lesson(row["text"], row["intent"], unmet=False)
    for row in [one for one in _rows(_DANGER / f"{lang}.jsonl") if one["label"] in _NO_REQUEST][::_DANGER_EVERY]:
        yield Lesson(row["text"], str(Intent.UNCLEAR), unmet=True)
    for other in LANGUAGES:
        if other != lang:
            for row in list(_rows(_CORPUS / f"openings_{other}.jsonl"))[::_FOREIGN_EVERY]:
                yield Lesson(row["text"], str(Intent.UNCLEAR), unmet=True)


def weighed(lesson: Lesson, lang: str) -> tuple[str, ...]:
    """Return the features of a lesson, the rules' claims only where the rules had not met it."""
    text, book = read(lesson.text), load(lang)
    spans = concepts(text, book)
    claims = {str(intent): weight for intent, weight in read_intents(text, book, spans).claims.items()}
    return unique(features(text, book, spans, claims if lesson.unmet else {}))


def learn(examples: Sequence[tuple[tuple[str, ...], int]]) -> dict[str, list[float]]:
    """Return for each feature a weight for each of INTENTS, learnt from (features, place of the intent)."""
    size = len(INTENTS)
    weights = {feature: [0.0] * size for found, _ in examples for feature in found}
    steps = {feature: [0.001] * size for feature in weights}
    order, chance = list(range(len(examples))), Random(1)
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for at in order:
            found, right = examples[at]
            _teach(found, right, weights, steps)
    return weights


def _teach(found: Sequence[str], right: int, weights: dict[str, list[float]], steps: dict[str, list[float]]) -> None:
    sums = [math.fsum(weights[one][place] for one in found) for place in range(len(INTENTS))]
    most = max(sums)
    powers = [math.exp(one - most) for one in sums]
    total = sum(powers)
    for place, power in enumerate(powers):
        off = power / total - (place == right)
        if abs(off) < _SETTLED:
            continue
        for one in found:
            row, step = weights[one], steps[one]
            slope = off + _SHRINK * row[place]
            step[place] += slope * slope
            row[place] -= _PACE * slope / math.sqrt(step[place])


def table(lang: str) -> str:
    """Return the file of weights of `lang`: one feature a line, places and weights by turns."""
    examples = [(weighed(lesson, lang), INTENTS.index(lesson.intent)) for lesson in lessons(lang)]
    seen = Counter(feature for found, _ in examples for feature in found)
    rows = []
    for feature, row in sorted(learn(examples).items()):
        kept = [(place, round(weight, _DIGITS)) for place, weight in enumerate(row) if abs(weight) >= _LEAST]
        if kept and seen[feature]:
            flat = ", ".join(f"{place}, {weight:g}" for place, weight in kept)
            rows.append(f"{json.dumps(feature, ensure_ascii=False)}: [{flat}]")
    return f'{{"intents": {json.dumps(INTENTS)},\n"weights": {{\n' + ",\n".join(rows) + "\n}}\n"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    WEIGHTS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (WEIGHTS / f"{language}.json").write_text(table(language), encoding="utf-8")
