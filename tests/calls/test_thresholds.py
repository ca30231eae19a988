"""How far a call may go before a person takes over: each phase's limits, and what a policy may make of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from calls.dialogue.reply import Then
from calls.dialogue.state import Step
from calls.dialogue.types import Field, Intent
from clinics.practice.phases import ALWAYS, LIMITS, LOW_RISK, PRESETS, REQUESTS, in_force, laxer
from tests.calls.talk import NORTHSIDE, Talk

PHASES = ("pilot", "stabilisation", "expansion", "production")


def house(phase: str = "pilot", **changes: Any):
    limits = replace(PRESETS[phase], **{name: changes.pop(name) for name in list(changes) if name in LIMITS})
    return replace(NORTHSIDE, limits=limits, **changes)


def reasons(talk: Talk) -> list[str]:
    return [escalation.reason for escalation in talk.escalations]


# --- Phases as data -----------------------------------------------------------------------------------------------
def test_what_can_be_automated_is_what_callers_can_want() -> None:
    assert set(REQUESTS) == set(Intent)
    assert {"refill", "test_result", "medical_advice", "unclear"}.isdisjoint(LOW_RISK)
    assert PRESETS["pilot"].automates == LOW_RISK


@pytest.mark.parametrize(("earlier", "later"), pairwise(PHASES))
def test_no_phase_is_stricter_than_the_one_before_it(earlier: str, later: str) -> None:
    own = {name: getattr(PRESETS[earlier], name) for name in LIMITS}

    assert laxer(later, own) == {}
    assert PRESETS[later].automates >= ALWAYS


@pytest.mark.parametrize("name", LIMITS)
def test_a_policy_may_be_stricter_than_its_phase_and_never_laxer(name: str) -> None:
    stricter = {"automates": sorted(ALWAYS), "min_confidence": 0.6}.get(name, 1)
    more = {"automates": sorted(REQUESTS), "min_confidence": 0.1}.get(name, 10_000)

    assert getattr(in_force("pilot", {name: stricter}), name) == (ALWAYS if name == "automates" else stricter)
    assert getattr(in_force("pilot", {name: more}), name) == getattr(PRESETS["pilot"], name)
    assert laxer("pilot", {name: stricter}) == {}
    assert laxer("pilot", {name: more})[name].startswith("In the pilot phase")


# --- What a person takes ------------------------------------------------------------------------------------------
ASKED = {
    Intent.REFILL: "i need a refill of metformin",
    Intent.TEST_RESULT: "i want my test results",
    Intent.MEDICAL_ADVICE: "should i take aspirin",
    Intent.APPOINTMENT: "i need an appointment",
    Intent.CANCEL_APPOINTMENT: "please cancel my appointment",
    Intent.CALLBACK: "please call me back",
    Intent.BILLING: "i have a question about my bill",
}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("intent", ASKED)
def test_the_phone_takes_what_its_phase_lets_it_and_connects_the_rest(phase: str, intent: Intent) -> None:
    talk = Talk(house=house(phase)).say(ASKED[intent])

    automated = intent in PRESETS[phase].automates
    assert talk.last.reply.then is (Then.LISTEN if automated else Then.DIAL)
    assert (f"bound.{intent}" in talk.keys) is automated


@pytest.mark.parametrize("keys", ["3", "4"])
def test_keys_are_no_way_around(keys: str) -> None:
    talk = Talk(house=house()).say(f"#{keys}")

    assert talk.last.reply.then is Then.DIAL


def test_a_caller_who_hangs_up_while_it_rings_leaves_the_request_behind() -> None:
    talk = Talk(house=house()).say(ASKED[Intent.REFILL])

    assert talk.state.request.intent is Intent.REFILL
    assert talk.state.request.slots[Field.REASON].text == ASKED[Intent.REFILL]


def test_the_second_request_of_one_breath_is_handed_over_when_its_turn_comes() -> None:
    talk = Talk(house=house(is_open=False)).say("i need to cancel my appointment and i need a refill")
    talk.say("the one on friday", "maria alvarez", "yes", "march fourth nineteen eighty two", "yes", "yes")

    assert "done.cancel_appointment" in talk.keys
    assert {"queue.next", "hand.refill", "hand.message"} <= set(talk.keys)
    assert talk.state.request.handed


def test_a_change_of_mind_towards_a_persons_request_is_handed_over() -> None:
    talk = Talk(house=house()).say("please call me back", "a form")

    talk.say("actually no i need a refill of metformin")

    assert "hand.refill" in talk.keys
    assert talk.last.reply.then is Then.DIAL


def test_urgent_red_flags_still_reach_a_nurse_in_a_pilot() -> None:
    talk = Talk(house=house()).say("there is blood in my urine", "no")

    assert reasons(talk) == ["urgent"]
    assert talk.tasks[0].request.urgent


# --- Counts -------------------------------------------------------------------------------------------------------
def test_each_limit_of_a_call_ends_it_for_its_own_reason_once() -> None:
    talk = Talk(house=house("production", doubted_in_call=2, is_open=False))

    talk.say("please call me back")
    talk.say("crackle", confidence=0.1)
    talk.say("a form")
    talk.say("crackle", confidence=0.1)
    talk.say("maria alvarez")
    talk.say("crackle", confidence=0.1)

    assert reasons(talk).count("model_unstable") == 1
    assert talk.state.doubted == 3


def test_a_no_to_what_the_phone_only_guessed_is_no_contradiction() -> None:
    talk = Talk(house=house()).say("please call me back", "a form", "maria alvarez", "yes", "no")

    assert talk.state.asking is Field.CALLBACK_NUMBER
    assert talk.state.corrected == 0


def test_seconds_are_the_phases_own() -> None:
    pilot = Talk(house=house(), seconds_a_turn=370).say("please call me back")
    later = Talk(house=house("production"), seconds_a_turn=350).say("please call me back", "a form")

    assert reasons(pilot) == ["too_long"]
    assert reasons(later) == []


def test_what_a_pilot_doubts_a_grown_clinic_believes() -> None:
    assert "sorry.line" in Talk(house=house()).say("please call me back", confidence=0.4).keys
    assert "bound.callback" in Talk(house=house("expansion")).say("please call me back", confidence=0.4).keys


def test_distress_connects_at_the_limit_and_says_so_when_nobody_is_there() -> None:
    talk = Talk(house=house(is_open=False)).say("i can't stop crying", "no", "i can't stop crying")

    assert {"distress.person", "person.closed"} <= set(talk.keys)
    assert talk.state.step is Step.ASK
    assert set(reasons(talk)) == {"distress"}
