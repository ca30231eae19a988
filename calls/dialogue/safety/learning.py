"""Makes the weights of the second ear from our own sentences: `python -m calls.dialogue.safety.learning`.

Logistic regression with AdaGrad, in plain Python: the same sentences give the same weights everywhere. The sentences
are the corpus (its urgent ones teach neither), the examples of the rules, what callers say otherwise than any rule
expects, and the ordinary openings and answers that the intents and fields are measured on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random

from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.hearing import EDGE, ONLY_HARMLESS, pairs_file
from calls.dialogue.safety.listening import listen
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.safety.tokens import tokenise
from calls.dialogue.safety.variants import Variant, everyday, misheard, sounding_like
from calls.dialogue.safety.weighing import WEIGHTS, heard, of_a_word, of_neighbours
from calls.dialogue.types import ESCALATES_NOW, FindingKind

_SENTENCES = Path(__file__).parents[3] / "tests" / "corpus"
_SPOILT = (11,)
_SPOILT_BY_ANYTHING = (14, 15, 16, 17)
"""Where chance begins each time the lessons are spoilt, by words of our own sentences and by any word of the language;
the report spoils from other beginnings."""
_BESIDE = 18
_ROUNDS = 12
_MEAN_OF = 8
"""The weights are the mean of those after each of the last rounds, so that the order of the sentences matters less."""
_PACE = 0.3
_SHRINK = 0.003
_SETTLED = 0.01
"""A chance this close to right teaches nothing more."""
_LEAST = 0.2
"""Weights nearer to nothing than this are left out of the file."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence, and whether it is an emergency."""

    text: str
    danger: bool


def lessons(lang: str) -> Iterator[Lesson]:
    """Our sentences in `lang`: each as written, beside something ordinary, and several times as a recogniser spoils
    it."""
    rows = [row for row in shipped_corpus() if row.lang == lang and row.label != FindingKind.URGENT]
    told = [*(Lesson(row.text, row.must_escalate) for row in rows), *examples(lang), *callers(lang)]
    nearest = sounding_like(one.text for one in told)
    ways = [misheard(Random(seed), nearest) for seed in _SPOILT]
    anything = sounding_like(everyday(lang))
    ways += [misheard(Random(seed), anything) for seed in _SPOILT_BY_ANYTHING]
    ways.append(beside(Random(_BESIDE), [one.text for one in ordinary(lang)]))
    for one in told:
        texts = (one.text, *(spoilt(one.text, lang) for spoilt in ways))
        yield from (Lesson(text, one.danger) for text in dict.fromkeys(texts))


def beside(chance: Random, texts: Sequence[str]) -> Variant:
    """What else a caller says before or behind a sentence, with or without a stop between both: what stands beside a
    danger and beside a joke alike tells nothing."""

    def change(text: str, lang: str) -> str:
        both = [text, chance.choice(texts)]
        chance.shuffle(both)
        stop = chance.choice((". ", ", ", " "))
        return stop.join(one.rstrip(".") for one in both)

    return change


def examples(lang: str) -> Iterator[Lesson]:
    """What stands in the rule file beside the rules that alarm: what each finds, and what it leaves alone."""
    for rule in shipped().languages[lang].rules:
        if rule.kind in ESCALATES_NOW:
            yield from (Lesson(one.text, danger=one.fires) for one in rule.examples)


def callers(lang: str) -> Iterator[Lesson]:
    """What callers say in words that were written without a look at any rule, so that not every danger is found."""
    for line in (_SENTENCES / f"callers_{lang}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Lesson(row["text"], danger=row["danger"])


def ordinary(lang: str) -> Iterator[Lesson]:
    """The openings that the intents are learnt from, and answers with numbers and names: none is an emergency."""
    for name in ("openings", "intents", "slots"):
        for line in (_SENTENCES / f"{name}_{lang}.jsonl").read_text(encoding="utf-8").splitlines():
            yield Lesson(json.loads(line)["text"], danger=False)


def digest(taught: Iterable[Lesson], lang: str) -> str:
    """A mark of the corpus and the concepts' names, to tell when the weights are out of date; openings, and words of a
    concept, come and go without moving them much."""
    lines = [*sorted(shipped().languages[lang].named.names.values()), *(f"{one.danger:d} {one.text}" for one in taught)]
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def features(text: str, lang: str) -> tuple[str, ...]:
    """All that is weighed of a sentence, each thing once."""
    language = shipped().languages[lang]
    speech = listen([language, *(one for one in shipped().languages.values() if one is not language)], text, None)
    said = heard(speech.words, speech.cues[lang], speech.said[lang], language.named)
    small = language.lexicon.small
    spoken = [word for word in said.words if word is not None]
    beside = [
        of_neighbours(one, two, small) for one, two in pairwise(said.words) if one is not None and two is not None
    ]
    of_words = (one for word in spoken for one in sorted(of_a_word(word, small)))
    return tuple(dict.fromkeys([*of_words, *filter(None, beside), *said.about, *(meant for _, meant in said.meant)]))


def learn(examples: Sequence[tuple[tuple[str, ...], bool]]) -> tuple[dict[str, float], float]:
    """The weight of each feature, and where the scale stands with nothing on it."""
    weights = dict.fromkeys(("", *(one for found, _ in examples for one in found)), 0.0)
    steps, means = dict.fromkeys(weights, 0.001), dict.fromkeys(weights, 0.0)
    order, chance = list(range(len(examples))), Random(1)
    for round_ in range(_ROUNDS):
        chance.shuffle(order)
        for at in order:
            _teach(*examples[at], weights, steps)
        if round_ >= _ROUNDS - _MEAN_OF:
            for one, weight in weights.items():
                means[one] += weight / _MEAN_OF
    return means, means.pop("")


def _teach(found: tuple[str, ...], danger: bool, weights: dict[str, float], steps: dict[str, float]) -> None:
    total = weights[""] + math.fsum(weights[one] for one in found)
    off = 1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - danger
    if abs(off) < _SETTLED:
        return
    for one in (*found, ""):
        slope = off + _SHRINK * weights[one]
        steps[one] += slope * slope
        weights[one] -= _PACE * slope / math.sqrt(steps[one])


def table(lang: str) -> str:
    """The file of weights of `lang`: one feature a line."""
    taught = list(lessons(lang))
    weights, always = learn([(features(one.text, lang), one.danger) for one in (*taught, *ordinary(lang))])
    kept = {one: weight for one, weight in sorted(weights.items()) if abs(weight) >= _LEAST}
    rows = [f"{json.dumps(one, ensure_ascii=False)}: {weight:.2f}" for one, weight in kept.items()]
    return (
        f'{{"lessons": "{digest(taught, lang)}",\n"always": {always:.2f},\n"weights": {{\n'
        + ",\n".join(rows)
        + "\n}}\n"
    )


def pairs(lang: str) -> str:
    """The file of which words stand side by side in sentences that nobody spoilt: one pair a line."""
    spelling, danger = shipped().languages[lang].spelling, dict[str, bool]()
    own = (Lesson(row.text, row.must_escalate) for row in shipped_corpus() if row.lang == lang)
    for one in (*own, *callers(lang), *ordinary(lang)):
        for two in pairwise((EDGE, *tokenise(one.text, spelling).texts, EDGE)):
            danger[" ".join(two)] = danger.get(" ".join(two), False) or one.danger
    return "".join(f"{'' if told else ONLY_HARMLESS}{two}\n" for two, told in sorted(danger.items()))


if __name__ == "__main__":
    for language in LANGUAGES:
        (WEIGHTS / f"{language}.json").write_text(table(language), encoding="utf-8")
        pairs_file(language).write_text(pairs(language), encoding="utf-8")
