"""What people outside rely on: the names of CONTRACT.md, one by one, as far as they are built."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from drf_spectacular.validation import validate_schema

from calls.models import Call
from clinics.models import Clinic
from clinics.people.roles import Role
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from escalations.models import Level, Reason
from escalations.models import Status as EscalationStatus
from notifications.models import Notification
from tasks.actions import open_task
from tasks.models import Kind
from tasks.models import Status as TaskStatus
from tests.conftest import client_on
from tests.product.walk import NOWHERE

ROOT = Path(__file__).resolve().parents[2]
Played = Callable[[Clinic], dict[str, Any]]
Found = Callable[[Role], tuple[Any, Client]]

# --- Names -----------------------------------------------------------------------------------------------------------
COMMANDS = {
    "open_clinic": {"name", "--host", "--number", "--template"},
    "place_call": {
        "--clinic", "--say", "--press", "--silence", "--hangup", "--from", "--lang", "--json",
    },
    "triage": {"--lang"},
    "api_token": {"--clinic", "--email"},
    "replay": {"--clinic", "--kind", "--since", "--dry-run", "--reason"},
    "sweep": {"--once"},
    "rotate_field_keys": {"--clinic", "--all", "--finish", "--batch", "--rest"},
}  # fmt: skip
ENVIRONMENT = (
    "DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY", "FIELD_KEYS", "BASE_DOMAIN", "DEBUG", "REQUIRE_MFA",
    "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_BASE_URL", "PUBLIC_SCHEME", "ASYNC_DELIVERY",
)  # fmt: skip
WORDS = {
    Kind: "appointment cancel_appointment callback refill test_result medical_advice general billing handover",
    TaskStatus: "pending in_progress completed cancelled",
    Reason: "emergency crisis urgent distress human_request not_understood model_unstable too_long no_progress"
    " clinic_rule",
    Level: "emergency urgent attention",
    EscalationStatus: "open acknowledged resolved",
}
PAGES = ("/", "/tasks/", "/calls/", "/escalations/", "/notifications/", "/phone/", "/styleguide/", "/sign-in/")
WEBHOOKS = ("/calls/voice/", "/calls/voice/status/", "/calls/voice/fallback/")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_what_the_contract_says(name: str) -> None:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    assert COMMANDS[name] <= {*parser._option_string_actions, *(one.dest for one in parser._actions)}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: f"{words.__module__}.{words.__name__}")
def test_the_words_of_the_contract_are_the_words_of_the_tables(words: Any) -> None:
    assert set(words.values) == set(WORDS[words].split())


@pytest.mark.parametrize("path", [*PAGES, *WEBHOOKS, "/api/schema/", "/api/docs/"])
def test_a_path_of_the_contract_leads_somewhere(path: str) -> None:
    assert resolve(path, urlconf="cliniqai.urls")


@pytest.mark.parametrize("target", ["run", "test", "bench"])
def test_make_knows_the_target(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("process", ["release", "web", "worker", "beat", "sweeper"])
def test_the_procfile_has_the_process(process: str) -> None:
    assert re.search(rf"^{process}: \S", (ROOT / "Procfile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_variable_is_read_and_shown_to_operators(name: str) -> None:
    read = [(ROOT / "cliniqai" / file).read_text() for file in ("environment.py", "providers.py")]
    assert any(name in text for text in read)
    assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


# --- The API ---------------------------------------------------------------------------------------------------------
FIELDS = {
    "/api/tasks/": "id kind status priority due_at assignee patient_name date_of_birth callback_number details call_id"
    " needs_decision decision version created_at",
    "/api/escalations/": "id reason level status call_id summary raised_at acknowledged_by acknowledged_at resolved_at"
    " outcome",
    "/api/calls/": "id sid from_number status language intent outcome started_at duration_sec recording_url"
    " recording_duration_sec consent policy_version voice test",
    "/api/notifications/": "id kind title about path test created_at read_at",
}
ONE = {"/api/tasks/{task_id}/", "/api/escalations/{escalation_id}/", "/api/calls/{call_id}/"}


@pytest.mark.django_db
def test_every_list_and_every_single_has_exactly_the_contracts_fields(
    north: Clinic, calls_at: Played, person_of: Found
) -> None:
    ids = calls_at(north)
    _, client = person_of(Role.STAFF)

    for path, fields in FIELDS.items():
        told = client.get(path).json()
        assert list(told) == ["next", "previous", "results"]
        assert told["results"], path
        assert all(list(row) == fields.split() for row in told["results"]), path
    for path in ONE:
        one = client.get(path.format(**ids)).json()
        assert list(one) == FIELDS[path.partition("{")[0]].split()
    transcript = client.get(f"/api/transcripts/{ids['call_id']}/").json()
    assert list(transcript) == ["call", "turns"]
    assert [turn["n"] for turn in transcript["turns"]] == list(range(len(transcript["turns"])))
    assert {"words", "said", "n", "at"} <= set(transcript["turns"][1])


@pytest.mark.django_db
def test_a_token_and_a_session_read_the_same(north: Clinic, calls_at: Played, person_of: Found) -> None:
    ids = calls_at(north)
    user, client = person_of(Role.DOCTOR)
    with inside(north):
        token = issue_token(user=user)
    program = client_on(north)

    for path in [*FIELDS, *(path.format(**ids) for path in ONE), f"/api/transcripts/{ids['call_id']}/"]:
        by_token = program.get(path, HTTP_AUTHORIZATION=f"Token {token}")
        assert by_token.status_code == 200, path
        assert by_token.json() == client.get(path).json()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "method", "path", "headers"),
    [
        (400, "get", "/api/tasks/?status=lost", {}),
        (400, "get", "/api/escalations/?level=high", {}),
        (400, "get", "/api/calls/?started_after=yesterday", {}),
        (400, "get", "/api/notifications/?unread=maybe", {}),
        (400, "get", "/api/tasks/?cursor=zzz", {}),
        (400, "get", "/api/calls/?page_size=many", {}),
        (401, "get", "/api/tasks/", {"who": None}),
        (401, "get", "/api/schema/", {"who": None}),
        (401, "get", "/api/tasks/", {"who": None, "HTTP_AUTHORIZATION": "Token nonsense"}),
        (403, "get", "/api/tasks/", {"who": Role.OPERATOR}),
        (404, "get", f"/api/tasks/{NOWHERE}/", {}),
        (404, "get", "/api/tasks/17/", {}),
        (404, "get", "/api/nothing/", {}),
        (405, "post", "/api/tasks/", {}),
        (405, "delete", f"/api/calls/{NOWHERE}/", {}),
        (405, "post", "/api/escalations/", {"content_type": "application/xml", "data": "<a/>"}),
        (406, "get", "/api/tasks/", {"HTTP_ACCEPT": "text/csv"}),
    ],
)
def test_every_error_has_the_one_shape(
    status: int, method: str, path: str, headers: dict[str, Any], north: Clinic, person_of: Found
) -> None:
    who = headers.get("who", Role.STAFF)
    client = person_of(who)[1] if who else client_on(north)

    response = getattr(client, method)(path, **{name: value for name, value in headers.items() if name != "who"})

    assert response.status_code == status
    told = response.json()
    assert list(told) == ["error"]
    assert list(told["error"]) == ["code", "message", "fields"]
    assert told["error"]["code"] and told["error"]["message"]  # noqa: PT018  (both are words)
    assert bool(told["error"]["fields"]) == (status == 400)
    assert response["Content-Type"].startswith("application/json")


@pytest.fixture
def many(north: Clinic, person_of: Found) -> Callable[[str, int], None]:
    """So many more rows behind a list of the API."""
    user, _ = person_of(Role.STAFF)

    def add(path: str, count: int) -> None:
        for _ in range(count):
            with inside(north):
                match path:
                    case "/api/tasks/":
                        due = timezone.now() + timedelta(hours=2)
                        facts = {"kind": "general", "summary": "A question", "details": {}, "call_id": uuid4()}
                        open_task(**facts, priority=2, due_at=due, needs_decision=False)
                    case "/api/escalations/":
                        raise_escalation(reason="urgent", level="urgent", summary="Bleeding", call_id=uuid4())
                    case "/api/calls/":
                        Call.objects.create(sid=f"CA{uuid4().hex}", to_number="+12025550101")
                    case _:
                        Notification.objects.create(
                            clinic=north, person=user.pk, kind="task.opened", about=uuid4(), path="/tasks/"
                        )

    return add


@pytest.mark.django_db
@pytest.mark.parametrize("path", FIELDS)
def test_following_next_meets_every_row_once_while_rows_are_added(
    path: str, many: Callable[[str, int], None], person_of: Found
) -> None:
    many(path, 7)
    _, client = person_of(Role.STAFF)
    wanted = [row["id"] for row in client.get(path).json()["results"]]
    met, following = [], f"{path}?page_size=2"

    while following:
        told = client.get(following).json()
        assert len(told["results"]) <= 2
        met += [row["id"] for row in told["results"]]
        following = told["next"]
        many(path, 1)

    assert len(wanted) == 7
    assert met == wanted


@pytest.mark.django_db
def test_the_schema_is_valid_and_describes_what_is_answered(north: Clinic, calls_at: Played, person_of: Found) -> None:
    calls_at(north)
    _, client = person_of(Role.STAFF)

    schema = client.get("/api/schema/").json()

    validate_schema(schema)
    assert schema["openapi"].startswith("3.")
    for path, fields in FIELDS.items():
        asked = schema["paths"][path]["get"]
        assert {"cursor", "page_size"} <= {one["name"] for one in asked["parameters"]}
        assert {"token": []} in asked["security"]
        page = _followed(asked["responses"]["200"]["content"]["application/json"]["schema"], schema)
        assert list(page["properties"]) == ["next", "previous", "results"]
        row = _followed(page["properties"]["results"]["items"], schema)
        assert list(row["properties"]) == fields.split()


def _followed(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_the_page_about_the_api_names_every_operation_and_field(role: Role, person_of: Found) -> None:
    _, client = person_of(role)

    page = client.get("/api/docs/").content.decode()

    for path, fields in FIELDS.items():
        assert f"GET {path}" in page
        assert all(f"<code>results[].{field}</code>" in page for field in fields.split())
    assert "/api/transcripts/{call_id}/" in page
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|https?://(?!www\.w3\.org)", page)


# --- The demo --------------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_demos_people_can_sign_in_where_the_contract_says(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "a demo password of ours")
    settings.DEBUG = True
    call_command("seed_demo", verbosity=0)
    settings.DEBUG = False

    for slug in ("demo", "north"):
        assert Clinic.objects.get(slug=slug).lines.filter(
            number={"demo": "+12025550100", "north": "+12025550101"}[slug]
        )
        for short in ("staff", "doctor", "admin"):
            client = Client(HTTP_HOST=f"{slug}.localhost:8000")
            form = {"email": f"{short}@{slug}.test", "password": "a demo password of ours"}
            response = client.post("/sign-in/", form)
            assert (response.status_code, response["Location"]) == (302, "/"), form["email"]
            assert client.get("/api/tasks/").status_code == 200
    desk = Client(HTTP_HOST="localhost:8000")
    form = {"email": "operator@cliniqai.test", "password": "a demo password of ours"}
    assert desk.post("/sign-in/", form)["Location"] == "/admin/"
    assert desk.get("/admin/clinics/clinic/").status_code == 200
