"""The drawing of a call's steps: no call leaves it, each arrow is walked by one, and the page shows it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.dialogue.diagram import BACK, FIRST, LISTENING, OUT_OF, RETURNING, WITHIN, may_follow, mermaid
from calls.dialogue.first import MODES
from calls.dialogue.state import Step
from tests.calls.talk import NORTHSIDE, Talk, closed
from tests.calls.test_dialogue_ends import DEEDS, WAYS, play

PAGE = Path(__file__).parents[2] / "docs" / "how-a-call-flows.md"
JOHN = "this is john smith born may fifth nineteen seventy"
ALARM, FEAR, TEARS = "i want to kill myself", "my chest feels funny", "i can't stop crying"
HOURS, BILL, REFILL = "what are your hours", "a question about my bill", "i need a refill of metformin"
OPEN, SHUT = NORTHSIDE, closed()
ASKS = replace(OPEN, asks_to_record=True)
STAFF, NO_ASSISTANT = replace(ASKS, answers="staff_first"), replace(OPEN, answers="off")
BILLED = (BILL, "maria alvarez", "yes", "yes")
WALKS = (
    (OPEN, HOURS, "yes", HOURS, "i need an appointment"),
    (OPEN, BILL, "start over", BILL, JOHN, "start over"),
    (OPEN, *BILLED, BILL),
    (OPEN, BILL, JOHN, "#1", FEAR, "no"),
    (OPEN, REFILL, "walgreens on main street", "maria alvarez", "yes", TEARS, "no thank you"),
    (OPEN, FEAR, "yes", "@completed"),
    (OPEN, FEAR, TEARS),
    (OPEN, TEARS, "there is blood in my urine"),
    (OPEN, TEARS, ALARM),
    (OPEN, TEARS, "yes", "@no-answer"),
    (OPEN, ALARM, "@no-answer", "@completed"),
    (SHUT, HOURS, "no"),
    (OPEN, "@no-answer", "maria alvarez", ALARM),
    (OPEN, "@busy", "there is blood in my urine", "there is blood in my urine"),
    (OPEN, REFILL, "@no-answer", TEARS, "is my chest pain bad"),
    (OPEN, FEAR, "@completed"),
    (OPEN, TEARS, "@completed"),
    (OPEN, f"{JOHN} i have {BILL}"),
    (ASKS, HOURS),
    (ASKS, FEAR),
    (ASKS, TEARS),
    (ASKS, "español por favor", "english please", "english please", "no"),
    (ASKS, ALARM),
    (ASKS, "goodbye"),
    (STAFF, "@no-answer"),
    (STAFF, "@no-answer", ALARM),
    (NO_ASSISTANT, "@no-answer", ""),
    (NO_ASSISTANT, "@no-answer", ALARM),
    (NO_ASSISTANT, "@no-answer", FEAR),
    (NO_ASSISTANT, "@no-answer", TEARS),
    (NO_ASSISTANT, "@no-answer", HOURS),
)


def steps_of(talk: Talk) -> list[tuple[Step, Step]]:
    states = [decision.state.step for decision in talk.decisions]
    return list(pairwise(states))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS, max_size=25), house=WAYS, withheld=st.booleans())
def test_no_call_takes_an_arrow_that_is_not_drawn(deeds, house, withheld) -> None:
    walked = steps_of(play(house, deeds, "" if withheld else "+12025550142"))

    assert [pair for pair in walked if not may_follow(*pair)] == []


def test_each_arrow_is_walked() -> None:
    talks = [Talk(house=house).say(*deeds) for house, *deeds in WALKS]
    talks.append(Talk(house=SHUT, caller="").say(BILL, "maria alvarez", "yes", *["flarb gorble"] * 4))
    walked = {pair for talk in talks for pair in steps_of(talk)}

    assert {pair for pair in walked if not may_follow(*pair)} == set()
    assert WITHIN.keys() - walked == set()
    assert BACK.keys() - walked == set()
    assert OUT_OF.keys() - {after for before, after in walked if before in LISTENING} == set()
    assert RETURNING.keys() - {before for before, after in walked if after in LISTENING} == set()


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("asks", [True, False])
def test_a_call_begins_where_the_drawing_says(is_open: bool, asks: bool) -> None:
    house = replace(OPEN, is_open=is_open, asks_to_record=asks)

    assert {Talk(replace(house, answers=mode)).state.step for mode in MODES} <= FIRST.keys()


def test_every_step_is_drawn_and_can_be_left() -> None:
    drawn = mermaid().replace(":", " ")
    stuck = [step for step in Step if not any(may_follow(step, other) for other in Step if other is not step)]

    assert [step for step in Step if f"{step} " not in drawn] == []
    assert stuck == [Step.ENDED]


def test_the_page_shows_the_drawing_as_it_is_now() -> None:
    """`python -c "from calls.dialogue.diagram import mermaid; print(mermaid())"` prints what belongs there."""
    assert f"```mermaid\n{mermaid()}\n```\n" in PAGE.read_text()


@pytest.mark.parametrize("paused_by", [FEAR, TEARS])
def test_starting_over_forgets_the_step_that_was_interrupted(paused_by: str) -> None:
    talk = Talk(house=SHUT).say(BILL, JOHN, paused_by, "start over")

    assert talk.state.step is Step.ROUTE
    assert talk.state.paused is None
    assert talk.say("maria alvarez", "#2025550178", "#0").state.step in (Step.ROUTE, Step.ASK)
