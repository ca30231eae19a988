"""Days that are kept: the same as counted on the spot, found by what comes late, left alone by what is deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from analytics import board, counting, queries, rolling, spans
from analytics.models import Daily, Stretch
from analytics.rolling import numbers, roll_up
from analytics.spans import span
from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.retention import Retention
from clinics.tenancy import inside
from cliniqai.celery import BEAT, app
from tasks.models import Task
from tests.analytics.making import a_call, a_handover, a_task, a_turn, an_escalation, asked, done
from tests.bench.numbers import LARGE, fill

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TWO_DAYS_AGO = datetime(2026, 11, 18, 15, tzinfo=UTC)
THEN = date(2026, 11, 18)


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    with inside(north):
        yield north


@pytest.fixture
def a_day(at_north: Clinic, alice: User, bob: User) -> Call:
    """Something of everything."""
    call = a_call(at=TWO_DAYS_AGO, intent="refill", outcome="task", from_number="+12125550183", reprompts=2)
    for n, took in enumerate((9, 30, 2345)):
        stages = {"recogniser": 0, "transport": 120, "webhook": took, "model": 0, "speech": 0, "start": 250}
        a_turn(call, n, took, stages=stages)
    done(a_task(call, due=TWO_DAYS_AGO + timedelta(hours=2), unread=True), by=alice, at=TWO_DAYS_AGO)
    a_task(call, due=TWO_DAYS_AGO + timedelta(hours=1), number=2, kind="billing")
    an_escalation(call, "urgent", by=bob, after=33)
    a_handover(a_call(at=TWO_DAYS_AGO, outcome="handed_over", level="keypad"), talk_seconds=60)
    asked(call, "speech", trouble="timeout")
    a_call(at=NOW - timedelta(hours=1), language="es")
    return call


def shown(now: datetime = NOW) -> dict[str, dict[str, int]]:
    return numbers(span("7", now=now, zone=ZONE), now).tally


def test_kept_days_say_what_counting_on_the_spot_says(a_day: Call) -> None:
    before = shown()

    assert roll_up(NOW) > 0
    assert Daily.objects.get(day=THEN).parts["calls"]["intent"] == {"": 1, "refill": 1}
    assert shown() == before
    assert {
        "seconds",
        "turn_ms",
        "due in_time",
        "due open_late",
        "raised",
        "handover",
        "unread",
        "fate",
    } <= before.keys()


def test_a_page_takes_the_sum_of_its_days_and_reads_none_of_the_days_before(
    a_day: Call, django_assert_max_num_queries: Callable
) -> None:
    roll_up(NOW)
    Daily.objects.update(parts={})  # the moments of counting stay: the sums are believed

    now, before = span("7", now=NOW, zone=ZONE), spans.before(span("30", now=NOW, zone=ZONE))
    assert numbers(now, NOW).of("raised") == {"urgent": 1}
    with django_assert_max_num_queries(2):
        assert numbers(before, NOW, by_day=False).of("raised") == {}


def test_the_sums_of_the_days_before_still_tell_weekdays(a_day: Call) -> None:
    later = NOW + timedelta(days=7)
    before = spans.before(span("7", now=later, zone=ZONE))
    wednesday_and_friday = [0, 0, 2, 0, 1, 0, 0]

    assert queries.calls_on_weekdays(numbers(before, later, by_day=False)) == wednesday_and_friday
    roll_up(later)
    Daily.objects.update(parts={})
    assert queries.calls_on_weekdays(numbers(before, later, by_day=False)) == wednesday_and_friday


def test_a_day_that_is_counted_anew_makes_its_sums_worthless_at_once(a_day: Call) -> None:
    roll_up(NOW)
    assert shown()["raised"] == {"urgent": 1}
    day = Daily.objects.get(day=THEN)
    day.parts["alarms"]["raised"] = {"urgent": 5}
    day.counted_at += timedelta(microseconds=1)
    day.save()

    assert shown()["raised"] == {"urgent": 5}
    roll_up(NOW)  # what the rows say, in the day and in its sums
    assert shown()["raised"] == {"urgent": 1}
    assert Stretch.objects.count() == 7


@pytest.mark.parametrize("days", ["1", "7", "30", "90"])
def test_single_days_say_the_same_with_and_without_sums(a_day: Call, days: str) -> None:
    roll_up(NOW)
    asked_for = span(days, now=NOW, zone=ZONE)
    page = board.pages(asked_for, NOW)
    drawn = {slug: repr(board.chart(slug, page)) for slug in board.CHARTS}
    Stretch.objects.all().delete()

    page = board.pages(asked_for, NOW)
    assert {slug: repr(board.chart(slug, page)) for slug in board.CHARTS} == drawn


def test_counting_again_changes_nothing(a_day: Call) -> None:
    roll_up(NOW)
    kept = list(Daily.objects.values())

    assert roll_up(NOW) == 0
    assert list(Daily.objects.values()) == kept


def test_today_is_never_kept_and_always_counted(a_day: Call) -> None:
    roll_up(NOW)
    assert Daily.objects.filter(day__gte=date(2026, 11, 20)).count() == 0

    a_call(at=NOW - timedelta(minutes=1), language="es")

    assert shown()["language"] == {"en": 2, "es": 2}


def test_what_comes_late_finds_its_day(a_day: Call, alice: User) -> None:
    roll_up(NOW)
    late = Task.objects.get(call_id=a_day.id, kind="billing")
    done(late, by=alice, at=NOW)
    a_call(at=TWO_DAYS_AGO, intent="billing")

    assert roll_up(NOW) == 1

    assert shown()["due late"] == {"billing": 1}
    assert shown()["intent"]["billing"] == 1


def test_what_retention_deletes_stays_counted(a_day: Call, carol: User) -> None:
    roll_up(NOW)
    Retention.objects.create(artefact="calls", days=2, set_by=carol)
    Retention.objects.create(artefact="words", days=2, set_by=carol)
    before = shown()

    Turn.objects.all().delete()
    Call.objects.filter(started_at__lt=NOW - timedelta(days=1)).delete()
    roll_up(NOW)

    assert shown()["intent"] == before["intent"]
    assert shown()["turn_ms"] == before["turn_ms"]


def test_a_call_that_is_erased_leaves_its_day(a_day: Call) -> None:
    roll_up(NOW)
    a_day.delete()

    roll_up(NOW)

    assert "refill" not in shown()["intent"]


def test_a_day_that_is_not_kept_is_counted_on_the_spot(a_day: Call) -> None:
    roll_up(NOW)
    before = shown()
    Daily.objects.filter(day=THEN).delete()

    assert shown() == before


@pytest.mark.parametrize("part", counting.PARTS)
def test_a_part_that_kept_days_lack_is_counted_on_the_spot(part: str, a_day: Call) -> None:
    """As after a release that has learnt to count something new, before the job comes round."""
    roll_up(NOW)
    before = shown()
    for row in Daily.objects.all():
        del row.parts[part]
        row.counted_at = NOW
        row.save()

    assert shown() == before


def test_a_day_is_one_of_the_clinics_clock(at_north: Clinic) -> None:
    a_call(at=datetime(2026, 11, 19, 4, 30, tzinfo=UTC))  # 23:30 on the 18th in New York
    roll_up(NOW)

    assert Daily.objects.get(day=THEN).parts["calls"]["half_hour"] == {"47": 1}


def test_tests_and_drills_are_in_no_part(at_north: Clinic, bob: User) -> None:
    call = a_call(at=TWO_DAYS_AGO, test=True, intent="refill", outcome="task")
    a_turn(call, 1)
    a_task(call, due=TWO_DAYS_AGO, test=True)
    an_escalation(call, "urgent", by=bob, test=True)
    asked(call, "speech", trouble="timeout")

    assert shown() == {}


def test_no_patient_is_in_what_is_kept(a_day: Call) -> None:
    roll_up(NOW)

    told = json.dumps(list(Daily.objects.values_list("parts", flat=True)))
    assert "5550183" not in told
    assert str(a_day.id) not in told


def test_the_job_goes_through_every_clinic(north: Clinic, south: Clinic) -> None:
    for clinic in (north, south):
        with inside(clinic):
            a_call(at=TWO_DAYS_AGO)

    app.loader.import_default_modules()
    app.tasks[BEAT["numbers"]["task"]]()

    for clinic in (north, south):
        with inside(clinic):
            assert Daily.objects.count() == rolling.FIRST_DAYS


def test_today_is_read_by_indexes_alone(at_north: Clinic) -> None:
    """Over forty days of rows, so that reading all of them would not be the cheaper way."""
    fill(days=40, calls=16_000, turns=3)
    day = datetime.now(ZONE).date()
    asked_for = counting.arguments(
        since=spans.midnight(day, ZONE), until=spans.midnight(day + timedelta(days=1), ZONE), now=datetime.now(ZONE),
        zone=ZONE,
    )  # fmt: skip

    read_whole = {}
    with connection.cursor() as cursor:
        for name, part in counting.PARTS.items():
            cursor.execute("EXPLAIN " + part.sql, asked_for)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            found = [table for table in LARGE if f"Seq Scan on {table.removeprefix('public.')}" in plan]
            if found:
                read_whole[name] = found

    assert read_whole == {}
    assert "call_running" in Call.objects.running().real().explain()
