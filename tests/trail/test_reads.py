"""Every look at a patient's words is a row, whichever road it came by, refusals too; and no word is in it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client

from calls.patients import patient_of_request
from clinics import audit
from clinics.people.behalf import for_the_system
from clinics.people.models import User
from clinics.people.tokens import issue_token
from clinics.practice.trail.listing import READS
from clinics.tenancy import inside
from tests.conftest import client_on
from tests.product.canaries import hits
from tests.sensitive.conftest import Closed, _no_old_cache, auditor, desks, shut  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
APPS = ("analytics", "calls", "clinics", "escalations", "notifications", "tasks")


def rows(shut: Closed) -> list[LogEntry]:  # noqa: F811
    with inside(shut.clinic):
        return list(LogEntry.objects.order_by("id"))


def looked(shut: Closed, act: Callable[[], object]) -> list[dict]:  # noqa: F811
    """What the trail says of a deed, one dict a row; no canary may be in any."""
    before = len(rows(shut))
    act()
    fresh = rows(shut)[before:]
    with inside(shut.clinic), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM auditlog_logentry t")
        assert hits("\n".join(row for (row,) in cursor.fetchall()), shut.patient) == []
    return [one.additional_data | {"about": one.object_pk, "who": one.actor_email} for one in fresh]


PAGES = {
    "/calls/{refill}/": "transcript",
    "/calls/{refill}/transcript/": "transcript",
    "/tasks/{task}/": "tasks.task",
    "/tasks/": "tasks.task list",
    "/escalations/{escalation}/": "escalations.escalation",
    "/escalations/": "escalations.escalation list",
    "/calls/": "calls.call list",
    "/reviews/{refill}/": "transcript",
    "/reviews/export/": "calls.utterance export",
    "/audit/": "auditlog.logentry list",
    "/audit/export/": "auditlog.logentry export",
    "/api/calls/{refill}/": "calls.call",
    "/api/transcripts/{refill}/": "transcript",
    "/api/tasks/{task}/": "tasks.task",
    "/api/tasks/": "tasks.task list",
    "/api/calls/": "calls.call list",
    "/api/escalations/": "escalations.escalation list",
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_and_api_read_is_one_row(path: str, shut: Closed, desks: dict[str, Client]) -> None:  # noqa: F811
    at = path.format(refill=shut.refill, task=shut.task, escalation=shut.escalation)

    (row,) = looked(shut, lambda: desks["carol"].get(at))

    assert (row["read"], row["who"]) == (PAGES[path], "carol@north.test")
    assert row["road"] == ("api" if at.startswith("/api/") else "page")
    ids = [part for part in at.split("/") if len(part) == 36]
    assert row["about"] == (ids[0] if ids else "")


def test_a_token_names_its_person(shut: Closed, carol: User) -> None:  # noqa: F811
    with inside(shut.clinic):
        token = issue_token(user=carol)

    told = looked(
        shut,
        lambda: client_on(shut.clinic).get(f"/api/tasks/{shut.task}/", HTTP_AUTHORIZATION=f"Token {token}"),
    )

    assert [(row["who"], row["road"]) for row in told] == [("carol@north.test", "api")]


def test_a_search_says_how_many_and_never_which_words(shut: Closed, desks: dict[str, Client]) -> None:  # noqa: F811
    def search(words: str, **headers: str) -> dict:
        (row,) = looked(shut, lambda: desks["carol"].post("/tasks/search/", {"q": words}, follow=True, **headers))
        return row

    first, again = search("Quorndale"), search("quorndale", HTTP_HX_REQUEST="true")
    other = search("quornda")

    assert (first["found"], first["rows"]) == (1, [str(shut.task)])
    assert first["searched"] == again["searched"] != other["searched"]


def test_a_worker_and_a_command_leave_rows_of_their_own(shut: Closed, tmp_path: Path) -> None:  # noqa: F811
    @for_the_system
    def text_the_patient() -> None:
        with inside(shut.clinic):
            patient_of_request(shut.task)

    (job,) = looked(shut, text_the_patient)
    command = looked(shut, lambda: call_command("export_reviews", "--clinic", "north", stdout=StringIO()))

    assert (job["read"], job["road"], job["job"], job["about"]) == (
        "tasks.task number", "job", "text_the_patient", str(shut.task),
    )  # fmt: skip
    assert [(row["read"], row["road"]) for row in command] == [("calls.utterance export", "command")]


@pytest.mark.parametrize(
    ("who", "path", "denied"),
    [
        ("alice", "/calls/{refill}/", 403),
        ("alice", "/api/transcripts/{refill}/", 403),
        ("alice", "/settings/sensitive/", 403),
        ("auditor", "/notifications/", 403),
        ("alice", "/tasks/{nothing}/", 404),
        ("alice", "/api/calls/{nothing}/", 404),
    ],
)
def test_who_is_refused_leaves_a_row(
    who: str, path: str, denied: int, shut: Closed, desks: dict[str, Client]  # noqa: F811
) -> None:  # fmt: skip
    nothing = uuid4()
    at = path.format(refill=shut.refill, nothing=nothing)

    (row,) = looked(shut, lambda: desks[who].get(at))

    assert row["denied"] == denied
    assert row["asked"].startswith("GET ")
    assert row["about"] == next((part for part in at.split("/") if len(part) == 36), "")


def test_strangers_and_pages_that_are_not_there_leave_none(shut: Closed, desks: dict[str, Client]) -> None:  # noqa: F811
    assert looked(shut, lambda: client_on(shut.clinic).get(f"/api/tasks/{shut.task}/")) == []
    assert looked(shut, lambda: desks["alice"].get("/nowhere/")) == []


def test_the_telephone_writes_no_row_so_that_no_caller_waits_for_the_chain(shut: Closed) -> None:  # noqa: F811
    from tests.calls.network import Network
    from tests.product.canaries import callback, emergency

    assert looked(shut, lambda: [call(Network(shut.clinic), shut.patient) for call in (callback, emergency)]) == []


@pytest.mark.slow
def test_a_thousand_reads_by_every_road_are_a_thousand_rows_without_a_patients_word(
    shut: Closed, desks: dict[str, Client], carol: User  # noqa: F811
) -> None:  # fmt: skip
    client = desks["carol"]
    with inside(shut.clinic):
        token = issue_token(user=carol)

    @for_the_system
    def text_the_patient() -> None:
        with inside(shut.clinic):
            patient_of_request(shut.task)

    def export() -> None:
        call_command("export_reviews", "--clinic", "north", stdout=StringIO())

    by_token = client_on(shut.clinic)
    roads: list[tuple[int, str, Callable[[], object]]] = [
        (20, "page", lambda: client.get(f"/tasks/{shut.task}/")),
        (20, "page", lambda: client.get(f"/calls/{shut.refill}/transcript/")),
        (20, "page", lambda: client.post("/tasks/search/", {"q": "Quorndale"}, follow=True)),
        (10, "page", lambda: client.get("/reviews/export/")),
        (150, "api", lambda: client.get(f"/api/tasks/{shut.task}/")),
        (150, "api", lambda: by_token.get(f"/api/tasks/{shut.task}/", HTTP_AUTHORIZATION=f"Token {token}")),
        (620, "job", text_the_patient),
        (10, "command", export),
    ]

    def read() -> None:
        for times, _, look in roads:
            for _ in range(times):
                look()

    told = looked(shut, read)

    assert len(told) == sum(times for times, _, _ in roads) == 1000
    expected = Counter()
    for times, road, _ in roads:
        expected[road] += times
    assert Counter(row["road"] for row in told) == expected


# --- The page --------------------------------------------------------------------------------------------------------
def entries_on(page: str) -> int:
    return page.count('<tr id="entry-')


def test_the_page_filters_and_pages_by_key(shut: Closed, desks: dict[str, Client], alice: User) -> None:  # noqa: F811
    with inside(shut.clinic):
        for number in range(120):
            audit.record_read(by=alice, what="calls.call", about=UUID(int=number))
    client = desks["auditor"]
    first = client.get("/audit/", {"person": alice.pk}).content.decode()
    older = first.split('id="older" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"/audit/{older}").content.decode()

    assert (entries_on(first), entries_on(second)) == (50, 50)
    assert set(first.split('id="entry-')[1:]).isdisjoint(second.split('id="entry-')[1:])
    assert entries_on(client.get("/audit/", {"about": UUID(int=7)}).content.decode()) == 1
    assert entries_on(client.get("/audit/", {"denied": "1"}).content.decode()) == 0
    desks["alice"].get(f"/calls/{shut.refill}/")
    assert entries_on(client.get("/audit/", {"denied": "1"}).content.decode()) == 1
    assert entries_on(client.get("/audit/", {"until": "2020-01-01"}).content.decode()) == 0
    assert entries_on(client.get("/audit/", {"kind": "glass"}).content.decode()) > 0
    nonsense = {"person": "x", "kind": "x", "about": "x", "since": "x", "until": "0001-01-01", "before": "x"}
    assert entries_on(client.get("/audit/", nonsense).content.decode()) == 50


def test_people_of_the_clinic_are_named_and_patients_are_not(
    shut: Closed, desks: dict[str, Client], alice: User, carol: User, bob: User  # noqa: F811
) -> None:  # fmt: skip
    """Ids of people are told by their names of today, wherever an entry has one: about whom, in what was changed."""
    desks["carol"].post(f"/settings/sensitive/{shut.refill}/people/", {"people": [str(bob.pk), str(carol.pk)]})
    desks["carol"].post(f"/settings/people/{alice.pk}/role/", {"role": "doctor"})
    desks["carol"].get(f"/calls/{shut.refill}/")

    page = desks["auditor"].get("/audit/").content.decode()
    shown = re.sub(r"<[^>]*>", "", page)

    assert "Bob Lee: named" in shown
    assert re.search(r"Changed role: staff → doctor", shown)
    assert f">{alice.name}</a>" in page
    assert str(bob.pk) not in shown
    assert str(alice.pk) not in shown
    assert hits(page, shut.patient) == []


def test_a_download_runs_nothing_in_a_spreadsheet(shut: Closed, desks: dict[str, Client]) -> None:  # noqa: F811
    with inside(shut.clinic):
        mallory = User.objects.create_user("m@north.test", None, name="=cmd|' /C calc'!A0", role="staff")
        audit.record_read(by=mallory, what="calls.call", about=shut.refill)

    answer = desks["carol"].get("/audit/export/", {"person": mallory.pk})

    head, line = csv.reader(StringIO(answer.content.decode()))
    assert head[:3] == ["number", "at", "who"]
    assert line[2] == "'=cmd|' /C calc'!A0"
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_calls_page_says_who_has_looked(shut: Closed, desks: dict[str, Client], alice: User) -> None:  # noqa: F811
    desks["alice"].get(f"/tasks/{shut.task}/")
    desks["carol"].get("/api/tasks/")

    page = desks["auditor"].get(f"/calls/{shut.refill}/looks/").content.decode()

    assert "Alice Moreno" in page
    assert "Refused" in page
    assert "Carol Diaz" in page
    assert hits(page, shut.patient) == []
    assert desks["alice"].get(f"/calls/{shut.refill}/looks/").status_code == 403
    assert "looks/" in desks["carol"].get(f"/calls/{shut.refill}/").content.decode()


def test_what_was_looked_at_has_words_in_the_trail() -> None:
    code = re.compile(r"""(?:what=|what = )"([^"]+)"(?: if [^"]+ else "([^"]+)")?""")
    sources = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "record_read(" in path.read_text()]
    named = {one for path in sources for found in code.findall(path.read_text()) for one in found if one}

    assert len(named) > 15
    assert named - set(READS) == set()
