"""Four ways to answer: who is met first, who comes after, and a message after the tone becomes a task."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.dialogue.first import MODES, First, who
from calls.dialogue.reply import Then
from calls.models import Call
from clinics.models import Clinic
from clinics.practice import actions as practice
from clinics.practice.models import Answers, OpeningHours
from clinics.tenancy import inside
from tasks.models import Promise, Task
from tests.calls.network import Network
from tests.calls.talk import NORTHSIDE, Talk, closed

LINE = "<Number>+12025550199</Number>"


def test_each_mode_of_the_policy_says_who_answers_when() -> None:
    assert set(MODES) == set(Answers.values)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_open", [True, False])
def test_every_way_to_answer_speaks_or_rings(mode: str, is_open: bool) -> None:
    house = replace(NORTHSIDE if is_open else closed(), answers=mode)

    reply = Talk(house).last.reply

    assert reply.then is {
        First.ASSISTANT: Then.LISTEN, First.STAFF: Then.DIAL, First.STAFF_ONLY: Then.DIAL, First.VOICEMAIL: Then.RECORD,
    }[who(house)]  # fmt: skip
    assert reply.say or reply.dial == house.clinic_line


def test_staff_who_do_not_answer_are_followed_by_the_assistant() -> None:
    talk = Talk(replace(NORTHSIDE, answers="staff_first")).say("@no-answer")

    assert talk.keys == ["greet.hello", "greet.emergency", "greet.spanish", "greet.person", "ask.how"]
    assert talk.say("i need an appointment").state.intent == "appointment"


def test_staff_who_answer_end_it() -> None:
    talk = Talk(replace(NORTHSIDE, answers="staff_first")).say("@completed")

    assert talk.state.outcome == "handed_over"


def test_a_person_who_has_just_not_answered_is_not_rung_again() -> None:
    talk = Talk(replace(NORTHSIDE, answers="staff_first")).say("@no-answer", "i want to speak to a person")

    assert talk.last.reply.then is Then.LISTEN
    assert "person.no_answer" in talk.keys


def test_danger_is_heard_after_staff_did_not_answer() -> None:
    talk = Talk(replace(NORTHSIDE, answers="staff_first")).say("@no-answer", "my chest hurts and i can not breathe")

    assert talk.last.escalations[0].level == "emergency"
    assert talk.last.reply.dial == NORTHSIDE.clinic_line or "danger.emergency" in talk.keys


@pytest.fixture
def network(north: Clinic) -> Network:
    with inside(north):
        practice.publish_policy(by=None, changes={"answers": Answers.OFF})
    return Network(north, dial_outcome="no-answer")


def test_a_message_after_the_tone_is_a_task_with_a_promise(network: Network, north: Clinic) -> None:
    line, heard = network.call()
    assert heard.faults == []
    assert LINE in heard.exchanges[0].twiml
    assert 'playBeep="true"' in heard.exchanges[1].twiml
    assert "dial 9 1 1" in heard.sentences[0]
    assert any("Si es una emergencia" in sentence for sentence in heard.sentences)

    kept = network.leave_message(line, seconds=23)

    assert "Your message is kept." in kept.sentences[0]
    with inside(north):
        task = Task.objects.get()
        assert (task.kind, task.callback_number) == ("callback", "+12025550142")
        assert "Voicemail, 23 seconds" in task.summary
        assert Promise.objects.get().task == task
        assert Call.objects.get(sid=line.sid).outcome == "task"


def test_a_message_that_ends_with_hanging_up_is_kept_too(network: Network, north: Clinic) -> None:
    line, _ = network.call()

    network._post(line, line.action, {"CallStatus": "completed", "RecordingDuration": "9", "Digits": "hangup"})
    network.hang_up(line)

    with inside(north):
        assert "Voicemail, 9 seconds" in Task.objects.get().summary


def test_who_says_nothing_after_the_tone_is_called_back(network: Network, north: Clinic) -> None:
    line, _ = network.call()

    heard = network.stay_silent(line)

    assert "<Hangup" in heard.exchanges[0].twiml
    with inside(north):
        assert Task.objects.get().callback_number == "+12025550142"


def test_a_closed_clinic_that_is_off_goes_straight_to_the_tone(network: Network, north: Clinic) -> None:
    with inside(north):
        OpeningHours.objects.all().delete()

    _, heard = network.call(caller="")

    assert "<Record" in heard.exchanges[0].twiml
    assert LINE not in heard.exchanges[0].twiml
    assert heard.faults == []
