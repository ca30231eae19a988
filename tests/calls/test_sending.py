"""Whoever wants something sent leaves a task; only who asks for the fax number is told it and is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.dialogue.types import Field, Intent
from tests.calls.talk import NORTHSIDE, Talk

HOUSE = replace(
    NORTHSIDE,
    facts={
        ("fax", "en"): "Our fax number is 2 0 2, 5 5 5, 0 1 9 8.",
        ("fax", "es"): "Nuestro número de fax es 2 0 2, 5 5 5, 0 1 9 8.",
        ("email", "en"): "Our email is front desk at northside dot example.",
    },
)


@pytest.mark.parametrize(
    "words",
    [
        "the new dentist wants my medication list can you fax it over",
        "please fax my records to doctor smith",
        "my school needs the physical form emailed to them",
        "i faxed you the form yesterday did you get it",
        "the fax never came through to the surgeon",
    ],
)
def test_what_is_to_be_sent_becomes_a_task(words):
    talk = Talk(HOUSE).say(words)

    assert not [key for key in talk.keys if key.startswith("fact.")]
    assert talk.state.request.intent is Intent.GENERAL
    talk.say("ann miller", "yes", "march fourth nineteen eighty two", "yes", "yes")
    [task] = talk.tasks
    assert task.request.slots[Field.QUESTION].text == words


@pytest.mark.parametrize(
    "words", ["what's your fax number", "where can i fax my form", "i need to fax you some records"]
)
def test_who_asks_for_the_number_is_told_it(words):
    assert "fact.fax" in Talk(HOUSE).say(words).keys


def test_the_same_in_spanish():
    talk = Talk(HOUSE).say("en español por favor", "me pueden mandar el justificante por fax")
    assert not [key for key in talk.keys if key.startswith("fact.")]
    assert "fact.fax" in Talk(HOUSE).say("en español por favor", "cuál es su fax").keys
