"""Attacks 19, 20 and 22: what belongs to the other clinic costs the same, takes no token and is in no cache."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from tests.product.walk import CLINIC, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

Played = Callable[[Clinic], dict[str, Any]]
Found = Callable[[Role], tuple[Any, Client]]
SignIn = Callable[[User], Client]


def test_an_id_of_the_other_clinic_costs_the_same_statements_as_one_of_nobody(
    south: Clinic, calls_at: Played, person_of: Found
) -> None:
    """Time tells nothing when the work is the same, whatever machine it is done on."""
    theirs = calls_at(south)
    _, client = person_of(Role.ADMIN)
    faults, compared = {}, 0

    for route in routes(CLINIC):
        if not route.ids & set(theirs):
            continue
        for ask in (client.get, client.post):
            # Twice nobody's, because what a process remembers for some seconds may be looked up again in any of them.
            before = _statements(ask, route.path({part: uuid4() for part in route.ids}))
            asked = _statements(ask, route.path(theirs))
            after = _statements(ask, route.path({part: uuid4() for part in route.ids}))
            compared += 1
            if asked not in (before, after):
                faults[route.name] = (asked, before)

    assert compared > 40
    assert faults == {}


def _statements(ask: Callable[..., Any], path: str) -> list[str]:
    """The statements of one request without what differs each time, and without the look for the clinic's address: a
    process remembers it for some seconds."""
    with CaptureQueriesContext(connection) as queries:
        ask(path)
    differs = re.compile(r"'[^']*'|\b\d+\b|\bs\d+_x\d+")  # values, and the names of savepoints
    asked = (differs.sub("?", one["sql"])[:120] for one in queries)
    return [one for one in asked if "clinics_domain" not in one and one != 'SET search_path = "public"']


def test_a_forms_token_of_the_other_clinic_is_none_here(alice: User, dave: User, client_of: SignIn) -> None:
    def page(user: User) -> tuple[Client, str]:
        client = client_of(user)
        found = client.get("/profile/").content.decode()
        return client, re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', found)[1]

    (hers, own), (_, theirs) = page(alice), page(dave)
    browser = Client(enforce_csrf_checks=True, HTTP_HOST=f"north.{settings.BASE_DOMAIN}")
    browser.cookies = hers.cookies

    assert browser.post("/profile/name/", {"name": "A", "csrfmiddlewaretoken": theirs}).status_code == 403
    assert browser.post("/profile/name/", {"name": "A", "csrfmiddlewaretoken": own}).status_code == 302


KEPT = [
    "/tasks/", "/tasks/{task_id}/", "/calls/", "/calls/{call_id}/", "/escalations/", "/notifications/", "/audit/",
    "/settings/facts/", "/profile/", "/alarms/open/", "/api/tasks/", "/api/calls/{call_id}/",
]  # fmt: skip


def test_no_answer_can_be_kept_and_asked_for_by_its_mark(north: Clinic, calls_at: Played, person_of: Found) -> None:
    """A cache between two clinics has nothing to give out: no mark to ask with, and an invented one is not believed."""
    given = calls_at(north)
    _, client = person_of(Role.ADMIN)
    invented = {"HTTP_IF_NONE_MATCH": "*", "HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"}

    for path in KEPT:
        answer = client.get(path.format(**given), **invented)
        assert answer.status_code == 200, path
        assert not answer.has_header("ETag"), path
        assert not answer.has_header("Last-Modified"), path
        assert "no-store" in answer["Cache-Control"], path
