"""Two clinics are blind to each other: what patients told the one is on no page, list or stream of the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clinics.models import Clinic
from clinics.people.roles import Role
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tests.conftest import client_on
from tests.product.canaries import Patient, hits
from tests.product.walk import CLINIC, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

Played = Callable[[Clinic], dict[str, Any]]
Found = Callable[[Role], tuple[Any, Client]]

LISTS = (
    "/tasks/?group=caller", "/tasks/?late=1&group=kind", "/tasks/?status=snoozed",
    "/tasks/?status=completed", "/tasks/?status=decision",
    "/tasks/?owner=none", "/calls/?before={call_id}", "/escalations/?status=acknowledged",
    "/escalations/?status=resolved", "/escalations/?before={escalation_id}", "/notifications/bell/?count",
    "/api/tasks/?status=pending", "/api/calls/?status=completed", "/api/escalations/?level=emergency",
    "/api/notifications/?unread=true", "/api/tasks/?page_size=200", "/alarms/open/",
)  # fmt: skip


@pytest.fixture
def warm_at_south(dave: Any, client_of: Callable[..., Client]) -> Callable[[dict[str, Any]], None]:
    """Everything read once by the clinic it belongs to, so that whatever is cached is there to be taken by mistake."""

    def read(ids: dict[str, Any]) -> None:
        client = client_of(dave)
        for path in [*(route.path(ids) for route in routes(CLINIC)), *LISTS]:
            for _ in range(2):
                client.get(path.format(word="quor", **ids))

    return read


def _said(client: Client, path: str, patient: Patient) -> list[str]:
    """The canaries on this page and on its fragment, its headers included."""
    found = []
    for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
        response = client.get(path, **headers)
        assert response.status_code < 500, path
        found += hits(response.getvalue() + str(response.headers).encode(), patient)
    return found


def test_no_page_of_one_clinic_holds_a_word_of_the_others_patients(
    south: Clinic,
    calls_at: Played,
    warm_at_south: Callable[[dict[str, Any]], None],
    person_of: Found,
    patient: Patient,
) -> None:
    theirs = calls_at(south)
    warm_at_south(theirs)
    found = {}

    for role in Role:
        _, client = person_of(role)
        for route in routes(CLINIC):
            found[role, route.name] = _said(client, route.path(theirs), patient)
        search = client.post("/tasks/search/", {"q": patient.last[:4]}, follow=True)
        found[role, "a search"] = hits(search.content, patient)
        for path in LISTS:  # what is typed is shown
            found[role, path] = _said(client, path.format(word=patient.last[:4], **theirs), patient)

    assert {name: hit for name, hit in found.items() if hit} == {}


def test_counts_of_one_clinic_do_not_tell_of_the_other(south: Clinic, calls_at: Played, person_of: Found) -> None:
    _, client = person_of(Role.STAFF)
    before = {path: client.get(path).json() for path in ("/alarms/open/", "/api/tasks/", "/api/notifications/")}

    calls_at(south)

    after = {path: client.get(path).json() for path in before}
    for told in (*before.values(), *after.values()):
        told.pop("now", None)
    assert after == before


def test_the_canaries_are_seen_by_the_clinic_they_were_told_to(
    south: Clinic, calls_at: Played, dave: Any, client_of: Callable[..., Client], patient: Patient
) -> None:
    """So that the tests above cannot pass because nothing was said."""
    theirs = calls_at(south)
    client = client_of(dave)
    paths = (
        "/tasks/",
        "/calls/{call_id}/",
        "/escalations/",
        "/api/tasks/?page_size=200",
        "/api/transcripts/{call_id}/",
    )

    seen = {hit for path in paths for hit in _said(client, path.format(**theirs), patient)}

    assert seen == set(patient.patterns)


def test_a_token_of_one_clinic_reads_nothing_of_the_other(
    north: Clinic, south: Clinic, calls_at: Played, dave: Any, patient: Patient
) -> None:
    calls_at(north)
    with inside(south):
        token = issue_token(user=dave)
    there = client_on(north)

    for route in routes(CLINIC):
        if route.template.startswith("/api/"):
            response = there.get(route.path(), HTTP_AUTHORIZATION=f"Token {token}")
            assert response.status_code in {302, 401}, route.name
            assert hits(response.content, patient) == []
