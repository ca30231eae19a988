"""The one question that is asked when the words leave open whether there is danger: once, and erring to escalate."""

from __future__ import annotations

import pytest

from tests.calls.talk import Talk

IMAGINED = "what should i do if i have chest pain"


def raised(talk: Talk) -> list[str]:
    return [escalation.reason for escalation in talk.escalations]


def test_a_question_is_asked_once_a_call():
    talk = Talk().say(IMAGINED)
    assert "ask.happening_now" in talk.keys

    talk.say("no", IMAGINED)

    assert "ask.happening_now" not in talk.keys
    assert raised(talk) == []


@pytest.mark.parametrize("answer", ["yes", "yeah right now", "a little bit", "#1"])
def test_any_kind_of_yes_is_an_emergency(answer):
    assert "emergency" in raised(Talk().say(IMAGINED, answer))


@pytest.mark.parametrize("answer", ["i don't know", "well it depends on the weather", "maybe"])
def test_anything_but_a_clear_no_is_at_least_urgent(answer):
    assert set(raised(Talk().say(IMAGINED, answer))) & {"urgent", "emergency"}


def test_a_clear_no_goes_on_with_what_was_wanted():
    talk = Talk().say("i need a refill of metformin", "cvs", "maria alvarez", IMAGINED, "no")

    assert raised(talk) == []
    assert talk.keys


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("my little girl swallowed", "a battery"),
        ("he's not", "breathing"),
        ("she has this pain in", "her chest"),
        ("i want to kill", "myself"),
        ("her face is", "drooping on one side"),
    ],
)
def test_a_danger_in_two_turns_is_found(first, then):
    assert set(raised(Talk().say(first, then))) & {"emergency", "crisis"}


@pytest.mark.parametrize("answer", ["no but it's getting worse", "it is much worse now"])
def test_getting_worse_after_a_red_flag_is_an_emergency(answer):
    assert "emergency" in raised(Talk().say("i have a severe headache", answer))
