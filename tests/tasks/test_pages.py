"""The queue and one task, as each role sees them, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Event
from tasks import actions
from tasks.models import Decision, Note, Task
from tests.conftest import client_on

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
SEEN = {"version": 1, "origin": "row"}
DEEDS = ("claim", "release", "complete", "reopen", "cancel", "decide", "notes")
SignIn = Callable[[User], Client]
Opened = Callable[..., Task]


def short(task: Task) -> str:
    """How a row's ids name their task."""
    return task.id.hex[-12:]


def again(task: Task, clinic: Clinic) -> Task:
    with inside(clinic):
        return Task.objects.with_people().get(pk=task.pk)


def test_everyone_of_the_clinic_sees_the_queue(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, carol: User
) -> None:
    a_task()
    for person in (alice, bob, carol):
        page = client_of(person).get("/tasks/")
        assert page.status_code == 200
        assert "Maria Álvarez" in page.text
        assert "Call back about a bill" in page.text
        assert "<h1>Task queue</h1>" in page.text


def test_strangers_are_sent_to_sign_in_and_nothing_is_written(a_task: Opened, north: Clinic) -> None:
    task = a_task()
    stranger = client_on(north)

    for path in ("/tasks/", task.path):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")
    for deed in DEEDS:
        assert stranger.post(f"{task.path}{deed}/", {"version": 1}).status_code == 302

    assert again(task, north).version == 1


def test_another_clinics_people_find_nothing(a_task: Opened, client_of: SignIn, dave: User, north: Clinic) -> None:
    task = a_task()
    client = client_of(dave)

    assert "Maria" not in client.get("/tasks/").text
    assert client.get(task.path).status_code == 404
    for deed in DEEDS:
        given = {"version": 1, "verdict": "approved", "reason": "x", "words": "x"}
        assert client.post(f"{task.path}{deed}/", given).status_code in (403, 404), deed
    assert again(task, north).version == 1


def test_a_deed_is_a_post(a_task: Opened, client_of: SignIn, alice: User) -> None:
    task = a_task()
    assert [client_of(alice).get(f"{task.path}{deed}/").status_code for deed in DEEDS] == [405] * len(DEEDS)


# --- Working with scripts -------------------------------------------------------------------------------------------
def test_claiming_swaps_the_row_in_place(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    task = a_task()

    answer = client_of(alice).post(f"{task.path}claim/", SEEN, **HTMX)

    assert answer.status_code == 200
    assert f'<tr id="task-{short(task)}"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "<html" not in answer.text
    assert "say" in answer["HX-Trigger"]
    assert again(task, north).assignee == alice


def test_who_comes_second_gets_409_with_the_fresh_row(
    a_task: Opened, client_of: SignIn, alice: User, carol: User
) -> None:
    task = a_task()
    client_of(alice).post(f"{task.path}claim/", SEEN, **HTMX)

    answer = client_of(carol).post(f"{task.path}claim/", SEEN, **HTMX)

    assert answer.status_code == 409
    assert f'id="task-{short(task)}"' in answer.text
    assert "Taken by Alice Moreno at " in answer.text


def test_only_a_doctor_decides(a_task: Opened, client_of: SignIn, alice: User, bob: User, north: Clinic) -> None:
    task = a_task(kind="refill", needs_decision=True)
    given = {"version": 1, "verdict": "rejected", "reason": "needs a visit", "origin": "card"}

    assert client_of(alice).post(f"{task.path}decide/", given).status_code == 403
    answer = client_of(bob).post(f"{task.path}decide/", {**given, "reason": ""}, **HTMX)
    assert answer.status_code == 422
    assert "Write why you reject it" in answer.text
    answer = client_of(bob).post(f"{task.path}decide/", given, **HTMX)
    assert answer.status_code == 200
    assert "needs a visit" in answer.text
    answer = client_of(bob).post(f"{task.path}decide/", {**given, "verdict": "approved"}, **HTMX)
    assert answer.status_code == 409
    assert "Bob Lee has rejected it." in answer.text

    with inside(north):
        assert Decision.objects.get().verdict == "rejected"


def test_a_doctor_is_offered_the_decision_that_names_the_patient_and_staff_read_why_not(
    a_task: Opened, client_of: SignIn, alice: User, bob: User
) -> None:
    task = a_task(kind="refill", needs_decision=True)

    assert "Approve refill for Maria Álvarez" in client_of(bob).get(task.path).text
    page = client_of(alice).get(task.path).text
    assert "Approve refill" not in page
    assert "Only Doctor may approve or reject requests." in page
    assert 'aria-disabled="true" title="A doctor has to decide first."' in page


def test_nonsense_in_a_form_is_answered_with_the_row(a_task: Opened, client_of: SignIn, alice: User) -> None:
    task = a_task()
    for version in ("", "x", "-1", "9" * 40):
        answer = client_of(alice).post(f"{task.path}claim/", {**SEEN, "version": version}, **HTMX)
        assert answer.status_code == 422
        assert f"task-{short(task)}" in answer.text


# --- Working without scripts ----------------------------------------------------------------------------------------
def test_without_scripts_a_deed_leads_back_to_the_page_it_was_on(
    a_task: Opened, client_of: SignIn, alice: User, north: Clinic
) -> None:
    task = a_task()
    client = client_of(alice)
    host = client.defaults["HTTP_HOST"]

    answer = client.post(
        f"{task.path}claim/", {"version": 1}, headers={"referer": f"http://{host}/tasks/?kind=callback"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/tasks/?kind=callback")

    answer = client.post(f"{task.path}complete/", {"version": 2}, headers={"referer": "https://evil.test/x"})
    assert (answer.status_code, answer["Location"]) == (302, task.path)
    assert again(task, north).status == "completed"


def test_without_scripts_a_conflict_is_a_page_that_says_so(
    a_task: Opened, client_of: SignIn, alice: User, carol: User
) -> None:
    task = a_task()
    client_of(alice).post(f"{task.path}claim/", {"version": 1})

    answer = client_of(carol).post(f"{task.path}claim/", {"version": 1})

    assert answer.status_code == 409
    assert "Taken by Alice Moreno at " in answer.text
    assert "<html" in answer.text


def test_a_note_is_added_and_shown(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    task = a_task()
    client = client_of(alice)

    assert client.post(f"{task.path}notes/", {"version": 1, "words": "<b>Rang twice</b>"}).status_code == 302

    assert "&lt;b&gt;Rang twice&lt;/b&gt;" in client.get(task.path).text
    with inside(north):
        assert Note.objects.get().written_by == alice


# --- The list -------------------------------------------------------------------------------------------------------
def test_tabs_filters_and_search_live_in_the_url(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    a_task(patient_name="Maria Álvarez", kind="callback")
    claimed = a_task(patient_name="John Smith", kind="billing", callback_number="+12025550177")
    done = a_task(patient_name="Ana Torres", kind="refill", details={"medication": "Lantus"})
    a_task(patient_name="Doc Patient", kind="test_result", needs_decision=True)
    with inside(north):
        actions.claim(by=alice, task_id=claimed.id, version=1)
        actions.complete(by=alice, task_id=done.id, version=1)
    client = client_of(alice)

    def names(query: str, words: str = "") -> set[str]:
        if words:
            params = dict(parse_qsl(query.lstrip("?")))
            page = client.post("/tasks/search/", {**params, "q": words}, follow=True).text
        else:
            page = client.get(f"/tasks/{query}").text
        return {name for name in ("Álvarez", "Smith", "Torres", "Doc Patient") if f"{name}</a>" in page}

    assert names("") == {"Álvarez", "Doc Patient"}
    assert names("?status=in_progress") == {"Smith"}
    assert names("?status=completed") == {"Torres"}
    assert names("?status=decision") == {"Doc Patient"}
    assert names("", "alv") == {"Álvarez"}
    assert names("", "a") == {"Álvarez", "Doc Patient"}
    assert names("?status=completed", "lantus") == {"Torres"}
    assert names("?status=in_progress", "555-0177") == {"Smith"}
    assert names("?kind=callback") == {"Álvarez"}
    assert names("?status=in_progress&owner=me") == {"Smith"}
    assert names(f"?status=in_progress&owner={alice.id}") == {"Smith"}
    assert names("?owner=none") == {"Álvarez", "Doc Patient"}
    assert names(f"?owner={uuid4()}") == set()
    assert names("?status=nonsense&kind=x&owner=y&after=zzz") == {"Álvarez", "Doc Patient"}


def test_the_search_is_told_back_and_can_be_cleared(a_task: Opened, client_of: SignIn, alice: User) -> None:
    page = client_of(alice).post("/tasks/search/", {"q": "<script>nobody"}, follow=True).text
    assert "Nothing here matches “&lt;script&gt;nobody”." in page
    assert "Clear all" in page
    assert "<script>nobody" not in page


def test_htmx_gets_the_list_alone_and_a_restored_history_the_whole_page(
    a_task: Opened, client_of: SignIn, alice: User
) -> None:
    a_task()
    client = client_of(alice)

    part = client.get("/tasks/", **HTMX)
    assert "<html" not in part.text
    assert 'id="queue-rows"' in part.text
    assert "data-live" in part.text
    whole = client.get("/tasks/", **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true")
    assert "<html" in whole.text
    assert "HX-Request" in part["Vary"]
    assert "no-store" in part["Cache-Control"]
    panel = client.get(Task.objects.none().model(id=uuid4()).path, **HTMX)
    assert panel.status_code == 404


def test_pages_of_fifty_neither_skip_nor_repeat(a_task: Opened, client_of: SignIn, alice: User) -> None:
    now = timezone.now()
    made = {short(a_task(due_at=now + timedelta(minutes=n // 3), patient_name=f"P{n}")) for n in range(120)}
    client, url, seen, sizes = client_of(alice), "/tasks/", [], []

    while url:
        answer = client.get(url, **HTMX)
        rows = [part.split('"')[0] for part in answer.text.split('<tr id="task-')[1:]]
        seen += rows
        sizes.append(len(rows))
        more = answer.text.split('id="load-more" href="')
        url = "/tasks/" + more[1].split('"')[0].replace("&amp;", "&") if len(more) > 1 else ""

    assert sizes == [50, 50, 20]
    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == made


@pytest.mark.usefixtures("timeless")
def test_a_full_page_costs_the_same_few_queries_however_many_rows(
    a_task: Opened, client_of: SignIn, alice: User, bob: User, north: Clinic
) -> None:
    def cost(path: str) -> int:
        client.get(path)  # what a process believes for some seconds is looked up now
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    client = client_of(alice)
    a_task()
    few = cost("/tasks/")
    for number in range(100):
        task = a_task(kind="refill", needs_decision=True, callback_number=f"+1202555{number:04d}")
        with inside(north):
            actions.decide(by=bob, task_id=task.id, version=1, verdict="approved")
            actions.claim(by=alice, task_id=task.id, version=2)

    assert cost("/tasks/?status=in_progress") <= few
    assert few <= 14, few


def test_reading_one_task_is_written_down(a_task: Opened, client_of: SignIn, alice: User, north: Clinic) -> None:
    task = a_task()
    client_of(alice).get(task.path)

    with inside(north):
        entry = LogEntry.objects.get(object_pk=str(task.id))
    assert (entry.action, entry.actor_id) == (LogEntry.Action.ACCESS, alice.id)


def test_a_page_of_fifty_rows_stays_small(a_task: Opened, client_of: SignIn, alice: User) -> None:
    for number in range(51):
        a_task(patient_name=f"Patient Number {number}", summary="Medication request: Lantus; CVS on Main Street, today")
    assert len(client_of(alice).get("/tasks/").content) < 60_000


def test_who_called_back_in_vain_writes_it_down_and_it_is_announced_once(
    a_task: Opened, client_of: SignIn, alice: User, north: Clinic
) -> None:
    task = a_task()
    client = client_of(alice)

    for _ in range(2):
        answer = client.post(f"{task.path}missed/", {"version": 1, "origin": "card"}, **HTMX)
        assert answer.status_code == 200

    with inside(north):
        assert [note.words for note in Note.objects.all()] == ["Called back, not reached."] * 2
        done = actions.cancel(by=alice, task_id=task.id, version=1, reason="they rang themselves")
    assert Event.objects.filter(kind="task.missed", about=task.id).count() == 1
    answer = client.post(f"{task.path}missed/", {"version": done.version, "origin": "card"}, **HTMX)
    assert answer.status_code == 422
    assert "Called back, not reached</button>" not in client.get(task.path).text
