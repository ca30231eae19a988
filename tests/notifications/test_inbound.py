"""Texts that come in: STOP is obeyed at once, machines do not talk to each other, and the words are kept nowhere."""

from __future__ import annotations

import threading
import uuid
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection, connections

from clinics.telephone import public_url, signature
from notifications import optouts
from notifications.inbound import Meaning, meaning_of
from notifications.models import InboundText, Messaging
from tests.notifications.conftest import post_to

NUMBER = "+12025550142"


@pytest.fixture
def text(outbox):
    """A patient texts north, signed as the network signs."""

    def send(body: str, *, sid: str = "", signed: bool = True, clinic=None, **more: str):
        clinic = clinic or outbox.north
        params = {
            "MessageSid": sid or f"SM{uuid.uuid4().hex}",
            "AccountSid": settings.TWILIO_ACCOUNT_SID,
            "From": NUMBER,
            "To": "+12025550101" if clinic == outbox.north else "+12025550102",
            "Body": body,
            "NumMedia": "0",
            **more,
        }
        url = public_url(clinic, "/calls/sms/")
        sign = signature(url, params, token=settings.TWILIO_AUTH_TOKEN) if signed else "bm8="
        return post_to(url, params, sign)

    return send


def said(response) -> list[str]:
    """The answers of a TwiML document."""
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/xml")
    return [node.text or "" for node in ElementTree.fromstring(response.content).iter("Message")]


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("STOP", Meaning.STOP),
        (" stop. ", Meaning.STOP),
        ("Stop please", Meaning.STOP),
        ("please stop texting me", Meaning.STOP),
        ("UNSUBSCRIBE", Meaning.STOP),
        ("Cancel", Meaning.STOP),
        ("Alto!", Meaning.STOP),
        ("no más", Meaning.STOP),
        ("start", Meaning.START),
        ("UNSTOP", Meaning.START),
        ("help", Meaning.HELP),
        ("Ayuda", Meaning.HELP),
        ("cancel my appointment", Meaning.OTHER),
        ("the bleeding does not stop and I do not know what to do", Meaning.OTHER),
        ("", Meaning.OTHER),
        ("👍", Meaning.OTHER),
        ("x" * 5000, Meaning.OTHER),
    ],
)
def test_what_a_text_asks_for(body, meaning):
    assert meaning_of(body) is meaning


def test_stop_is_obeyed_and_start_takes_it_back(outbox, text):
    text("STOP")
    assert optouts.opted_out(outbox.north, NUMBER)
    assert not optouts.opted_out(outbox.south, NUMBER)
    text("START")
    assert not optouts.opted_out(outbox.north, NUMBER)
    text("stop please")
    assert optouts.opted_out(outbox.north, NUMBER)


@pytest.mark.parametrize("body", ["STOP", "START", "HELP"])
def test_what_the_network_answers_itself_is_not_answered_twice(outbox, text, body):
    assert said(text(body)) == []


@pytest.mark.parametrize(
    ("body", "words"), [("STOP", "no more texts"), ("START", "texts again"), ("HELP", "cannot read texts")]
)
def test_where_the_network_leaves_keywords_to_us_they_are_answered_in_both_languages(outbox, text, body, words):
    Messaging.objects.create(clinic=outbox.north, answers_keywords=True)
    (answer,) = said(text(body))
    assert words in answer
    assert len(answer.split("\n")) == 2


def test_anything_else_is_answered_with_how_to_reach_people_and_the_emergency_number(outbox, text):
    (answer,) = said(text("I have chest pain"))
    assert "cannot read texts. Please call us. In an emergency call 911." in answer
    assert "no puede leer mensajes" in answer
    assert "chest" not in answer


def test_two_machines_come_to_an_end(outbox, text):
    answers = [said(text("I am a machine, too")) for _ in range(5)]
    assert [len(one) for one in answers] == [1, 1, 0, 0, 0]


def test_a_message_delivered_a_hundred_times_at_once_acts_once(outbox, text):
    sid = f"SM{uuid.uuid4().hex}"
    answers = []

    def again() -> None:
        try:
            answers.append(said(text("what are your hours", sid=sid)))
        finally:
            connections.close_all()

    for _ in range(5):
        threads = [threading.Thread(target=again) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert InboundText.objects.count() == 1
    assert len(answers) == 100
    assert len({tuple(one) for one in answers}) == 1, "a repeat is answered as the first was: the network uses one"


def test_what_the_network_took_it_for_is_believed(outbox, text):
    text("arrêtez", OptOutType="STOP")
    assert optouts.opted_out(outbox.north, NUMBER)


def test_a_forger_and_another_clinics_number_are_refused_and_nothing_is_written(outbox, text):
    assert text("STOP", signed=False).status_code == 403
    assert text("STOP", To="+12025550102").status_code == 404
    assert text("STOP", AccountSid="AC" + "9" * 32).status_code == 403
    assert not InboundText.objects.exists()
    assert not optouts.opted_out(outbox.north, NUMBER)


def test_a_short_code_or_a_name_is_taken_and_not_answered(outbox, text):
    assert said(text("STOP", From="72975")) == []
    assert not InboundText.objects.exists()


def test_the_words_and_the_number_are_in_no_table(outbox, text, caplog):
    text("my flugelhorn hurts")
    with connection.cursor() as cursor:
        for table in ("inboundtext", "optout", "event", "delivery"):
            cursor.execute(f"SELECT coalesce(string_agg(to_jsonb(t)::text, ' '), '') FROM notifications_{table} t")
            assert "flugelhorn" not in (found := cursor.fetchone()[0])
            assert NUMBER[1:] not in found
    assert "flugelhorn" not in caplog.text
    assert NUMBER not in caplog.text
    assert urlsplit(public_url(outbox.north, "/calls/sms/")).path == "/calls/sms/"
