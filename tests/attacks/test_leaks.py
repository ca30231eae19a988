"""Attacks 59, 62 and 66: a crash anywhere tells nothing, nothing is served that nobody meant to, headers are strict."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.http import HttpRequest
from django.test import Client

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from cliniqai.logs import TypesAndPlaces
from tests.conftest import client_on
from tests.notifications.machines import ROOT
from tests.platform.test_environment import PRODUCTION
from tests.product.canaries import Patient, hits
from tests.product.walk import CLINIC, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

Found = Callable[[Role], tuple[Any, Client]]
SignIn = Callable[[User], Client]
PATIENT = Patient()
TOLD = f"{PATIENT.first} {PATIENT.last} {PATIENT.callback} {PATIENT.born} {PATIENT.medicine} wombat"


class Crash:
    """Each view falls over as PostgreSQL would make it: quoting the row."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        raise DatabaseError(f"Failing row contains ({TOLD}, {request.POST.get('words', '')})")


def test_a_crash_of_any_page_tells_nobody_what_it_was_about(
    north: Clinic, person_of: Found, settings: Any, caplog: Any
) -> None:
    _, client = person_of(Role.ADMIN)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Crash"]
    settings.DEBUG = False
    wrong, told = [], []

    for route in routes(CLINIC):
        for ask in (client.get, client.post):
            answer = ask(route.path(), {"words": TOLD, "name": TOLD, "SpeechResult": TOLD})
            if answer.status_code not in {500, 403, 415, 405}:  # webhooks refuse before they could crash
                wrong.append((route.name, answer.status_code))
            if found := hits(answer.content + str(answer.headers).encode(), PATIENT):
                told.append((route.name, found))

    assert (wrong, told) == ([], [])
    assert caplog.records
    lines = "\n".join(TypesAndPlaces("%(message)s").format(record) for record in caplog.records)
    assert "DatabaseError" in lines
    assert hits(lines, PATIENT) == []


CLOSED = [
    "/admin/", "/admin/login/", "/metrics", "/flower/", "/.git/config", "/.git/HEAD", "/.env", "/debug/", "/__debug__/",
    "/server-status", "/phpinfo.php", "/api/schema/", "/api/docs/", "/static/../cliniqai/settings.py", "/media/",
    "/static/%2e%2e/manage.py", "/events", "/console/", "/actuator/env", "/robots.txt/../admin/",
]  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_open_to_strangers_that_nobody_meant_to_open(path: str, north: Clinic) -> None:
    answer = client_on(north).get(path)

    assert answer.status_code in {302, 401, 403, 404}
    if answer.status_code == 302:
        assert answer["Location"].startswith("/sign-in/")
    for word in (b"SECRET_KEY", b"DATABASE_URL", b"Traceback", b"openapi"):
        assert word not in answer.content


def test_health_says_what_fails_and_nothing_of_anybody(north: Clinic) -> None:
    for path in ("/healthz", "/readyz"):
        text = client_on(north).get(path).content.decode()
        assert len(text) < 400
        for word in ("north", "Northside", "host", "version", "127.0.0.1", "postgres://"):
            assert word not in text


def test_every_answer_carries_the_strict_headers(alice: User, client_of: SignIn) -> None:
    client = client_of(alice)

    for path in ("/tasks/", "/sign-in/", "/nowhere/", "/api/tasks/", "/styleguide/"):
        answer = client.get(path, HTTP_ORIGIN="https://evil.example")
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["Referrer-Policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path
        assert not answer.has_header("Access-Control-Allow-Origin"), path
    assert client.options("/api/tasks/", HTTP_ORIGIN="https://evil.example").has_header("Allow")


def test_a_real_host_is_strict_about_tls() -> None:
    """The settings as a real host reads them, in a process of its own."""
    asked = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG"]
    told = f"import json; from cliniqai import settings as s; print(json.dumps([getattr(s, n) for n in {asked}]))"
    answer = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env={**PRODUCTION, "PATH": ""}, capture_output=True, check=True
    )

    assert json.loads(answer.stdout) == [True, True, True, 31_536_000, False]


def test_plain_http_is_led_to_tls_and_what_checks_from_inside_is_not(north: Clinic, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    asked = client_on(north).get("/tasks/")
    assert (asked.status_code, asked["Location"]) == (301, "https://north.localhost/tasks/")
    assert client_on(north).get("/healthz").status_code == 200
    assert Client(HTTP_HOST="localhost").get("/metrics").status_code == 200
