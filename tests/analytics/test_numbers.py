"""The clinic's numbers: what is counted, what is not, and the same in the page, the file and the API."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from analytics import board, machine, queries
from analytics.rolling import Numbers, numbers
from analytics.spans import span
from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from escalations.actions import acknowledge, raise_escalation
from escalations.models import Escalation
from tasks import actions
from tasks.models import Task
from tests.analytics.making import a_call

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
SignIn = Callable[[User], Client]


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    with inside(north):
        yield north


def week(now: datetime | None = None) -> Numbers:
    now = now or timezone.now()
    return numbers(span("7", now=now, zone=ZONE), now)


def a_task(*, due: timedelta, test: bool = False, kind: str = "callback") -> Task:
    return actions.open_task(
        kind=kind, summary="Call back", details={}, call_id=uuid4(), priority=2,
        due_at=timezone.now() + due, needs_decision=False, test=test,
    )  # fmt: skip


def test_calls_are_counted_without_tests(at_north: Clinic) -> None:
    for seconds in (60, 120, 240):
        a_call(seconds=seconds, outcome="task")
    a_call(seconds=6000, test=True)
    a_call(at=timezone.now() - timedelta(days=9), seconds=6000)
    a_call(seconds=30, outcome="abandoned")

    found = queries.calls(week())

    assert found.count == 4
    assert found.average == 112.5
    assert found.median == 90
    assert (found.abandoned.part, found.abandoned.whole) == (1, 4)


def test_hours_and_days_are_those_of_the_clinics_clock(at_north: Clinic) -> None:
    now = datetime(2026, 7, 8, 16, tzinfo=UTC)
    a_call(at=datetime(2026, 7, 8, 3, 30, tzinfo=UTC))  # 23:30 on the 7th in New York

    span_ = week(now)

    assert queries.calls_by_hour(span_)[23] == 1
    assert [(day.day, n) for day, n, _ in queries.calls_by_day(span_) if n] == [(7, 1)]


def test_work_is_in_time_late_or_late_and_open(at_north: Clinic, alice: User) -> None:
    done, late = a_task(due=timedelta(hours=1)), a_task(due=timedelta(minutes=-30))
    a_task(due=timedelta(minutes=-5))
    a_task(due=timedelta(minutes=-5), test=True)
    withdrawn = a_task(due=timedelta(minutes=-5))
    for task in (done, late):
        actions.complete(by=alice, task_id=task.id, version=1)
    actions.cancel(by=alice, task_id=withdrawn.id, version=1, reason="Called again")

    later = timezone.now() + timedelta(hours=2)
    (found,) = queries.completion(week(later))

    assert (found.in_time, found.late, found.open_late) == (1, 1, 1)
    assert queries.service_level([found]).words == "33 % (1 of 3)"


def test_what_is_not_due_yet_is_in_no_service_level(at_north: Clinic) -> None:
    a_task(due=timedelta(hours=1))

    assert queries.completion(week()) == []


def test_escalations_tell_how_soon_a_person_had_them(at_north: Clinic, bob: User) -> None:
    def raised(reason: str, *, test: bool = False) -> Escalation:
        return raise_escalation(
            reason=reason, level="emergency", summary="Possible", call_id=uuid4(), from_number="", patient_name="",
            words="", test=test,
        )  # fmt: skip

    first, _, drill = raised("emergency"), raised("emergency"), raised("crisis", test=True)
    acknowledge(by=bob, escalation_id=first.id)
    acknowledge(by=bob, escalation_id=drill.id)
    Escalation.objects.filter(pk=first.id).update(seconds_to_acknowledge=42)

    (found,) = queries.escalations(week())

    assert (found.reason, found.count, found.unanswered, found.median) == ("emergency", 2, 1, 42)


def test_answer_times_leave_out_the_greeting_and_tests(at_north: Clinic) -> None:
    def turn(call: Call, n: int, took: int) -> None:
        Turn.objects.create(call=call, n=n, language="en", said="x", reply={}, state={}, took_ms=took)

    call, test = a_call(), a_call(test=True)
    turn(call, 0, 9000)
    for n, took in ((1, 10), (2, 20), (3, 30)):
        turn(call, n, took)
    turn(test, 1, 9000)

    assert [p50 for _, p50, _ in machine.answer_times(week()) if p50 is not None] == [20]


# --- The page, the file, the API -------------------------------------------------------------------------------------
@pytest.fixture
def some_calls(at_north: Clinic) -> None:
    for hour in (9, 9, 14):
        a_call(at=datetime.now(ZONE).replace(hour=hour, minute=5), intent="refill", outcome="task")


def test_the_page_is_for_admins(carol: User, alice: User, bob: User, client_of: SignIn) -> None:
    assert client_of(carol).get("/")["Location"] == "/analytics/"
    assert client_of(carol).get("/analytics/").status_code == 200
    for person in (alice, bob):
        assert client_of(person).get("/analytics/").status_code == 403


def test_every_chart_has_a_name_a_sentence_and_a_table(some_calls: None, carol: User, client_of: SignIn) -> None:
    page = client_of(carol).get("/analytics/?days=7").text

    for slug in ("hourly", "duration", "answers", "intents"):
        assert f'id="{slug}-title"' in page
        assert f'id="{slug}-desc"' in page
        assert f'id="numbers-{slug}"' in page
    assert "3 calls in 7 days; most, 2, between 9:00 and 10:00." in page


def test_the_bars_the_table_the_file_and_the_api_say_the_same(some_calls: None, carol: User, client_of: SignIn) -> None:
    browser = client_of(carol)
    page = browser.get("/analytics/?days=7").text
    rows = list(csv.reader(StringIO(browser.get("/analytics/hourly.csv?days=7").text)))
    hours = browser.get("/api/analytics/hourly/?days=7").json()["hours"]
    summary = browser.get("/api/analytics/summary/?days=7").json()

    drawn = [int(n) for n in re.findall(r'<rect class="bar-1"[^>]*><title>\d\d:00: (\d+)</title>', page)]
    assert drawn == [int(row[1]) for row in rows[1:]] == [hour["calls"] for hour in hours]
    assert sum(drawn) == summary["calls"] == 3
    assert summary["intents"] == {"refill": 3}


def test_a_clinic_without_calls_says_so(carol: User, client_of: SignIn) -> None:
    page = client_of(carol).get("/analytics/").text

    assert "none yet" in page
    assert "No data yet" in page


def test_another_clinics_calls_are_not_counted(south: Clinic, carol: User, client_of: SignIn) -> None:
    with inside(south):
        a_call()

    assert client_of(carol).get("/api/analytics/summary/").json()["calls"] == 0


@pytest.mark.parametrize("query", ["days=8", "days=x", "days=-1"])
def test_the_api_refuses_days_that_it_does_not_know(query: str, carol: User, client_of: SignIn) -> None:
    answer = client_of(carol).get(f"/api/analytics/summary/?{query}")

    assert answer.status_code == 400
    assert "days" in answer.json()["error"]["fields"]


def test_no_chart_of_this_name_is_a_404(carol: User, client_of: SignIn) -> None:
    assert client_of(carol).get("/analytics/nonsense.csv").status_code == 404


@pytest.mark.parametrize("slug", board.CHARTS)
def test_every_chart_can_be_downloaded(slug: str, some_calls: None, carol: User, client_of: SignIn) -> None:
    answer = client_of(carol).get(f"/analytics/{slug}.csv?days=30")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(StringIO(answer.text)))
