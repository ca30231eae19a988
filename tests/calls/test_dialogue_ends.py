"""Whatever a caller does, in any order: the call ends, nothing loops, nothing collected is lost, TwiML stays valid."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.dialogue import guard
from calls.dialogue.closing import left
from calls.dialogue.first import MODES
from calls.dialogue.forms import WHO
from calls.dialogue.questions import question
from calls.dialogue.reply import Then
from calls.dialogue.state import State, Step
from calls.simulator.rules import LONGEST_DOCUMENT, faults
from calls.twiml import Links, render
from clinics.practice.phases import PRESETS
from tests.calls.talk import NORTHSIDE, Talk, closed

DEEDS = st.one_of(
    st.sampled_from(
        [
            "",
            "yes",
            "no",
            "no, march not may",
            "no, friday not monday",
            "i meant monday",
            "yes, but make it monday instead of friday",
            "metoprolol instead of metformin",
            "and lisinopril",
            "not walgreens, cvs",
            "it's not for my knee, it's for my hip",
            "my last answer is wrong",
            "wait, make it monday",
            "i need a refill of metformin",
            "i need an appointment",
            "cancel my appointment",
            "my test results",
            "call me back",
            "a question about my bill",
            "what are your hours",
            "should i take aspirin",
            "maria alvarez",
            "this is john smith born may fifth nineteen seventy",
            "walgreens on main street",
            "two oh two five five five oh one seven eight",
            "tomorrow morning",
            "repeat that",
            "hold on a second",
            "let me talk to a person",
            "are you a robot",
            "start over",
            "español por favor",
            "english please",
            "necesito una cita",
            "also i need a refill",
            "i don't know",
            "i can't stop crying",
            "there is blood in my urine",
            "my chest feels funny",
            "no that is all thank you",
            "flarb gorble",
            "#0",
            "#1",
            "#2",
            "#3",
            "#*",
            "#03041982",
            "#2025550178",
            "#99999999",
            "@no-answer",
            "@busy",
        ]
    ),
    st.text(max_size=60).filter(lambda text: not text.startswith(("#", "@"))),
)
HOUSES = st.builds(
    lambda phase, is_open: replace(NORTHSIDE, limits=PRESETS[phase], is_open=is_open),
    st.sampled_from(sorted(PRESETS)),
    st.booleans(),
)
WAYS = st.builds(
    lambda house, answers, asks: replace(house, answers=answers, asks_to_record=asks),
    HOUSES,
    st.sampled_from(sorted(MODES)),
    st.booleans(),
)
"""The same with every way to answer, and with the question about recording."""
MOST_SAME_QUESTION = 8
"""The no-progress limit of six, the first time it was put, and one more before the limit is noticed."""


def play(house, deeds: list[str], caller: str = "+12025550142") -> Talk:
    talk = Talk(house=house, caller=caller)
    for deed in deeds:
        if talk.last.reply.then is Then.HANG_UP:
            break
        if talk.last.reply.then is Then.DIAL and not deed.startswith("@"):
            deed = "@no-answer"
        talk.say(deed)
    return talk


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS, max_size=25), house=WAYS, withheld=st.booleans())
def test_every_reply_is_valid_twiml_and_says_or_does_something(deeds, house, withheld) -> None:
    talk = play(house, deeds, "" if withheld else "+12025550142")

    for decision in talk.decisions:
        document = render(decision.reply, Links(turn="/calls/voice/x/turn/1/", recording="/r/"))
        assert faults(document) == []
        assert len(document.encode()) < LONGEST_DOCUMENT
        assert decision.reply.say or decision.reply.then is Then.DIAL
        assert State.from_json(decision.state.to_json()) == decision.state


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS, max_size=25), house=HOUSES)
def test_nothing_is_said_that_nobody_approved_and_no_question_is_lost_to_it(deeds, house) -> None:
    talk = play(house, deeds)

    for decision in talk.decisions:
        assert [guard.refusal(one, house) for one in decision.reply.say] == [None] * len(decision.reply.say)
        if decision.reply.then is Then.LISTEN:
            assert decision.reply.say[-1] == question(decision.state, house)[-1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS, min_size=1, max_size=12), house=WAYS)
def test_any_habit_repeated_for_ever_ends_the_call(deeds, house) -> None:
    forever = (deeds * 80)[: house.limits.max_turns + 10]

    talk = play(house, forever)

    assert talk.last.reply.then is Then.HANG_UP
    assert talk.state.step is Step.ENDED


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deed=DEEDS.filter(lambda text: not text.startswith("@")), is_open=st.booleans())
def test_no_question_is_put_in_a_row_more_often_than_its_limit(deed, is_open) -> None:
    talk = play(NORTHSIDE if is_open else closed(), [deed] * 30)

    # After an alarm the phone only listens on, however often the danger is told; the limit of turns ends that.
    asked = [
        decision.reply.say[-1].key
        for decision in talk.decisions
        if decision.reply.then is Then.LISTEN and decision.state.step is not Step.DANGER
    ]
    assert max((len(list(run)) for _, run in groupby(asked)), default=0) <= MOST_SAME_QUESTION


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS.filter(lambda text: text != "start over"), max_size=25), house=HOUSES)
def test_what_the_caller_confirmed_is_on_a_task_when_the_call_is_over(deeds, house) -> None:
    talk = play(house, deeds)

    before, after = None, talk.state
    for decision in reversed(talk.decisions[:-1]):
        if decision.state.request is not None:
            before = decision.state.request
            break
    written = [*talk.tasks, *left(after)]
    if after.step is Step.ENDED and before is not None:
        confirmed = {name: before.slots[name].text for name in before.confirmed & WHO}
        kept = {
            name: [task.request.slots[name].text for task in written if name in task.request.slots]
            for name in confirmed
        }
        assert all(text in kept[name] for name, text in confirmed.items())


@pytest.mark.parametrize("words", ["i can't breathe", "i want to kill myself", "he is unconscious"])
@given(deeds=st.lists(DEEDS, max_size=10), house=HOUSES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_danger_is_raised_in_every_state_before_the_reply(words, deeds, house) -> None:
    talk = play(house, deeds)

    talk.say(words)

    assert {"emergency", "crisis"} & {escalation.reason for escalation in talk.last.escalations}
    assert {"danger.emergency", "danger.crisis"} & set(talk.keys)
