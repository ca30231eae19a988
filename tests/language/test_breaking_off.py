"""Which words stopped in the middle of a sentence."""

from __future__ import annotations

import pytest

from calls.dialogue.language import breaks_off


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("he's", "en"),
        ("He’s.", "en"),
        ("my husband fell and", "en"),
        ("I'd like to make an appointment for my", "en"),
        ("Mary has gone into", "en"),
        ("the patient is", "en"),
        ("mi papá está", "es"),
        ("necesito una cita con", "es"),
        ("le pegó en la cabeza y", "es"),
    ],
)
def test_it_ends_on_a_word_that_hardly_a_sentence_ends_on(words: str, lang: str) -> None:
    assert breaks_off(words, lang=lang)


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("", "en"),
        ("...", "en"),
        ("I need a refill", "en"),
        ("he is unconscious", "en"),
        ("I don't know where the clinic is", "en"),
        ("we open at nine am", "en"),
        ("what is that pill for?", "en"),
        ("my mother lives with her", "en"),
        ("quiero una cita", "es"),
        ("¿para quién es?", "es"),
        ("está inconsciente", "es"),
    ],
)
def test_it_was_heard_to_its_end(words: str, lang: str) -> None:
    assert not breaks_off(words, lang=lang)
