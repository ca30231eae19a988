"""Objectives are counted, their budgets burn, and a burn is an incident; what the dashboards name exists."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from notifications.kinds import Lane
from notifications.models import Delivery, DeliveryState, Event, EventState, Incident, ServiceCount
from notifications.watching import columns, counting, incidents, service
from notifications.watching.objectives import OBJECTIVES, Count, budget_left, burn, burning

ROOT = Path(__file__).resolve().parents[2]


# --- Pure ----
def test_a_burn_of_one_uses_the_budget_up() -> None:
    assert burn(Count(999, 1), 0.999) == pytest.approx(1)
    assert budget_left(Count(999, 1), 0.999) == pytest.approx(0)
    assert budget_left(Count(1000, 0), 0.999) == 1
    assert (burn(Count(), 0.999), Count().ratio) == (0, None)


@pytest.mark.parametrize(
    ("windows", "alarm"),
    [
        ({60: Count(900, 100), 5: Count(70, 30)}, True),
        ({60: Count(900, 100), 5: Count(100, 0)}, False),  # it is over
        ({60: Count(9990, 10), 5: Count(70, 30)}, False),  # it matters to nobody yet
        ({360: Count(990, 10), 30: Count(95, 5), 60: Count(200, 2), 5: Count(20, 0)}, True),  # slow
        ({60: Count(0, 2), 5: Count(0, 2)}, False),  # two calls are no alarm
    ],
)
def test_an_alarm_needs_both_windows(windows: dict[int, Count], alarm: bool) -> None:
    assert (burning(windows, 0.999) >= 1) is alarm


# --- Counted ----
@pytest.fixture
def event(north: Clinic) -> Callable[..., Event]:
    def make(kind: str, *, ago: float, about: uuid.UUID | None = None, test: bool = False) -> Event:
        about = about or uuid.uuid4()
        moment = timezone.now() - timedelta(seconds=ago)
        return Event.objects.create(
            clinic=north, kind=kind, about=about, path="/tasks/", key=f"{kind}:{about}", lane=Lane.URGENT, test=test,
            state=EventState.PLANNED, expires_at=moment + timedelta(days=1), created_at=moment,
        )  # fmt: skip

    return make


def counted(name: str) -> Count:
    return service.of_everybody(service.of_days())[name]


@pytest.mark.django_db
def test_the_outbox_tells_who_was_late(event: Callable[..., Event], north: Clinic) -> None:
    for wait in (60, 299, 301):
        raised = event("escalation.raised", ago=1000)
        event("escalation.acknowledged", ago=1000 - wait, about=raised.about)
    event("escalation.raised", ago=1000)  # nobody
    event("escalation.raised", ago=100)  # undecided
    event("escalation.raised", ago=1000, test=True)
    for took in (5, 31):
        one = event("escalation.step", ago=900)
        began = one.created_at
        Delivery.objects.create(
            event=one, clinic=north, channel="sms", policy="reconcile", lane=Lane.URGENT, state=DeliveryState.SENT,
            expires_at=one.expires_at, created_at=began, done_at=began + timedelta(seconds=took),
        )  # fmt: skip
    event("task.opened", ago=900)
    event("promise.broken", ago=900)

    for _ in range(2):  # twice is once
        service.count()

    assert (counted("acknowledge"), counted("delivery"), counted("tasks")) == (Count(2, 2), Count(1, 1), Count(1, 1))


@pytest.mark.django_db
def test_turns_are_counted_in_memory_and_written_now_and_then(
    north: Clinic, south: Clinic, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable
) -> None:
    monkeypatch.setattr(counting, "_sums", {})
    monkeypatch.setattr(counting, "_written", float("inf"))
    with django_assert_num_queries(0):
        for seconds in (0.1, 1.4, 1.6):
            counting.turn(north.pk, answered=True, seconds=seconds)
        counting.turn(south.pk, answered=False, seconds=0.1)

    counting.write()
    counting.write()

    assert (counted("webhook"), counted("turn")) == (Count(3, 1), Count(3, 1))
    monkeypatch.setattr(counting, "_written", float("-inf"))
    counting.turn(north.pk, answered=True, seconds=0.1)
    assert counted("webhook") == Count(4, 1)


@pytest.mark.django_db
def test_a_burn_is_one_incident_of_its_clinic(north: Clinic, south: Clinic) -> None:
    now = timezone.now()
    ServiceCount.objects.create(name="webhook", clinic=north, bucket=now - timedelta(minutes=2), good=5, bad=5)
    ServiceCount.objects.create(name="webhook", clinic=south, bucket=now - timedelta(minutes=2), good=9999, bad=1)

    for _ in range(2):
        incidents.look()

    told = Incident.objects.get(name="slo.webhook")
    assert told.clinic == north
    assert told.sentence.startswith("Turns of calls fail: callers are put through.")
    assert columns.objectives(now)[north.pk].red
    assert columns.objectives(now)[south.pk].text == "90% of webhook left"


@pytest.mark.django_db
def test_past_days_are_added_up_and_lose_nothing(north: Clinic) -> None:
    now = timezone.now()
    for minutes in range(0, 60, 5):
        when = now - timedelta(days=4, minutes=minutes)
        ServiceCount.objects.create(name="turn", clinic=north, bucket=when, good=10, bad=1)
    ServiceCount.objects.create(name="turn", clinic=north, bucket=now - timedelta(days=40), good=7)

    for _ in range(2):
        service.tidy()

    assert ServiceCount.objects.count() <= 2  # the hour may have lain across midnight
    assert counted("turn") == Count(120, 12)


# --- What watches it ----
@pytest.mark.django_db
def test_dashboards_and_rules_name_only_what_is_there(north: Clinic) -> None:
    connection.set_schema_to_public()
    ServiceCount.objects.create(name="turn", clinic=north, bucket=timezone.now(), good=10)
    from notifications.heartbeat import beat

    beat("worker")
    beat("sweeper")
    told = Client(HTTP_HOST="localhost").get("/metrics").content.decode()
    there = set(re.findall(r"^# TYPE (cliniqai_\w+)", told, re.MULTILINE))
    dashboard = json.loads((ROOT / "docs/monitoring/grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    rules = (ROOT / "docs/monitoring/alerts.yml").read_text()

    named = set(re.findall(r"\bcliniqai_\w+", asked + rules))
    assert named - there == set()
    assert there - named - {"cliniqai_slo_goal"} == set(), "nobody looks at these"
    minutes = set(re.findall(r'minutes="(\d+)"', asked + rules))
    assert minutes <= set(re.findall(r'cliniqai_slo_burn\{minutes="(\d+)"', told))
    assert set(OBJECTIVES) == set(re.findall(r'cliniqai_slo_goal\{objective="(\w+)"', told))
