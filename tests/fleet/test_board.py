"""All clinics side by side for operators: red where somebody is needed, and not a word of a patient's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinics.backups.models import Backup
from clinics.fleet.board import board
from clinics.fleet.models import Upgrade
from clinics.models import Agreement, Clinic, Drill
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Incident, ServiceCount
from tests.analytics.making import a_message
from tests.conftest import PASSWORD
from tests.sealing.test_fields import NAME, a_task

pytestmark = pytest.mark.django_db


def cells(clinic: Clinic) -> dict[str, tuple[str, bool]]:
    columns, lines = board()
    (line,) = [line for line in lines if line.clinic == clinic]
    return {name: (cell.text, cell.red) for name, cell in zip(columns, line.cells, strict=True)}


def in_order(clinic: Clinic) -> None:
    now = timezone.now()
    Drill.objects.create(clinic=clinic, state="passed", finished_at=now)
    Agreement.objects.create(clinic=clinic, provider="Twilio", signed_on=date(2026, 1, 2))
    Backup.objects.create(clinic=clinic, file="a", digest="b", size=1, verified_at=now, restored=True)


def test_a_clinic_in_order_needs_nobody_and_stands_below_the_others(north: Clinic, south: Clinic) -> None:
    in_order(south)

    lines = board()[1]

    assert [line.clinic for line in lines] == [north, south]
    assert lines[1].red == 0
    assert cells(south)["Backup"] == ("fresh and proved", False)
    red = {name for name, (_, is_red) in cells(north).items() if is_red}
    assert red == {"Fire drill", "Backup", "Agreement"}


def test_each_thing_that_goes_stale_turns_red(north: Clinic) -> None:
    in_order(north)
    now = timezone.now()

    Agreement.objects.update(ends_on=now.date() + timedelta(days=20))
    Drill.objects.update(finished_at=now - timedelta(days=31))
    Backup.objects.update(verified_at=now - timedelta(days=9))
    Incident.objects.create(name="dead.urgent", clinic=north, worst=1)
    with inside(north):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")
    ServiceCount.objects.create(name="turn", clinic=north, bucket=now - timedelta(days=3), good=90, bad=10)
    a_message(north, "sms", at=now - timedelta(minutes=2), state="dead")
    a_message(north, "inbox", at=now - timedelta(hours=1), late_ms=1500)
    Upgrade.objects.create(clinic=north, state="failed", stopped_at="tasks.0001_initial", code="Error 42P07", by="x")

    seen = cells(north)
    assert {name for name, (_, is_red) in seen.items() if is_red} == {
        *("Migrations", "Fire drill", "Backup", "Agreement", "Dead letters", "Incidents", "Error budgets")
    }
    assert (seen["Dead letters"][0], seen["Error budgets"][0]) == ("1", "used up: turn")
    assert seen["Delivered in a day"] == ("1, 95 of 100 in 1.5 s", False)
    assert seen["Migrations"][0] == "stopped at tasks.0001_initial: Error 42P07"
    Backup.objects.update(made_at=now - timedelta(hours=30))
    assert cells(north)["Backup"] == ("30 hours ago", True)


def test_a_closed_clinic_is_not_asked_for_drills(north: Clinic) -> None:
    Clinic.objects.filter(pk=north.pk).update(suspended_at=timezone.now())

    assert cells(north)["Service"] == ("suspended", False)
    assert not cells(north)["Fire drill"][1]


def test_more_clinics_are_not_more_questions(
    north: Clinic, south: Clinic, django_assert_max_num_queries: Callable
) -> None:
    for number in range(30):
        clinic = Clinic(slug=f"more{number}", schema_name=f"more{number}", name=f"More {number}")
        clinic.auto_create_schema = False
        clinic.save()

    with django_assert_max_num_queries(30):
        assert len(board()[1]) == 32


@pytest.mark.django_db(transaction=True)
def test_an_operator_sees_it_and_nobody_else_and_no_patient_is_in_it(north: Clinic, client_of: Callable) -> None:
    User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")
    with inside(north):
        a_task()
        alice = User.objects.get(email="alice@north.test")
    desk = Client(HTTP_HOST=settings.BASE_DOMAIN)
    assert desk.get("/admin/fleet/").status_code == 302
    desk.post("/sign-in/", {"email": "olga@cliniqai.test", "password": PASSWORD, "next": "/admin/"})

    page = desk.get("/admin/fleet/")

    assert page.status_code == 200
    assert "2 of 2 clinics need somebody" in page.content.decode()
    assert NAME not in page.content.decode()
    assert client_of(alice).get("/admin/fleet/").status_code == 404
