"""A clinic words some of the telephone's sentences itself: guarded, heard first, versioned, never the grave ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from calls.dialogue import phrasing, wording
from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from tests.calls.network import Network

SignIn = Callable[[User], Client]
OWN = "What can the front desk do for you?"
OTHER = "What is your call about?"


def own(clinic: Clinic, **told: dict[str, str]) -> CallPolicy:
    with inside(clinic):
        return publish_policy(by=None, changes={"wording": told})


@pytest.mark.django_db
def test_callers_hear_the_clinics_words_and_other_clinics_callers_do_not(north: Clinic, south: Clinic) -> None:
    own(north, en={"ask.how": OWN})

    _, ours = Network(north).call()
    _, theirs = Network(south).call()

    assert ours.sentences[-1].endswith(OWN)
    assert theirs.sentences[-1].endswith(wording.TABLE["ask.how"][0])


@pytest.mark.django_db
def test_a_running_call_keeps_the_words_of_its_version(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    own(north, en={"ask.reason.callback": OTHER})

    heard = network.say(line, "please have someone call me back")

    assert wording.TABLE["ask.reason.callback"][0] in " ".join(heard.sentences)
    again, _ = network.call()
    assert OTHER in " ".join(network.say(again, "please have someone call me back").sentences)
    with inside(north):
        assert Call.objects.get(sid=again.sid).policy_version == Call.objects.get(sid=line.sid).policy_version + 1
        assert OTHER in Turn.objects.filter(call__sid=again.sid).order_by("-n")[0].said


def test_only_questions_and_small_talk_can_be_worded() -> None:
    for key in phrasing.MAY_REWORD:
        assert key.startswith(("ask.", "sorry.", "wait.", "mind.", "queue.", "confirm."))
        assert "{" not in "".join(wording.TABLE[key])
    fixed = set(wording.TABLE) - set(phrasing.MAY_REWORD)
    assert {"greet.emergency", "greet.recording", "bot.yes", "ask.menu", "keys.date_of_birth"} <= fixed
    assert not {key for key in phrasing.MAY_REWORD if key.startswith(("promise.", "done.", "bound.", "person."))}


@pytest.mark.parametrize("key", phrasing.MAY_REWORD)
@pytest.mark.parametrize("lang", wording.LANGS)
def test_the_standard_words_would_be_let_through(key: str, lang: str) -> None:
    assert phrasing.why_not(key, lang, phrasing.standard(key, lang)) == ""


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("ask.how", "Tell me.", "stay a question"),
        ("ask.pharmacy", "Which pharmacy? Take two tablets until then.", "dose|medicine"),
        ("sorry.unclear", "It is surely nothing serious.", "illness"),
        ("ask.how", "How can I help? See www.example.com", "approved answers"),
        ("ask.how", "<Say>How can I help?</Say>", "signs"),
        ("ask.how", "How " * 80 + "?", "below 240"),
        ("greet.emergency", "Call us back tomorrow.", "same for every clinic"),
    ],
)
def test_what_must_not_be_said_is_refused_with_the_reason(key: str, text: str, why: str) -> None:
    assert re.search(why, phrasing.why_not(key, "en", text))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "nonsense", [[], {"fr": {}}, {"en": []}, {"en": {"ask.how": 3}}, {"en": {"ask.how": ""}},
                 {"en": {"ask.how": "You should take two tablets."}}],
)  # fmt: skip
def test_the_policy_itself_refuses_nonsense(north: Clinic, nonsense: Any) -> None:
    with inside(north), pytest.raises(ValidationError):
        publish_policy(by=None, changes={"wording": nonsense})


@pytest.mark.django_db
def test_words_that_were_stored_for_a_grave_sentence_are_not_said(north: Clinic) -> None:
    """A row that somebody wrote past the page changes nothing that matters."""
    with inside(north):
        CallPolicy.objects.update(wording={"en": {"greet.emergency": "Stay on the line.", "promise.x": "Soon."}})

    _, heard = Network(north).call()

    assert "dial 9 1 1 now" in " ".join(heard.sentences)


# --- The page --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_is_heard_before_it_is_the_next_version(north: Clinic, carol: User, client_of: SignIn) -> None:
    client, page = client_of(carol), "/settings/wording/ask.how/"

    looked = client.post(page, {"en": OWN})
    assert looked.status_code == 200
    assert f'data-hear="{OWN}" data-lang="en"' in looked.text
    assert 'data-hear="¿En qué puedo ayudarle hoy?" data-lang="es"' in looked.text
    with inside(north):
        before = CallPolicy.objects.count()
    assert client.post(page, {"en": OWN, "confirmed": "1"}).status_code == 302

    with inside(north):
        latest = CallPolicy.objects.order_by("-version")[0]
        assert (latest.wording, CallPolicy.objects.count()) == ({"en": {"ask.how": OWN}, "es": {}}, before + 1)
    assert OWN in client.get("/settings/wording/").text
    assert client.post(page, {"confirmed": "1"}).status_code == 302
    with inside(north):
        assert CallPolicy.objects.order_by("-version")[0].wording == {"en": {}, "es": {}}


@pytest.mark.django_db
def test_a_refused_sentence_keeps_what_was_typed(carol: User, client_of: SignIn) -> None:
    answer = client_of(carol).post("/settings/wording/ask.how/", {"en": "Tell me now", "confirmed": "1"})

    assert answer.status_code == 422
    assert "stay a question" in answer.text
    assert "Tell me now" in answer.text


@pytest.mark.django_db
def test_others_and_other_sentences_find_no_page(alice: User, carol: User, client_of: SignIn) -> None:
    assert client_of(alice).get("/settings/wording/").status_code == 403
    assert client_of(carol).get("/settings/wording/greet.emergency/").status_code == 404
