"""The alert centre, the alarm client's answers and the API, as each role and as strangers see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from escalations import actions
from escalations.models import Escalation
from tests.conftest import client_on

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
JSON = {"HTTP_ACCEPT": "application/json"}
FIELDS = [
    "id",
    "reason",
    "level",
    "status",
    "call_id",
    "summary",
    "raised_at",
    "acknowledged_by",
    "acknowledged_at",
    "resolved_at",
    "outcome",
]
SignIn = Callable[[User], Client]
Raised = Callable[..., Escalation]


def test_everyone_of_the_clinic_sees_what_was_heard(
    an_escalation: Raised, client_of: SignIn, alice: User, bob: User, carol: User
) -> None:
    escalation = an_escalation(test=True)
    for person in (alice, bob, carol):
        for path in ("/escalations/", escalation.path):
            page = client_of(person).get(path)
            assert page.status_code == 200
            for words in ("Possible emergency", "my chest hurts", "+1 202-555-0142", "Told to dial 911", "TEST"):
                assert words in page.text, (path, words)


def test_strangers_and_another_clinic_find_nothing(
    an_escalation: Raised, client_of: SignIn, dave: User, north: Clinic
) -> None:
    escalation = an_escalation()
    deeds = [f"{escalation.path}acknowledge/", f"{escalation.path}resolve/"]
    stranger, other = client_on(north), client_of(dave)

    for path in ("/escalations/", escalation.path, "/alarms/open/"):
        assert stranger.get(path).status_code == 302, path
    for path in deeds:
        assert stranger.post(path, {"outcome": "reached"}).status_code == 302
        assert other.post(path, {"outcome": "reached"}).status_code == 404
        assert other.get(path).status_code == 405
    assert other.get(escalation.path).status_code == 404
    assert "chest" not in other.get("/escalations/").text
    assert other.get("/alarms/open/").json()["alarms"] == []

    with inside(north):
        assert Escalation.objects.get().status == "open"


def test_the_alarm_client_reads_the_open_alarms(an_escalation: Raised, client_of: SignIn, alice: User) -> None:
    escalation = an_escalation()

    answer = client_of(alice).get("/alarms/open/", **JSON)

    assert set(answer.json()) == {"alarms", "open", "now"}
    assert [alarm["id"] for alarm in answer.json()["alarms"]] == [str(escalation.id)]
    assert "no-store" in answer["Cache-Control"]


def test_the_alarm_client_acknowledges_and_the_second_person_gets_409_with_the_state(
    an_escalation: Raised, client_of: SignIn, alice: User, carol: User
) -> None:
    path = f"{an_escalation().path}acknowledge/"

    first = client_of(alice).post(path, **JSON)
    assert (first.status_code, first.json()["acknowledged_by"]) == (200, "Alice Moreno")
    assert client_of(alice).post(path, **JSON).status_code == 200

    second = client_of(carol).post(path, **JSON)
    assert second.status_code == 409
    assert second.json()["acknowledged_by"] == "Alice Moreno"
    assert second.json()["error"]["message"] == "Alice Moreno has it already."


def test_htmx_gets_the_card_back(an_escalation: Raised, client_of: SignIn, alice: User, carol: User) -> None:
    escalation = an_escalation()

    done = client_of(alice).post(f"{escalation.path}acknowledge/", **HTMX)
    assert done.status_code == 200
    assert done.text.strip().startswith(f'<li class="card stack" id="escalation-{escalation.id}"')
    assert "Alice Moreno has it since" in done.text
    late = client_of(carol).post(f"{escalation.path}acknowledge/", **HTMX)
    assert late.status_code == 409
    assert "Alice Moreno has it already." in late.text

    refused = client_of(alice).post(f"{escalation.path}resolve/", {"outcome": "not_emergency"}, **HTMX)
    assert refused.status_code == 422
    assert "Write why it was not an emergency." in refused.text
    ended = client_of(carol).post(
        f"{escalation.path}resolve/", {"outcome": "not_emergency", "reason": "a wrong word"}, **HTMX
    )
    assert "Not an emergency: Carol Diaz" in ended.text
    assert "a wrong word" in ended.text


def test_everything_works_without_scripts(an_escalation: Raised, client_of: SignIn, alice: User, north: Clinic) -> None:
    escalation = an_escalation()
    client = client_of(alice)

    assert client.post(f"{escalation.path}resolve/", {"outcome": "reached"}).status_code == 422
    answer = client.post(f"{escalation.path}acknowledge/")
    assert (answer.status_code, answer["Location"]) == (302, escalation.path)
    assert client.post(f"{escalation.path}resolve/", {"outcome": "reached"}).status_code == 302

    page = client.get(escalation.path).text
    for words in ("Raised by the phone", "Acknowledged by Alice Moreno", "Resolved by Alice Moreno", "Patient reached"):
        assert words in page, words
    assert client.get("/escalations/?status=resolved").text.count("data-row ") == 1
    assert client.get("/escalations/?status=nonsense&before=x").status_code == 200


def test_the_list_costs_the_same_few_queries_however_many_rows(
    an_escalation: Raised, client_of: SignIn, alice: User, north: Clinic
) -> None:
    client = client_of(alice)
    an_escalation()
    client.get("/escalations/")
    with CaptureQueriesContext(connection) as few:
        client.get("/escalations/")
    for _ in range(60):
        with inside(north):
            actions.acknowledge(by=alice, escalation_id=an_escalation().id)

    with CaptureQueriesContext(connection) as many:
        page = client.get("/escalations/?status=acknowledged")

    assert page.text.count("data-row ") == 50
    assert len(many) <= len(few) + 1 <= 16
    older = page.text.split('id="load-more" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(f"/escalations/{older}").text.count("data-row ") == 10


# --- API -----------------------------------------------------------------------------------------------------------
def test_the_api_shows_exactly_the_contracts_fields(
    an_escalation: Raised, client_of: SignIn, alice: User, north: Clinic
) -> None:
    escalation = an_escalation()
    with inside(north):
        actions.acknowledge(by=alice, escalation_id=escalation.id)
        token = issue_token(user=alice)

    [shown] = client_of(alice).get("/api/escalations/").json()["results"]

    assert list(shown) == FIELDS
    assert shown["acknowledged_by"] == {"id": str(alice.id), "name": "Alice Moreno"}
    with_token = client_on(north).get(f"/api/escalations/{escalation.id}/", headers={"authorization": f"Token {token}"})
    assert with_token.json() == shown
    with inside(north):
        assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS, actor=alice).count() == 2


def test_the_api_filters_and_refuses_nonsense(an_escalation: Raised, client_of: SignIn, alice: User) -> None:
    an_escalation()
    an_escalation(reason="human_request", level="attention")
    client = client_of(alice)

    for query in ({"reason": "emergency"}, {"level": "attention"}):
        assert len(client.get("/api/escalations/", query).json()["results"]) == 1
    assert len(client.get("/api/escalations/", {"status": "open"}).json()["results"]) == 2
    for query in ({"reason": "x"}, {"level": "x"}, {"status": "x"}, {"cursor": "x"}):
        answer = client.get("/api/escalations/", query)
        assert answer.status_code == 400
        assert list(answer.json()["error"]["fields"]) == list(query)


def test_the_api_keeps_strangers_and_other_clinics_out(
    an_escalation: Raised, client_of: SignIn, dave: User, north: Clinic
) -> None:
    escalation = an_escalation()
    assert client_on(north).get("/api/escalations/").status_code in (401, 403)
    assert client_of(dave).get(f"/api/escalations/{escalation.id}/").status_code == 404
    assert client_of(dave).get(f"/api/escalations/{uuid4()}/").status_code == 404
    assert client_of(dave).get("/api/escalations/").json()["results"] == []


def test_times_are_those_of_the_clinics_clock(
    an_escalation: Raised, client_of: SignIn, alice: User, north: Clinic
) -> None:
    escalation = an_escalation()
    with inside(north):
        Escalation.objects.update(raised_at=datetime(2026, 1, 5, 19, 32, tzinfo=UTC))

    page = client_of(alice).get(escalation.path).text

    assert ">5 Jan 14:32" in page
    assert "19:32</time>" not in page
