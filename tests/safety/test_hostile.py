"""Nothing a caller or a recogniser can send makes the rules fail, hang or overlook an end of the speech."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.dialogue import safety
from calls.dialogue.types import FindingKind

SPOKEN = st.lists(
    st.sampled_from(
        [
            *("I", "my", "chest", "hurts", "no", "not", "can't", "breathe", "if", "what", "ever", "had", "ago", "year"),
            *("the", "dog", "is", "was", "bleeding", "stop", ".", "?", ",", "and", "or", "but", "now", "911", "103.5"),
            *("sí", "no", "me", "duele", "el", "pecho", "si", "hace", "años", "\ud800", "\x00", "can’t"),
        ]
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(words=st.one_of(st.text(max_size=400), SPOKEN), lang=st.sampled_from(["en", "es"]), before=SPOKEN)
def test_any_input_gets_a_verdict(words, lang, before):
    verdict = safety.find(words, lang=lang, earlier=[before], asked="ask.breathing_now")

    assert verdict.version


@pytest.mark.parametrize(
    "junk",
    [
        "a" * 100_000,
        "chest pain no " * 8_000,
        "\x00\x07\ufffe" * 30_000,
        "\ud800" * 100_000,
        "if " * 33_000,
        "I can't " * 12_000,
        "I can't. " * 11_000,
        " " * 100_000,
        "!." * 50_000 + "x",
        "'" * 100_000,
        "cuándo " + "a b " * 25_000 + "?",
    ],
)
def test_a_hundred_kilobytes_are_bounded(junk):
    safety.find("warm up", lang="en")
    started = time.process_time()

    safety.find(junk, lang="en")

    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_emergency_at_either_end_of_endless_speech_is_found(lang):
    chatter = "well I was just calling about the thing we talked about with the lady there. " * 1_500

    assert safety.find("I can't breathe. " + chatter, lang=lang).has(FindingKind.EMERGENCY)
    assert safety.find(chatter + "I can't breathe", lang=lang).has(FindingKind.EMERGENCY)


def test_an_utterance_of_a_thousand_characters_is_quick():
    speech = ("so my husband woke up this morning and he said his back was a bit sore and we had toast. " * 12)[:1000]
    safety.find(speech, lang="en")
    took = []
    for _ in range(20):
        started = time.process_time()
        safety.find(speech, lang="en")
        took.append(time.process_time() - started)

    assert sorted(took)[10] < 0.02  # the goal is 5 ms; a busy test machine gets four times that
