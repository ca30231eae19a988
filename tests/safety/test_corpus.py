"""The rules on our own sentences, and on the public ones beside the checkout when they are there."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from calls.dialogue.safety import corpus, rules_version
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Share, measure, read_rows
from calls.dialogue.safety.verdicts import released

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "safety"
NAMED_FAILURES = {
    "en": [
        "inflection",
        "word boundary",
        "negation",
        "past",
        "resolved",
        "hypothetical",
        "question",
        "figurative",
        "third person",
        "misheard",
        "no punctuation",
        "filler",
        "number words",
        "child",
        "pregnancy",
        "age",
    ],
    "es": [
        "inflexión",
        "sin acentos",
        "negación",
        "pasado",
        "resuelto",
        "hipótesis",
        "pregunta",
        "figurado",
        "tercera persona",
        "reconocedor",
        "sin puntuación",
        "muletillas",
        "números",
        "niño",
        "embarazo",
        "edad",
        "regional",
        "inglés dentro",
    ],
}


def test_the_corpus_is_large_balanced_and_names_every_failure():
    rows = shipped_corpus()
    notes = {lang: " ".join(row.note for row in rows if row.lang == lang) for lang in NAMED_FAILURES}

    assert len(rows) >= 600
    assert len({row.id for row in rows}) == len(rows)
    assert not [said for said, count in Counter((row.lang, row.text) for row in rows).items() if count > 1]
    assert {lang: [one for one in names if one not in notes[lang]] for lang, names in NAMED_FAILURES.items()} == {
        "en": [],
        "es": [],
    }


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What `manage.py triage_report --json` says of the shipped corpus: it judges each sentence eight times."""
    out = StringIO()
    call_command("triage_report", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_our_own_corpus(told):
    assert told["rows"] == len(shipped_corpus())
    for lang in ("en", "es"):
        assert told["languages"][lang]["recall"]["of"] > 0
        assert told["languages"][lang]["missed"] == []
        assert told["languages"][lang]["alarms"] == []


def test_the_shipped_corpus_is_compared_with_the_last_released_rules(told):
    before = released(corpus.FOLDER, but=rules_version())

    assert before is not None
    assert len(before.rows) >= 600
    assert (told["changes"]["before"], told["changes"]["after"]) == (before.rules, rules_version())


@pytest.mark.skipif(not SHARED.exists(), reason="the public sentences are not beside this checkout")
@pytest.mark.parametrize("lang", ["en", "es"])
def test_public_sentences(lang):
    measured = measure(read_rows((SHARED / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()))[lang]

    assert measured.recall.rate >= 0.98, measured.missed
    assert measured.false_alarms.rate <= 0.01, measured.alarms
    assert measured.hard_negatives.rate <= 0.08, measured.alarms


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", ["lower case, no punctuation", "with fillers"])
def test_speech_as_a_recogniser_writes_it_loses_little(lang, name, told):
    assert told["changed_speech"][name][lang]["recall"]["rate"] >= 0.97


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_sentence_cut_in_two_by_the_recogniser_is_still_caught(lang, told):
    assert told["changed_speech"]["cut at 70 %, both parts heard"][lang]["recall"]["rate"] >= 0.97


def test_the_interval_is_wilsons():
    low, high = Share(41, 41).interval

    assert (round(low, 3), high) == (0.914, 1.0)
    assert Share(0, 0).interval == (0.0, 1.0)
