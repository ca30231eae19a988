"""A caller who gasps for air is written down with a stop at every breath, and is heard all the same."""

from __future__ import annotations

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.folding import in_one_breath
from calls.dialogue.types import ESCALATES_NOW


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("I can't... breathe...", "en"),
        ("I can't\u2026 breathe", "en"),
        ("I can't. Breathe.", "en"),
        ("He's. Not. Breathing!", "en"),
        ("Send. An ambulance. Please.", "en"),
        ("No... my chest hurts", "en"),
        ("No puedo... respirar...", "es"),
        ("No puedo. Respirar.", "es"),
        ("Me falta. El aire.", "es"),
        ("No... me duele el pecho", "es"),
    ],
)
def test_a_stop_at_every_breath_hides_nothing(said: str, lang: str) -> None:
    assert find(said, lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("No. I'm fine. Chest is fine.", "en"),
        ("Yes. Thank you. Bye.", "en"),
        ("Well... it's just the knee... no hurry", "en"),
        ("No. Dolor no. Gracias.", "es"),
    ],
)
def test_nor_does_it_make_a_danger_of_short_answers(said: str, lang: str) -> None:
    assert not find(said, lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize("said", ["I can't breathe. My chest is very tight today.", "", "I can't breathe."])
def test_sentences_are_no_gasps(said: str) -> None:
    assert in_one_breath(said) == ""
