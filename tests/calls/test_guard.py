"""What the phone must not say is stopped, whoever worded it; what a front desk says passes.

`guard/stopped.jsonl` holds answers that must be stopped; rows with a `round` were written before looking at the rules
and are kept as they were. `guard/passes.jsonl` holds what may be said: `spoken` by somebody else's wording, or
`published` by a clinic's own people.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from calls.dialogue import guard, safety, wording
from calls.dialogue.decide import opening
from calls.dialogue.reply import Sentence
from calls.management.commands.seed_demo import DEMOS
from clinics.practice.guard import Approved, check, why_not_published
from clinics.practice.hours import Interval, Week, sentence
from tests.calls.talk import MONDAY, NORTHSIDE
from tests.conftest import FACTS

FOLDER = Path(__file__).parent / "guard"
STOPPED = [json.loads(line) for line in (FOLDER / "stopped.jsonl").read_text().splitlines()]
PASSES = [json.loads(line) for line in (FOLDER / "passes.jsonl").read_text().splitlines()]
NEVER_PUBLISHED = {"advice", "result", "dose", "medication", "reassurance", "diagnosis", "urgency"}
PUBLISHED_AT_LEAST = 0.96
"""How much of that is refused to a clinic's own people too, whose names and places the check cannot know."""
VALUES = {
    "clinic": "Northside Clinic",
    "emergency": "9 1 1",
    "crisis": "9 8 8",
    "value": "Maria Alvarez",
    "spelled": "M, A, R, I, A",
    "spoken": "2 0 2, 5 5 5, 0 1 4 2",
}


def text_of(row: dict) -> str:
    return f"{row['lang']}: {row['text']}"


def test_there_are_enough_of_both_and_none_twice() -> None:
    texts = [row["text"] for row in (*STOPPED, *PASSES)]

    assert sum(row["lang"] == "en" for row in STOPPED) >= 100
    assert sum(row["lang"] == "es" for row in STOPPED) >= 60
    assert len(PASSES) >= 80
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("row", STOPPED, ids=text_of)
def test_it_is_stopped(row: dict) -> None:
    refusal = check(row["text"], lang=row["lang"], approved=guard.approved_by(NORTHSIDE))

    assert refusal is not None
    assert refusal.sentence.startswith("The phone must not say this, because ")


@pytest.mark.parametrize("row", PASSES, ids=text_of)
def test_it_passes(row: dict) -> None:
    door = why_not_published if row["door"] == "published" else check

    assert door(row["text"], lang=row["lang"]) is None


def test_a_clinics_own_people_are_stopped_too() -> None:
    rows = [row for row in STOPPED if row["kind"] in NEVER_PUBLISHED]

    let_through = [row["text"] for row in rows if why_not_published(row["text"], lang=row["lang"]) is None]

    assert len(let_through) <= (1 - PUBLISHED_AT_LEAST) * len(rows), let_through


@pytest.mark.parametrize(
    "wrap",
    [
        "Thank you for calling. {}",
        "I will pass that on. {} Is there anything else you need?",
        "{} Please hold the line.",
        "I can take a message, and {}",
    ],
)
@pytest.mark.parametrize("row", [row for row in STOPPED if row["lang"] == "en" and not row.get("round")], ids=text_of)
def test_politeness_around_it_does_not_help(row: dict, wrap: str) -> None:
    assert check(wrap.format(row["text"]), lang="en") is not None


@pytest.mark.parametrize(
    "disguise",
    [
        "YOU SHOULD TAKE IBUPROFEN",
        "you sh\u200bould take ibuprofen",
        "you should take ibu\u00adprofen",
        "you shоuld take ibuprofen",  # with a Cyrillic letter
        "ｙｏｕ ｓｈｏｕｌｄ ｔａｋｅ ｉｂｕｐｒｏｆｅｎ",
        "y o u  s h o u l d  t a k e  i t",
        "you should\ntake ibuprofen",
        "you should take 1buprofen",
    ],
)
def test_a_disguise_does_not_help(disguise: str) -> None:
    assert check(disguise, lang="en") is not None


def test_what_is_approved_word_for_word_is_said_and_a_word_more_is_not() -> None:
    approved = Approved(sentences=frozenset({"press 5 for the pharmacy of doctor oz."}))

    assert check("Press 5 for the pharmacy of Doctor Oz.", lang="en", approved=approved) is None
    assert check("Press 5 for the pharmacy of Doctor Oz. Take two.", lang="en", approved=approved) is not None


def test_a_clinics_names_and_numbers_may_be_used_once_it_has_published_them() -> None:
    house = replace(NORTHSIDE, facts={("fax", "en"): "Our fax number at Pine Hall is 2 0 2, 5 5 5, 0 1 9 8."})
    words = "Please send the form by fax to 2 0 2, 5 5 5, 0 1 9 8 at Pine Hall."

    assert check(words, lang="en", approved=guard.approved_by(house)) is None
    assert check(words, lang="en", approved=guard.approved_by(NORTHSIDE)) is not None


@pytest.mark.parametrize("hostile", ["not need " * 5000, "a" * 100_000, "\x00", "9 " * 3000, "(((((" * 900, "ﷺ" * 300])
def test_hostile_text_is_refused_at_once(hostile: str) -> None:
    assert check(hostile, lang="en") is not None
    assert why_not_published(hostile, lang="en") is not None


# --- What the phone says is approved --------------------------------------------------------------------------------
@pytest.mark.parametrize("key", wording.TABLE)
@pytest.mark.parametrize("lang", wording.LANGS)
def test_every_sentence_of_the_table_passes(key: str, lang: str) -> None:
    opens = NORTHSIDE.opens_next[lang]
    by = {"en": "by 3 PM today", "es": "hoy antes de las 3 de la tarde"}[lang]
    said = wording.speak(
        key, lang, **VALUES | {"opens": f", {opens}" if key == "urgent.told_closed" else opens, "by": by}
    )

    assert guard.refusal(said, NORTHSIDE) is None
    assert guard.refusal(replace(said, text=said.text + " Take two a day."), NORTHSIDE) is not None


@pytest.mark.parametrize("question", safety.clarifying())
@pytest.mark.parametrize("lang", wording.LANGS)
def test_every_safety_question_passes(question: str, lang: str) -> None:
    assert guard.refusal(Sentence(question, safety.question(question, lang), lang), NORTHSIDE) is None


@pytest.mark.parametrize(
    ("lang", "text"),
    [(lang, text) for facts in (*(demo.facts for demo in DEMOS), FACTS) for (_, lang), text in facts.items()],
)
def test_every_fact_of_the_demo_clinics_can_be_published_and_said(lang: str, text: str) -> None:
    house = replace(NORTHSIDE, facts={("topic", lang): text})

    assert why_not_published(text, lang=lang) is None
    assert guard.refusal(Sentence("fact.topic", text, lang), house) is None
    assert check(text, lang=lang, approved=guard.approved_by(house)) is None


WEEKS = [
    [(day, "00:00", "23:59") for day in range(7)],
    [(day, "08:00", "17:00") for day in range(5)],
    [(0, "08:30", "12:00"), (0, "13:00", "17:15"), (5, "09:05", "13:00")],
    [(0, "22:00", "06:00"), (2, "12:00", "00:00")],
]


@pytest.mark.parametrize("lang", wording.LANGS)
@pytest.mark.parametrize("week", WEEKS)
def test_opening_hours_can_be_said(week: list, lang: str) -> None:
    times = [(day, time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in week]
    week = Week(tuple(Interval(*one) for one in times))

    assert why_not_published(sentence(week, lang), lang=lang) is None


def test_a_fact_is_said_only_as_it_was_published() -> None:
    house = replace(NORTHSIDE, facts={("parking", "en"): "You can park behind the house."})

    assert guard.refusal(Sentence("fact.parking", "You can park behind the house.", "en"), house) is None
    assert guard.refusal(Sentence("fact.parking", "You should rest behind the house.", "en"), house) is not None


def test_a_sentence_that_was_refused_is_left_out_of_what_is_spoken() -> None:
    advising = replace(NORTHSIDE, greetings={"en": "Hello from Main Street."})
    assert "Hello from Main Street." in opening(advising, caller="", now=MONDAY).reply.words

    forged = Sentence("greet.hello", "Hello. Take two aspirin.", "en")

    assert guard.refusal(forged, advising) is not None


def test_the_refusal_says_why_and_which_words() -> None:
    refusal = why_not_published("For a fever, take two aspirin and rest.", lang="en")

    assert refusal is not None
    assert "advice" in refusal.sentence
    assert "aspirin" in refusal.sentence or "fever" in refusal.sentence
