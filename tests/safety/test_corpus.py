"""The rules on our own sentences, and on the public ones beside the checkout when they are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.measuring import Share, in_two_turns, measure, read_rows
from calls.dialogue.safety.report import variants

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


def test_our_own_corpus():
    for measured in measure(shipped_corpus()).values():
        assert measured.missed == []
        assert measured.alarms == []


@pytest.mark.skipif(not SHARED.exists(), reason="the public sentences are not beside this checkout")
@pytest.mark.parametrize("lang", ["en", "es"])
def test_public_sentences(lang):
    measured = measure(read_rows((SHARED / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()))[lang]

    assert measured.recall.rate >= 0.98, measured.missed
    assert measured.false_alarms.rate <= 0.01, measured.alarms
    assert measured.hard_negatives.rate <= 0.08, measured.alarms


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", ["lower case, no punctuation", "with fillers"])
def test_speech_as_a_recogniser_writes_it_loses_little(lang, name):
    rows = [row for row in shipped_corpus() if row.lang == lang]

    assert measure(rows, variants(rows)[name])[lang].recall.rate >= 0.97


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_sentence_cut_in_two_by_the_recogniser_is_still_caught(lang):
    rows = [row for row in shipped_corpus() if row.lang == lang]

    assert measure(rows, judge=in_two_turns)[lang].recall.rate >= 0.97


def test_the_interval_is_wilsons():
    low, high = Share(41, 41).interval

    assert (round(low, 3), high) == (0.914, 1.0)
    assert Share(0, 0).interval == (0.0, 1.0)
