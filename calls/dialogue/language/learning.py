"""Makes the scorer's weights from our own labelled sentences: `python -m calls.dialogue.language.learning`.

Multinomial logistic regression with AdaGrad, in plain Python: the same sentences give the same weights everywhere.
A sentence that the rules were written for does not show how far their claims can be trusted, so claims are weighed only
on the openings, which the rules had never met.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
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
_CORPUS = Path(__file__).parents[3] / "tests" / "corpus"
_OF_EACH_FRAME = 6
_FOREIGN_EVERY = 2
_ROUNDS = 10
_MEAN_OF = 8
"""The weights are the mean of those after each of the last rounds, so that the order of the lessons matters less."""
_PACE = 0.3
_SHRINK = 0.002
_SETTLED = 0.01
"""A chance this close to right teaches nothing more."""
_LEAST = 0.04
"""Weights nearer to nothing than this are left out of the file."""
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence and what its caller wants; `unmet` when no rule was ever written for it, `batch` when it came."""

    text: str
    intent: str
    unmet: bool
    batch: str = ""


def lessons(lang: str) -> Iterator[Lesson]:
    """Yield every own sentence that teaches an intent of `lang`, and some of the other language that teach none."""
    for row in _rows(_CORPUS / f"openings_{lang}.jsonl"):
        yield Lesson(row["text"], row["intent"], unmet=True, batch=row["batch"])
    for sentence, intent in made(_CORPUS / f"frames_{lang}.toml", each=_OF_EACH_FRAME):
        yield Lesson(sentence, intent, unmet=True)
    for row in _rows(_CORPUS / f"intents_{lang}.jsonl"):
        if "intent" in row:
            yield Lesson(row["text"], row["intent"], unmet=False)
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
    means = {feature: [0.0] * size for feature in weights}
    for round_ in range(_ROUNDS):
        chance.shuffle(order)
        for at in order:
            found, right = examples[at]
            _teach(found, right, weights, steps)
        if round_ >= _ROUNDS - _MEAN_OF:
            for feature, row in weights.items():
                means[feature] = [mean + one / _MEAN_OF for mean, one in zip(means[feature], row, strict=True)]
    return means


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


def examples_of(lang: str, lessons: Iterable[Lesson]) -> list[tuple[tuple[str, ...], int]]:
    """Return each lesson as (features, place of its intent)."""
    return [(weighed(lesson, lang), INTENTS.index(lesson.intent)) for lesson in lessons]


def digest(examples: Sequence[tuple[tuple[str, ...], int]]) -> str:
    """Return a mark of the lessons and of all that is weighed of them, to tell when the weights are out of date."""
    return sha256(json.dumps(examples, ensure_ascii=True).encode()).hexdigest()[:16]


def shortened(weights: Mapping[str, Sequence[float]]) -> dict[str, tuple[tuple[int, float], ...]]:
    """Return the weights that say something, rounded, by feature as (place of the intent, weight)."""
    kept = {
        feature: tuple((place, round(one, _DIGITS)) for place, one in enumerate(row) if abs(one) >= _LEAST)
        for feature, row in weights.items()
    }
    return {feature: row for feature, row in kept.items() if row}


def table(lang: str) -> str:
    """Return the file of weights of `lang`: one feature a line, places and weights by turns."""
    examples = examples_of(lang, lessons(lang))
    rows = []
    for feature, kept in sorted(shortened(learn(examples)).items()):
        flat = ", ".join(f"{place}, {weight:g}" for place, weight in kept)
        rows.append(f"{json.dumps(feature, ensure_ascii=False)}: [{flat}]")
    head = f'{{"intents": {json.dumps(INTENTS)},\n"lessons": "{digest(examples)}",\n"weights": {{\n'
    return head + ",\n".join(rows) + "\n}}\n"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    WEIGHTS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (WEIGHTS / f"{language}.json").write_text(table(language), encoding="utf-8")
