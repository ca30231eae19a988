"""Attacks 40, 45, 47 and 67: hostile text, files, impossible times and bottomless requests at the portal's doors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from tests.product.walk import CLINIC, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

Played = Callable[[Clinic], dict[str, Any]]
Found = Callable[[Role], tuple[Any, Client]]
SignIn = Callable[[User], Client]
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "<script>alert(1)</script>"
HOSTILE = {
    "markup, a formula, hidden signs": f"=cmd|' /C calc'!A0{SCRIPT}\u202eoob\u200b😀'\";{{{{7*7}}}}{{% load x %}}",
    "a header": f"x\r\nSet-Cookie: sid=evil\r\n\r\n{SCRIPT}",
    "NUL": "x\x00y",
    "100 KB": "x" * 100_000,
}
FIELD = re.compile(r'name="([a-z_]{2,24})"')


def _fields() -> list[str]:
    """Every name that a form of the portal sends, but those that say who or which."""
    named = {name for page in (ROOT / "templates").rglob("*.html") for name in FIELD.findall(page.read_text())}
    named |= {"q", "name", "email", "words", "reason", "text", "note", "label", "password", "code", "number"}
    return sorted(named - {"csrfmiddlewaretoken", "version"})


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_form_falls_over_or_repeats_what_would_run(
    kind: str, north: Clinic, calls_at: Played, person_of: Found
) -> None:
    given = calls_at(north)
    _, client = person_of(Role.ADMIN)
    sent = dict.fromkeys(_fields(), HOSTILE[kind]) | {"version": "1"}
    if kind == "100 KB":  # every field of this length is more than a request may hold
        sent = {name: sent[name] for name in ("q", "words", "name")}
    faults = []

    for route in routes(CLINIC):
        if route.name in {"people:sign_out", "calls:phone_ring"}:  # the one leaves, the other reaches for a server
            continue
        answer = client.post(route.path(given), sent)
        if answer.status_code >= 500 or SCRIPT.encode() in answer.content or "evil" in str(answer.cookies):
            faults.append((route.name, answer.status_code))
    for path in ("/profile/", "/tasks/", f"/tasks/{given['task_id']}/", f"/calls/{given['call_id']}/", "/audit/"):
        if SCRIPT.encode() in client.get(path).content:
            faults.append((path, "shown as markup"))

    assert faults == []


def test_what_is_typed_is_kept_and_shown_as_text(alice: User, client_of: SignIn) -> None:
    client = client_of(alice)

    assert client.post("/profile/name/", {"name": f"Alice {SCRIPT}"}).status_code == 302

    page = client.get("/profile/").content.decode()
    assert SCRIPT not in page
    assert "Alice &lt;script&gt;" in page


@pytest.mark.parametrize("body", [b"name=%ED%A0%80", b"name=%ff%fe", b"name=\xed\xa0\x80", b"%00=%00", b"&&&=;=&"])
def test_what_is_no_text_at_all_is_refused_cleanly(alice: User, client_of: SignIn, north: Clinic, body: bytes) -> None:
    answer = client_of(alice).post("/profile/name/", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in {302, 400, 422}
    with inside(north):
        assert "\x00" not in User.objects.get(pk=alice.pk).name


# --- 45 --------------------------------------------------------------------------------------------------------------
def test_no_file_can_be_handed_in_anywhere() -> None:
    """Seen failing with `request.FILES` in a view: then this list of attacks needs tests of its own."""
    sources = [page for app in ("analytics", "calls", "clinics", "cliniqai", "escalations", "notifications", "tasks")
               for page in (ROOT / app).rglob("*.py")]  # fmt: skip
    takes = re.compile(r"\.FILES\b|FileField|ImageField|MultiPartParser|FileUploadParser")

    assert [str(page) for page in sources if takes.search(page.read_text())] == []
    assert [str(page) for page in (ROOT / "templates").rglob("*.html") if 'type="file"' in page.read_text()] == []


# --- 47 --------------------------------------------------------------------------------------------------------------
MOMENTS = [
    "9999-12-31T23:59", "0001-01-01T00:00", "2026-03-08T02:30", "2026-11-01T01:30", "2028-02-29T12:00",
    "2027-02-29T12:00", "2026-13-01T00:00", "10000-01-01T00:00", "-1", "NaN", "١٢",
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_that_is_odd_or_impossible_is_answered_or_refused(
    carol: User, bob: User, client_of: SignIn, moment: str
) -> None:
    client, day = client_of(carol), moment.partition("T")[0]
    client.raise_request_exception = False
    asked = [
        client.get("/settings/hours/", {"at": moment}),
        client.get("/audit/", {"since": day, "until": day}),
        client.get("/analytics/", {"since": day, "until": day, "from": day, "to": day, "days": day}),
        client.get("/api/analytics/hourly/", {"since": day, "until": day, "day": day}),
        client.get("/api/calls/", {"started_after": moment, "cursor": moment}),
        client.get("/reviews/", {"week": day}),
        client.post("/settings/hours/holidays/", {"day": day, "opens": "", "closes": "", "name": "x"}),
        client.post("/settings/facts/", {"topic": "parking", "language": "en", "text": "Behind.", "expires_on": day}),
        client.post("/settings/cover/add/", {"absent": bob.pk, "person": bob.pk, "since": day, "until": day}),
        client.post(
            "/escalations/on-call/shifts/",
            {
                "person": bob.pk,
                "place": "1",
                "day": "once",
                "since": day,
                "begins": "22:00",
                "ends": "06:00",
                "until": day,
            },
        ),
        client.get("/escalations/on-call/", {"at": moment}),
    ]

    assert [answer.request["PATH_INFO"] for answer in asked if answer.status_code >= 500] == []


# --- 67 --------------------------------------------------------------------------------------------------------------
def test_bottomless_requests_are_bounded(alice: User, client_of: SignIn) -> None:
    client, deed = client_of(alice), f"/api/tasks/{uuid4()}/claim/"

    for body in ("[" * 60_000, '{"version":' * 20_000, '{"version": 1' + "0" * 50_000 + "}", '"' + "x" * 100_000):
        assert client.post(deed, body, content_type="application/json").status_code == 400
    for size in ("1000000000", "-1", "0", "1e9"):
        assert client.get("/api/tasks/", {"page_size": size}).status_code in {200, 400}
    for words in ("(a+)+$" * 2_000, "a" * 50_000 + "!", "%" * 5_000, "\\" * 5_000, ".*" * 9_000):
        assert client.post("/tasks/search/", {"q": words}, follow=True).status_code == 200
    assert client.post("/profile/name/", {f"f{n}": "1" for n in range(2_000)}).status_code == 400
