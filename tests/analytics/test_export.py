"""The figures are those of the rows: counted again, by hand, out of the export."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from analytics import rows
from analytics.rolling import roll_up
from calls.sensitive.actions import mark
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.analytics.making import a_call, a_handover, a_task, a_turn, an_escalation, asked, done

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
SignIn = Callable[[User], Client]


@pytest.fixture
def a_week(north: Clinic, alice: User, bob: User) -> Iterator[datetime]:
    """Calls of six days and of today, with work, alarms, handovers and errors."""
    now = datetime.now(ZONE)
    with inside(north):
        for number in range(35):
            at = now - timedelta(days=number % 7, minutes=number + 1)
            wish, ended = [
                ("refill", "task"),
                ("billing", "answered"),
                ("", "abandoned"),
                ("refill", "handed_over"),
                ("appointment", "task"),
            ][number % 5]
            call = a_call(
                at=at, seconds=20 + 7 * number, intent=wish, outcome=ended, language="es" if number % 3 else "en",
                from_number=f"+1212555{1000 + number}", reprompts=number % 4,
                level="keypad" if number % 10 == 9 else "rules",
            )  # fmt: skip
            for n in range(number % 3 + 1):
                a_turn(call, n, 10 * number + n)
            if ended == "task":
                due = at + timedelta(minutes=number % 2)  # due already, or a little later
                task = a_task(call, due=due, kind=wish, unread=number % 4 == 0)
                if number % 3:
                    done(task, by=alice, at=at + timedelta(seconds=30))
            if number % 6 == 0:
                an_escalation(call, "urgent", by=bob if number % 12 else None, after=number)
            if ended == "handed_over":
                a_handover(call, talk_seconds=[None, 5, 45][number % 3])
            if number % 8 == 0:
                asked(call, "speech", trouble="timeout")
        yield now


def exported(browser: Client) -> list[dict[str, str]]:
    answer = browser.get("/analytics/calls.csv?days=7")
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize("kept", [False, True])
def test_the_figures_are_those_of_the_export(kept: bool, a_week: datetime, carol: User, client_of: SignIn) -> None:
    if kept:
        roll_up()
    browser = client_of(carol)

    told: dict[str, Any] = browser.get("/api/analytics/summary/?days=7").json()
    hours = browser.get("/api/analytics/hourly/?days=7").json()
    found = exported(browser)

    lengths = [int(row["duration_sec"]) for row in found]
    assert told["calls"] == len(found) == 35
    assert told["average_duration_sec"] == pytest.approx(mean(lengths))
    assert told["median_duration_sec"] == median(lengths)
    for figure, column in (
        ("intents", "intent"),
        ("outcomes", "outcome"),
        ("languages", "language"),
        ("levels", "level"),
    ):
        assert told[figure] == Counter(row[column] for row in found), figure
    began = [datetime.fromisoformat(row["started_at"]) for row in found]
    assert {one["hour"]: one["calls"] for one in hours["hours"] if one["calls"]} == Counter(at.hour for at in began)
    assert [sum(day) for day in hours["weekdays"]] == [sum(at.weekday() == day for at in began) for day in range(7)]
    assert told["abandoned_rate"] == sum(row["outcome"] == "abandoned" for row in found) / 35
    assert told["fates"] == Counter(row["fate"] for row in found if row["fate"])
    assert told["reprompts_per_call"] == mean(int(row["reprompts"]) for row in found)
    assert told["unread"] == Counter(field for row in found for field in row["unread"].split())
    assert told["degraded_calls"] == sum(row["level"] == "keypad" for row in found)
    assert {one["stage"]: one["failed"] for one in told["stages"]} == {
        "speech": sum(int(row["provider_errors"]) for row in found)
    }


@pytest.mark.parametrize("kept", [False, True])
def test_so_are_those_of_what_came_after(kept: bool, a_week: datetime, carol: User, client_of: SignIn) -> None:
    if kept:
        roll_up()
    browser = client_of(carol)

    told: dict[str, Any] = browser.get("/api/analytics/summary/?days=7").json()
    found = exported(browser)

    work = Counter(one for row in found for one in row["tasks"].split() if not one.endswith((":not_due", ":cancelled")))
    said = Counter()
    for one in told["completion"]:
        for became in ("in_time", "late", "open_late"):
            said[f"{one['kind']}:{became}"] += one[became]
    assert +said == work
    assert len(work) > 3
    raised = [one for row in found for one in row["escalations"].split()]
    times = sorted(int(one) for row in found for one in row["seconds_to_acknowledge"].split() if one != "none")
    (urgent,) = told["escalations"]
    assert urgent["count"] == len(raised) == 6
    assert urgent["unanswered"] == len(raised) - len(times)
    assert urgent["median_seconds_to_acknowledge"] == median(times)
    handed = [one for row in found for one in row["handover"].split()]
    assert told["handovers"] == len(handed) == 7
    assert told["handovers_held_rate"] == handed.count("held") / 7


def test_the_api_has_the_rows_of_the_file(a_week: datetime, carol: User, client_of: SignIn) -> None:
    browser, found, url = client_of(carol), [], "/api/analytics/calls/?days=7&page_size=10"
    while url:
        answer = browser.get(url).json()
        found += answer["results"]
        url = answer["next"]

    written = exported(browser)

    assert [row["id"] for row in found] == [row["id"] for row in written]
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in found] == written


def test_no_patient_is_in_the_export(a_week: datetime, carol: User, client_of: SignIn) -> None:
    text = b"".join(client_of(carol).get("/analytics/calls.csv?days=7").streaming_content).decode()

    assert "+1212" not in text
    assert text.splitlines()[0] == ",".join(rows.COLUMNS)


def test_of_a_closed_call_the_export_says_when_it_was_and_no_more(
    a_week: datetime, north: Clinic, alice: User, carol: User, client_of: SignIn
) -> None:
    with inside(north):
        call = a_call(at=a_week - timedelta(seconds=1), intent="refill", outcome="task")
        mark(call_id=call.id, why="vip", by=carol, people=[alice])
    found = {row["id"]: row for row in exported(client_of(carol))}

    shown = {name: value for name, value in found[str(call.id)].items() if value}
    assert shown.keys() == {"id", "started_at", "closed"}
    assert shown["closed"] == "True"
