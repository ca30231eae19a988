"""When the phone stops trying: time, turns, no progress, a bad line. Then a person, or a kept message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.dialogue.decide import opening
from calls.dialogue.reply import Then
from calls.dialogue.state import Step
from calls.dialogue.types import Field, Lang
from tests.calls.talk import MONDAY, NORTHSIDE, Talk, closed


def reasons(talk: Talk) -> list[str]:
    return [escalation.reason for escalation in talk.escalations]


# --- The greeting -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", Lang)
def test_the_greeting_says_who_answers_that_it_is_a_machine_and_what_to_do_in_an_emergency(lang: Lang) -> None:
    words = opening(NORTHSIDE, caller="", now=MONDAY, lang=lang).reply.words

    assert "Northside Clinic" in words
    assert "automated assistant" in words or "asistente automático" in words
    assert "9 1 1" in words


def test_recording_is_announced_before_anything_is_recorded() -> None:
    reply = opening(replace(NORTHSIDE, recording=True), caller="", now=MONDAY).reply

    assert reply.record
    assert "greet.recording" in [sentence.key for sentence in reply.say]
    assert not opening(NORTHSIDE, caller="", now=MONDAY).reply.record


def test_a_clinics_own_greeting_still_says_that_a_machine_answers_and_what_to_do_in_an_emergency() -> None:
    reply = opening(replace(NORTHSIDE, greetings={"en": "Hello from Main Street."}), caller="", now=MONDAY).reply

    assert reply.words.startswith("Hello from Main Street. I am an automated assistant.")
    assert "9 1 1" in reply.words


# --- Limits -------------------------------------------------------------------------------------------------------
def test_a_call_longer_than_the_clinics_limit_goes_to_a_person() -> None:
    talk = Talk(seconds_a_turn=400).say("i need a refill", "metformin")

    assert reasons(talk) == ["too_long"]
    assert talk.last.reply.then is Then.DIAL


def test_a_long_call_with_nobody_there_keeps_what_is_known_and_ends() -> None:
    talk = Talk(house=closed(), seconds_a_turn=400).say("i need a refill of metformin", "cvs")

    assert reasons(talk) == ["too_long"]
    assert talk.last.reply.then is Then.HANG_UP
    assert talk.tasks[-1].request.slots[Field.MEDICATION].text == "metformin"
    assert "done.kept" in talk.keys


def test_a_limit_never_stands_before_an_emergency() -> None:
    talk = Talk(seconds_a_turn=4000).say("i can't breathe")

    assert reasons(talk) == ["emergency"]


@pytest.mark.parametrize("is_open", [True, False])
def test_words_that_the_recogniser_doubts_twice_in_a_row_go_to_a_person(is_open: bool) -> None:
    talk = Talk(house=NORTHSIDE if is_open else closed())

    talk.say("mumble one", "mumble two", confidence=0.1)

    assert reasons(talk) == ["not_understood"]
    assert talk.last.reply.then is (Then.DIAL if is_open else Then.LISTEN)


def test_a_missing_confidence_is_no_low_confidence() -> None:
    talk = Talk().say("i need a refill", confidence=None)

    assert talk.state.step is Step.ASK


def test_someone_who_contradicts_every_reading_is_given_to_a_person() -> None:
    talk = Talk().say("please call me back", "a form", "maria alvarez")

    talk.say("no, maria alvares", "no, maria alvarez", "no, maria alvares", "no, maria alvarez", "no")

    assert "not_understood" in reasons(talk)


def test_not_understood_counts_only_in_a_row() -> None:
    talk = Talk().say("flarb gorble", "what are your hours", "flarb gorble")

    assert reasons(talk) == []


# --- Safety questions ---------------------------------------------------------------------------------------------
AMBIGUOUS = "there is blood in my urine"


@pytest.mark.parametrize("answer", ["yes", "#1", "a lot yes", ""])
def test_a_safety_question_without_a_clear_no_escalates(answer: str) -> None:
    talk = Talk().say(AMBIGUOUS)
    assert talk.state.step is Step.CLARIFY

    talk.say(answer) if answer else talk.say("", "")

    assert "emergency" in reasons(talk)


@pytest.mark.parametrize("answer", ["no", "#2", "no not at all"])
def test_a_clear_no_goes_back_to_where_the_question_interrupted(answer: str) -> None:
    talk = Talk().say(AMBIGUOUS, answer)

    assert reasons(talk) == ["urgent"]
    assert talk.state.step is Step.ASK


def test_a_safety_question_is_put_once() -> None:
    talk = Talk().say(AMBIGUOUS, "no", AMBIGUOUS)

    assert talk.state.step is not Step.CLARIFY


# --- After an alarm ------------------------------------------------------------------------------------------------
def test_an_alarm_nobody_answered_asks_a_withheld_caller_for_a_number_and_passes_it_on() -> None:
    talk = Talk(caller="").say("i can't breathe", "@no-answer")
    assert "danger.number" in talk.keys

    talk.say("two oh two five five five oh one seven eight")

    assert talk.tasks[-1].request.slots[Field.CALLBACK_NUMBER].text == "+12025550178"


def test_after_an_alarm_the_phone_listens_for_a_while_and_ends_with_the_emergency_number() -> None:
    talk = Talk().say("i can't breathe", "@busy", "okay", "okay", "okay", "okay", "okay")

    ended = next(decision for decision in talk.decisions if decision.reply.then is Then.HANG_UP)
    assert "9 1 1" in ended.reply.words


def test_an_emergency_in_the_other_language_is_answered_in_both() -> None:
    talk = Talk().say("ayuda me duele mucho el pecho")

    assert {sentence.lang for sentence in talk.last.reply.say if sentence.key == "danger.emergency"} == {"en", "es"}
    english = Talk().say("i have chest pain")
    assert {sentence.lang for sentence in english.last.reply.say} == {"en"}
