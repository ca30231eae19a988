"""An emergency in half a sentence alarms before the caller has finished, once, and only where the clinic wants it."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client

from calls.models import Call
from calls.simulator.far_end import Line
from clinics.actions import STANDARD
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.telephone import public_url, signature
from clinics.tenancy import inside
from escalations.actions import acknowledge
from escalations.models import Escalation, Half, Rung
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


# --- Taken back ------------------------------------------------------------------------------------------------------
HALF, WHOLE = "i can't breathe", "i can't breathe through my nose with this cold"


def the_alarm(clinic: Clinic) -> Escalation:
    with inside(clinic):
        return Escalation.objects.prefetch_related("steps").get()


def rungs(clinic: Clinic) -> set[str]:
    with inside(clinic):
        return set(Rung.objects.exclude(n=0).values_list("state", flat=True))


def test_the_finished_sentence_confirms_what_its_half_alarmed(network: Network, north: Clinic) -> None:
    line, _ = network.call()
    partial(network, line, "my chest hurts and i can not")
    assert the_alarm(north).half == Half.UNFINISHED

    network.say_once(line, "my chest hurts and i can not breathe please help")

    alarm = the_alarm(north)
    assert alarm.half == Half.CONFIRMED
    with inside(north):
        assert [step.what for step in alarm.steps.all()] == ["half_heard", "confirmed"]
    assert rungs(north) == {"waiting"}


def test_the_finished_sentence_takes_it_back_and_the_alarm_stays_for_a_person(
    network: Network, north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    line, _ = network.call()
    partial(network, line, HALF)

    network.say_once(line, WHOLE)

    alarm = the_alarm(north)
    assert (alarm.half, alarm.status, alarm.level) == (Half.WITHDRAWN, "open", "emergency")
    assert rungs(north) == {"stopped"}
    with inside(north):
        assert [step.what for step in alarm.steps.all()] == ["half_heard", "withdrawn"]
    page = client_of(alice)
    (shown,) = page.get("/alarms/open/").json()["alarms"]
    assert shown["summary"].startswith("Not in the finished sentence: ")
    assert "the finished sentence does not say it" in page.get("/escalations/").text


def test_what_is_said_again_after_it_was_taken_back_alarms_anew(network: Network, north: Clinic) -> None:
    line, _ = network.call()
    partial(network, line, HALF)
    network.say_once(line, WHOLE)

    network.say_once(line, "no wait my chest hurts now and i can not breathe")

    alarm = the_alarm(north)
    assert (alarm.half, alarm.status, alarm.opened) == (Half.CONFIRMED, "open", 2)
    with inside(north):
        assert set(Rung.objects.filter(round=2).exclude(n=0).values_list("state", flat=True)) == {"waiting"}


def test_another_half_after_it_was_taken_back_alarms_anew(network: Network, north: Clinic) -> None:
    line, _ = network.call()
    partial(network, line, HALF)
    network.say_once(line, WHOLE)

    partial(network, line, "my chest hurts and i can not")

    alarm = the_alarm(north)
    assert (alarm.half, alarm.opened) == (Half.UNFINISHED, 2)


@pytest.mark.parametrize("then", ["", "hangs up", "i would like an appointment"])
def test_a_sentence_that_was_never_finished_takes_nothing_back(network: Network, north: Clinic, then: str) -> None:
    line, _ = network.call()
    partial(network, line, "my chest hurts and i can not")

    if then == "hangs up":
        network.hang_up(line)
    else:
        network.say_once(line, "")
        if then:
            network.say_once(line, then)

    assert the_alarm(north).half == Half.UNFINISHED
    assert rungs(north) == {"waiting"}


def test_a_person_who_has_it_keeps_it_when_it_is_taken_back(network: Network, north: Clinic, alice: User) -> None:
    line, _ = network.call()
    partial(network, line, HALF)
    with inside(north):
        acknowledge(by=alice, escalation_id=the_alarm(north).id)

    network.say_once(line, WHOLE)

    alarm = the_alarm(north)
    assert (alarm.half, alarm.status, alarm.handler_id) == (Half.WITHDRAWN, "acknowledged", alice.id)


def test_a_new_clinic_hears_danger_in_half_a_sentence() -> None:
    assert STANDARD.rules["live_words"] is True
