"""Recording: announced or asked, written down before it begins, and only a clear yes is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.dialogue.state import Step
from calls.models import Call, Consent, Disclosure
from clinics.models import Clinic
from clinics.practice import actions as practice
from clinics.practice.models import RecordingMode
from clinics.tenancy import inside
from escalations.models import Escalation
from tests.calls.network import Network
from tests.calls.talk import NORTHSIDE, Talk

ASKS = replace(NORTHSIDE, asks_to_record=True)


@pytest.mark.parametrize(
    ("says", "consent", "recorded"),
    [
        ("yes", Consent.GIVEN, True),
        ("#1", Consent.GIVEN, True),
        ("yes please", Consent.GIVEN, True),
        ("no", Consent.REFUSED, False),
        ("no thank you", Consent.REFUSED, False),
        ("i need an appointment", Consent.NO_ANSWER, False),
        ("yes i need an appointment", Consent.NO_ANSWER, False),
        ("i want to speak to a person", Consent.NO_ANSWER, False),
        ("#0", Consent.NO_ANSWER, False),
        ("#7", Consent.NO_ANSWER, False),
    ],
)
def test_only_a_clear_yes_is_recorded(says: str, consent: str, recorded: bool) -> None:
    talk = Talk(ASKS)
    assert talk.last.consent == Consent.ASKED
    assert not talk.last.reply.record

    talk.say(says)

    assert (talk.last.consent, talk.last.reply.record) == (consent, recorded)
    assert talk.state.step is not Step.CONSENT


def test_who_says_what_they_want_is_not_asked_twice() -> None:
    talk = Talk(ASKS).say("i need an appointment")

    assert talk.state.intent == "appointment"
    assert "ask.recording" not in talk.keys


def test_an_emergency_comes_before_the_question() -> None:
    talk = Talk(ASKS).say("my chest hurts and i can not breathe")

    assert talk.last.escalations[0].level == "emergency"
    assert not talk.last.reply.record


def test_silence_is_no_yes_and_is_asked_again() -> None:
    talk = Talk(ASKS).say("")

    assert talk.last.consent == ""
    assert talk.keys[-1] == "ask.recording"


@pytest.mark.parametrize("says", ["#2", "español por favor"])
def test_the_question_is_put_again_in_the_other_language(says: str) -> None:
    talk = Talk(ASKS).say(says)

    assert (talk.state.lang, talk.keys[-1], talk.last.consent) == ("es", "ask.recording", Consent.ASKED)
    assert talk.say("sí").last.consent == Consent.GIVEN


@pytest.fixture
def network(north: Clinic) -> Network:
    return Network(north)


def publish(clinic: Clinic, mode: str) -> None:
    with inside(clinic):
        practice.publish_policy(by=None, changes={"recording": mode})


def row(clinic: Clinic) -> tuple[Call, Disclosure]:
    with inside(clinic):
        call = Call.objects.get()
        return call, Disclosure.objects.get(call=call)


def test_an_announcement_is_written_down_before_anything_is_recorded(network: Network, north: Clinic) -> None:
    publish(north, RecordingMode.ANNOUNCE)

    _, heard = network.call()

    assert "<Start><Recording" in heard.exchanges[0].twiml
    call, told = row(north)
    assert (call.consent, told.answer, told.turn) == ("announced", "announced", 0)
    assert told.version.startswith("greet.recording.en.")


def test_a_yes_is_written_down_and_then_recorded(network: Network, north: Clinic) -> None:
    publish(north, RecordingMode.ASK)
    line, greeting = network.call()
    assert "<Recording" not in greeting.exchanges[0].twiml
    call, told = row(north)
    assert (call.consent, told.answer, told.answered_at) == ("asked", "", None)

    heard = network.say(line, "yes")

    assert "<Start><Recording" in heard.exchanges[0].twiml
    call, told = row(north)
    assert (call.consent, told.answer) == ("given", "given")
    assert told.told_at < told.answered_at


def test_a_no_keeps_the_call_without_audio(network: Network, north: Clinic) -> None:
    publish(north, RecordingMode.ASK)
    line, _ = network.call()

    heard = network.say(line, "no")
    heard_after = network.say(line, "i need an appointment")

    assert "<Recording" not in heard.exchanges[0].twiml + heard_after.exchanges[0].twiml
    call, told = row(north)
    assert (call.consent, told.answer) == ("refused", "refused")
    with inside(north):
        assert not Escalation.objects.exists()


def test_a_clinic_that_records_nothing_says_nothing_of_it(network: Network, north: Clinic) -> None:
    network.call()

    with inside(north):
        assert Call.objects.get().consent == "not_asked"
        assert not Disclosure.objects.exists()
