"""Calls to staff: rung once, a neutral sentence, 1 takes it in the name of who was rung, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.conf import settings

from clinics.people.models import User
from clinics.telephone import signature
from clinics.tenancy import inside
from notifications import doors
from notifications.models import Attempt, Messaging
from tests.far_ends.twilio_rest import BUSY, FAILED_AFTER, Item, refused
from tests.notifications.conftest import post_to

pytestmark = pytest.mark.usefixtures("no_nudge", "phones", "hasty")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Who took what; the second one is told that somebody was faster."""
    said: list[tuple[str, object]] = []

    def take(person, about) -> bool:
        said.append((person.email, about))
        return len(said) == 1

    monkeypatch.setitem(doors._keys, "escalation.step", take)
    return said


@pytest.fixture
def ringing(outbox, far) -> Callable[..., tuple[object, Item]]:
    """Bob is rung about an escalation."""

    def ring(**more):
        about = outbox.announce("escalation.step", audience=[outbox.person("bob").pk], channels=["voice"], **more)
        outbox.deliver()
        return about, far.sent("Calls")[-1]

    return ring


def ask(item: Item, *, path: str = "", token: str = "", **more: str):
    """What the network asks once somebody has picked up, or pressed a key."""
    url = item.form["Url"] + path
    params = {
        "CallSid": item.sid, "AccountSid": settings.TWILIO_ACCOUNT_SID, "From": item.form["From"],
        "To": item.form["To"], "CallStatus": "in-progress", "Direction": "outbound-api", **more,
    }  # fmt: skip
    return post_to(url, params, signature(url, params, token=token or settings.TWILIO_AUTH_TOKEN))


def heard(response) -> str:
    assert response.status_code == 200
    return " ".join(node.text or "" for node in ElementTree.fromstring(response.content).iter("Say"))


def test_the_call_goes_from_the_clinics_line_to_the_person_and_reports_back(outbox, ringing, phones):
    about, item = ringing()
    token = Attempt.objects.get(delivery__channel="voice").callback_token
    assert (item.form["To"], item.form["From"], item.form["Method"]) == (phones["bob"], "+12025550101", "POST")
    assert item.form["Url"].endswith(f"/calls/alert/{token}/")
    assert item.form["StatusCallback"].endswith(f"/calls/alert/{token}/status/")
    assert int(item.form["Timeout"]) < 30
    row = outbox.delivery(about, "voice")
    assert (row.state, row.provider_id, row.policy) == ("sent", item.sid, "at_least_once")


def test_it_says_a_neutral_sentence_and_asks_for_a_key_thrice(outbox, ringing, taken):
    about, item = ringing()
    response = ask(item)
    words = heard(response)
    assert "This is the telephone assistant of Northside Clinic." in words
    assert words.count("Press 1 to take it.") == 3
    assert str(about) not in words
    assert not re.search(r"\d{3}", words)
    first, *_ = ElementTree.fromstring(response.content).iter("Gather")
    assert (first.get("numDigits"), first.get("action"), first.get("input")) == ("1", "key/", "dtmf")
    assert taken == []
    assert outbox.delivery(about, "voice").provider_status == "in-progress"


@pytest.mark.parametrize(("mark", "said"), [("test", "PRUEBA"), ("drill", "SIMULACRO")])
def test_in_the_clinics_language_and_marked_as_a_test_or_drill(outbox, ringing, taken, mark, said):
    Messaging.objects.create(clinic=outbox.north, staff_language="es")
    _, item = ringing(**{mark: True})
    response = ask(item)
    assert heard(response).startswith(f"{said}. Le llama el asistente telefónico de Northside Clinic.")
    assert {node.get("language") for node in ElementTree.fromstring(response.content).iter("Say")} == {"es-US"}


def test_one_takes_it_in_the_name_of_who_was_rung(outbox, ringing, taken):
    about, item = ringing()
    ask(item)
    words = heard(ask(item, path="key/", Digits="1"))
    assert taken == [("bob@north.test", about)]
    assert "You have taken it" in words
    assert outbox.delivery(about, "voice").provider_status == "pressed"


def test_the_second_one_hears_that_somebody_was_faster(outbox, ringing, taken):
    _, item = ringing()
    ask(item, path="key/", Digits="1")
    assert "It has been taken already" in heard(ask(item, path="key/", Digits="1"))


@pytest.mark.parametrize("digits", ["2", "0", "", "*", "11"])
def test_no_other_key_takes_it(outbox, ringing, taken, digits):
    _, item = ringing()
    assert "No key was pressed" in heard(ask(item, path="key/", Digits=digits))
    assert taken == []


def test_who_has_left_since_takes_nothing(outbox, ringing, taken):
    _, item = ringing()
    with inside(outbox.north):
        User.objects.filter(email="bob@north.test").update(is_active=False)
    try:
        assert "could not be recorded" in heard(ask(item, path="key/", Digits="1"))
    finally:
        with inside(outbox.north):
            User.objects.filter(email="bob@north.test").update(is_active=True)
    assert taken == []


def test_a_forger_a_guessed_token_and_another_call_take_nothing(outbox, ringing, taken):
    _, item = ringing()
    assert ask(item, path="key/", token="not the token", Digits="1").status_code == 403
    guessed = Item(item.sid, {**item.form, "Url": re.sub(r"[0-9a-f-]{36}", "0" * 8 + "-0000-4000-8000-" + "0" * 12,
                   item.form["Url"])}, item.created, "Calls")  # fmt: skip
    assert ask(guessed, path="key/", Digits="1").status_code == 404
    other = Item("CA" + "f" * 32, item.form, item.created, "Calls")
    assert ask(other, path="key/", Digits="1").status_code == 404
    assert taken == []


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "completed"])
def test_how_the_call_ended_is_kept(outbox, ringing, report, status):
    about, item = ringing()
    for one in ("initiated", "ringing", status, "ringing"):
        assert report(item, one).status_code == 204
    assert outbox.delivery(about, "voice").provider_status == status


def test_a_call_of_unknown_end_is_rung_again_and_a_refused_one_is_not(outbox, far):
    bob = outbox.person("bob")
    about = outbox.announce("escalation.step", audience=[bob.pk], channels=["voice"])
    far.moods.extend([FAILED_AFTER, BUSY])
    for _ in range(3):
        outbox.deliver()
        outbox.due()
    assert outbox.tries(about, "voice") == ["unknown", "retry", "sent"]

    dead = outbox.announce("escalation.step", audience=[bob.pk], channels=["voice"])
    far.moods.append(refused(21215))
    outbox.deliver()
    assert outbox.delivery(dead, "voice").state == "dead"
