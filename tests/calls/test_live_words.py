"""An emergency in half a sentence alarms before the caller has finished, once, and only where the clinic wants it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from calls.models import Call
from calls.simulator.far_end import Line
from clinics.models import Clinic
from clinics.practice import actions as practice
from clinics.telephone import public_url, signature
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Event
from tests.calls.network import Network
from tests.notifications.conftest import post_to


@pytest.fixture
def network(north: Clinic) -> Network:
    with inside(north):
        practice.publish_policy(by=None, changes={"live_words": True})
    return Network(north)


def partial(network: Network, line: Line, words: str, *, signed: str = "", path: str = "") -> int:
    """The network tells what it has heard so far; returns the status of the answer."""
    url = public_url(network.clinic, path or f"{line.action}partial/")
    params = {"CallSid": line.sid, "AccountSid": network.account.sid, "UnstableSpeechResult": words}
    return post_to(url, params, signed or signature(url, params, token=network.account.token)).status_code


def alarms(clinic: Clinic) -> list[Escalation]:
    with inside(clinic):
        return list(Escalation.objects.filter(level="emergency"))


def test_the_question_names_where_half_sentences_are_told(network: Network, north: Clinic) -> None:
    _, heard = network.call()

    gather = ElementTree.fromstring(heard.exchanges[0].twiml).find("Gather")

    assert gather.get("partialResultCallback").endswith("/turn/1/partial/")
    assert heard.faults == []


def test_a_clinic_without_it_is_told_nothing(north: Clinic) -> None:
    _, heard = Network(north).call()

    assert "partialResultCallback" not in heard.exchanges[0].twiml


def test_an_emergency_alarms_in_the_middle_of_the_sentence_and_once(network: Network, north: Clinic) -> None:
    line, _ = network.call()

    for words in ("my", "my chest", "my chest hurts and i can not", "my chest hurts and i can not breathe so"):
        assert partial(network, line, words) == 204

    (alarm,) = alarms(north)
    assert (alarm.heard, alarm.words) == (1, "my chest hurts and i can not")
    heard = network.say_once(line, "my chest hurts and i can not breathe so please help")
    assert "<Dial" in heard.exchanges[0].twiml
    (alarm,) = alarms(north)
    assert "please help" in alarm.words
    assert Event.objects.filter(kind="escalation.raised", about=alarm.id).count() == 1


def test_half_a_sentence_without_danger_is_not_kept(network: Network, north: Clinic) -> None:
    line, _ = network.call()

    assert partial(network, line, "i would like an appointment") == 204

    assert alarms(north) == []
    with inside(north):
        assert Call.objects.get(sid=line.sid).turns.count() == 1


def test_what_comes_late_about_an_answered_turn_does_nothing(network: Network, north: Clinic) -> None:
    line, _ = network.call()
    first = f"{line.action}partial/"
    network.say(line, "i need an appointment")

    assert partial(network, line, "my chest hurts and i can not breathe", path=first) == 204

    assert alarms(north) == []


def test_a_forged_half_sentence_is_refused(network: Network, north: Clinic) -> None:
    line, _ = network.call()

    assert partial(network, line, "my chest hurts and i can not breathe", signed="forged") == 403

    assert alarms(north) == []


def test_half_a_sentence_of_no_call_is_not_found(network: Network) -> None:
    line, _ = network.call()
    nowhere = "/calls/voice/00000000-0000-4000-8000-000000000000/turn/1/partial/"

    assert partial(network, line, "hello", path=nowhere) == 404
