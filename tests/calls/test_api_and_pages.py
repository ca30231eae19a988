"""Calls as people and programs read them: rights, other clinics, filters, fields, and a row for every read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.test import Client

from calls.models import Call
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tests.calls.network import Network
from tests.conftest import client_on

CONTRACT = [
    "id",
    "sid",
    "from_number",
    "status",
    "language",
    "intent",
    "outcome",
    "started_at",
    "duration_sec",
    "recording_url",
    "recording_duration_sec",
    "consent",
    "policy_version",
    "voice",
    "test",
]


@pytest.fixture
def a_call(north: Clinic) -> Call:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "i need a refill of metformin for Zebulon Quist")
    network.hang_up(line)
    with inside(north):
        return Call.objects.get(sid=line.sid)


def test_the_list_has_exactly_the_fields_of_the_contract(a_call: Call, alice: User, client_of: Callable) -> None:
    (row,) = client_of(alice).get("/api/calls/").json()["results"]

    assert list(row) == CONTRACT
    assert (row["status"], row["intent"], row["outcome"]) == ("completed", "refill", "abandoned")


def test_a_token_reads_what_a_session_reads(a_call: Call, alice: User, north: Clinic, client_of: Callable) -> None:
    with inside(north):
        token = issue_token(user=alice)

    by_token = client_on(north).get(f"/api/calls/{a_call.id}/", headers={"Authorization": f"Token {token}"})

    assert by_token.json() == client_of(alice).get(f"/api/calls/{a_call.id}/").json()


def test_a_transcript_tells_every_turn(a_call: Call, alice: User, client_of: Callable) -> None:
    told = client_of(alice).get(f"/api/transcripts/{a_call.id}/").json()

    assert told["call"] == str(a_call.id)
    assert [turn["n"] for turn in told["turns"]] == [0, 1]
    assert "Zebulon" in told["turns"][1]["words"]


@pytest.mark.parametrize(
    "query", ["status=nonsense", "outcome=x", "test=perhaps", "started_after=yesterday", "cursor=odd"]
)
def test_a_bad_filter_is_refused_with_the_one_shape(alice: User, client_of: Callable, query: str) -> None:
    answer = client_of(alice).get(f"/api/calls/?{query}")

    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(("query", "found"), [("status=completed", 1), ("test=true", 0), ("outcome=task", 0)])
def test_a_filter_narrows(a_call: Call, alice: User, client_of: Callable, query: str, found: int) -> None:
    assert len(client_of(alice).get(f"/api/calls/?{query}").json()["results"]) == found


@pytest.mark.parametrize("path", ["/api/calls/{}/", "/api/transcripts/{}/", "/calls/{}/", "/calls/{}/transcript/"])
def test_another_clinics_call_does_not_exist(a_call: Call, dave: User, client_of: Callable, path: str) -> None:
    answer = client_of(dave).get(path.format(a_call.id))

    assert answer.status_code == 404
    assert b"Zebulon" not in answer.content


@pytest.mark.parametrize("path", ["/calls/{}/", "/calls/{}/transcript/", "/api/transcripts/{}/"])
def test_every_look_at_a_transcript_is_on_record(a_call: Call, alice: User, client_of: Callable, path: str) -> None:
    with inside(Clinic.objects.get(slug="north")):
        before = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count()
    client_of(alice).get(path.format(a_call.id))

    with inside(Clinic.objects.get(slug="north")):
        rows = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).order_by("id")
        assert rows.count() == before + 1
        assert rows.last().actor_id == alice.id
        assert "Zebulon" not in str(vars(rows.last()))


def test_the_list_page_and_the_call_page_show_what_came_of_it(a_call: Call, alice: User, client_of: Callable) -> None:
    browser: Client = client_of(alice)

    assert str(a_call.id) in browser.get("/calls/").content.decode()
    page = browser.get(f"/calls/{a_call.id}/").content.decode()
    assert "Zebulon" in page
    assert "Medication request" in page


def test_the_list_pages_by_key(alice: User, north: Clinic, client_of: Callable) -> None:
    with inside(north):
        Call.objects.bulk_create(Call(sid=f"CA{number:032d}", to_number="+12025550101") for number in range(120))
    browser, seen, query = client_of(alice), [], ""
    while True:
        context = browser.get(f"/calls/{query}").context
        seen += [call.sid for call in context["calls"]]
        if not context["older_url"]:
            break
        query = "?" + context["older_url"].split("?")[1]

    assert len(seen) == len(set(seen)) == 120


def test_the_test_phone_plays_only_its_own_calls(alice: User, dave: User, client_of: Callable) -> None:
    answer = client_of(dave).post("/phone/calls/00000000-0000-0000-0000-000000000000/say/", {"words": "hello"})

    assert answer.status_code == 404
