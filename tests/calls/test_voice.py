"""Distress in the manner of speaking, and everyday speech that is not."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.types import FindingKind
from calls.dialogue.voice import strain
from tests.calls.talk import Talk

GROWING = ("i need the form", "i need the form that you said you would send me", "i need the form " + "and again " * 20)


@pytest.mark.parametrize(
    ("words", "earlier", "sign"),
    [
        ("I HAVE BEEN WAITING FOREVER", (), "raised voice"),
        ("answer me now!!", (), "raised voice"),
        (
            "i just want my results",
            ("i just want my results", "I just want my results."),
            "same words three times",
        ),
        (GROWING[2], GROWING[:2], "longer and longer"),
    ],
)
def test_strain_is_heard(words: str, earlier: tuple[str, ...], sign: str) -> None:
    assert strain(words, earlier=earlier) == sign


@pytest.mark.parametrize(
    ("words", "earlier"),
    [
        ("", ()),
        ("my MRI and the CT scan", ()),
        ("MARIA ALVAREZ", ()),
        ("thank you!", ()),
        ("yes", ("yes", "yes")),
        ("march fourth 1982", ("march fourth 1982", "march fourth 1982")),
        ("i need an appointment please", ("i need an appointment please", "hello")),
        ("i need it on friday in the morning if you can", ("hello", "i need an appointment")),
        ("la computadora no me deja", ()),
        ("12 34 56 78", ("12 34 56 78", "12 34 56 78")),
    ],
)
def test_everyday_speech_is_not_strain(words: str, earlier: tuple[str, ...]) -> None:
    assert strain(words, earlier=earlier) == ""


@pytest.mark.parametrize(("lang", "words"), [("en", "this is bullshit"), ("es", "qué mierda de servicio")])
def test_swearing_is_left_to_the_rules_which_hear_it(lang: str, words: str) -> None:
    assert safety.find(words, lang=lang).has(FindingKind.DISTRESS)


def test_a_caller_who_shouts_is_offered_a_person() -> None:
    talk = Talk().say("WHY DOES NOBODY EVER ANSWER ME")

    assert "distress" in talk.state.escalated
    assert "distress.offer" in talk.keys


def test_shouted_danger_is_danger_and_not_distress() -> None:
    talk = Talk().say("HE CANNOT BREATHE PLEASE HELP NOW")

    assert talk.state.escalated == ("emergency",)
