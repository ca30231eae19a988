"""The scorer is made of our own sentences, says how, and holds on sentences it has not learnt from."""

from collections import Counter

import pytest

from calls.dialogue import language
from calls.dialogue.language import learning
from calls.dialogue.language.scorer import INTENTS, WEIGHTS, chances

from .test_corpus import CORPUS, rows

ROUTING = set(INTENTS) - {"unclear"}
LEFT_OUT = {"b6", "b7", "b8", "b9", "b11"}
"""Batches whose figures are told in docs/adr: written after all that the rules and word families were mended by."""


def openings(lang: str) -> list[dict]:
    return list(rows(CORPUS / f"openings_{lang}.jsonl"))


def meant(row: dict) -> set[str]:
    return {row["intent"], *row.get("accept", ())}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_weights_are_those_of_the_lessons(lang):
    stored = WEIGHTS / f"{lang}.json"
    mark = learning.digest(learning.examples_of(lang, learning.lessons(lang)))

    assert f'"lessons": "{mark}"' in stored.read_text(encoding="utf-8"), (
        "The lessons, rules or word families changed: run python -m calls.dialogue.language.learning"
    )


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_intent_has_forty_sentences_and_none_stands_twice(lang):
    texts = [row["text"] for row in openings(lang)]
    each = Counter(row["intent"] for row in openings(lang))

    assert len(texts) == len(set(texts))
    assert {intent for intent in ROUTING if each[intent] >= 40} == ROUTING, each


@pytest.mark.parametrize("lang", ["en", "es"])
def test_at_least_95_percent_of_our_own_openings_reach_their_intent(lang, now):
    wrong = {}
    for row in openings(lang):
        got = str(language.understand(row["text"], lang=lang, now=now).intent)
        if got not in meant(row):
            wrong[row["text"]] = got

    assert len(wrong) <= 0.05 * len(openings(lang)), wrong


@pytest.mark.parametrize("lang", ["en", "es"])
def test_openings_left_out_of_the_lessons_are_understood_all_the_same(lang):
    kept = [lesson for lesson in learning.lessons(lang) if lesson.batch not in LEFT_OUT]
    weights = learning.shortened(learning.learn(learning.examples_of(lang, kept)))
    new = [row for row in openings(lang) if row["batch"] in LEFT_OUT]

    right = 0
    for row in new:
        lesson = learning.Lesson(row["text"], row["intent"], unmet=True)
        likely = chances(learning.weighed(lesson, lang), weights)
        right += INTENTS[likely.index(max(likely))] in meant(row)

    assert len(new) >= 120
    assert right >= 0.88 * len(new), f"{right} of {len(new)}"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "no that's all thank you"),
        ("en", "hold on a second"),
        ("en", "are you a real person or a computer"),
        ("en", "can you say that again please"),
        ("en", "quisiera saber si ya salieron mis análisis"),
        ("en", "xyzzy plugh"),
        ("es", "no gracias es todo"),
        ("es", "espere un momento por favor"),
        ("es", "es usted una persona o una máquina"),
        ("es", "i was wondering if my labs came back"),
    ],
)
def test_words_that_ask_for_nothing_stay_unclear(lang, said, now):
    assert str(language.understand(said, lang=lang, now=now).intent) == "unclear"
