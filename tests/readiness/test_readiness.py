"""How ready a clinic is, out of its own rows: for its admins live, for operators hourly. It moves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from calls.models import Call, Review
from calls.readiness.criteria import Readiness
from calls.readiness.keeping import measure_all
from calls.readiness.measuring import readiness
from clinics.fleet.board import board
from clinics.fleet.models import ClinicPhase
from clinics.models import Clinic, Drill
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice import policies
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import ServiceCount
from tasks.models import Promise
from tests.conftest import PASSWORD
from tests.reviews.conftest import set_policy
from tests.sealing.test_fields import a_task

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _long_in_its_phase(north: Clinic) -> None:
    with inside(north):
        CallPolicy.objects.update(published_at=timezone.now() - timedelta(days=60))


def found(clinic: Clinic) -> Readiness:
    with inside(clinic):
        return readiness(timezone.now())


def figures(clinic: Clinic) -> dict[str, float | None]:
    return {line.name: line.figure for line in found(clinic).lines}


def a_call(at: datetime, **fields: object) -> Call:
    call = Call.objects.create(
        sid=f"CA{uuid4().hex}", to_number="+12025550101", status="completed", ended_at=at, **fields
    )  # fmt: skip
    Call.objects.filter(pk=call.pk).update(started_at=at)
    return call


def reviewed(call: Call, by: User, verdict: str = "correct", label: str = "", stratum: str = "pilot") -> None:
    Review.objects.create(call=call, verdict=verdict, true_label=label, stratum=stratum, week="2026-W01", by=by)
    Review.objects.filter(call=call).update(week=f"{call.ended_at:%G-W%V}")


def in_order(north: Clinic, carol: User, *, calls: int = 100) -> list[Call]:
    """A pilot that lacks nothing: its first hundred calls, in the last two whole weeks, all reviewed."""
    set_policy(north, phase="pilot", pilot_reviews=100)
    now = timezone.now()
    with inside(north):
        made = [a_call(now - WEEK * (1 + n % 2)) for n in range(calls)]
        for call in made:
            reviewed(call, carol)
        for seconds in (20, 40):
            Escalation.objects.create(
                reason="emergency",
                level="emergency",
                summary="x",
                test=True,
                drill=True,
                seconds_to_acknowledge=seconds,
            )
    Drill.objects.create(clinic=north, state="passed", finished_at=now)
    return made


def test_a_pilot_that_lacks_nothing_is_ready_and_stays_a_pilot(north: Clinic, carol: User) -> None:
    in_order(north, carol)

    now = found(north)

    assert [(line.name, line.figure) for line in now.lines] == [
        ("reviewed", 100), ("weeks", 2), ("missed", 0), ("acknowledged", 1.0), ("drill", 1),
    ]  # fmt: skip
    assert now.ready
    with inside(north):
        assert policies.policy_in_force().phase == "pilot"


def missed_one(north: Clinic, carol: User, calls: list[Call]) -> None:
    Review.objects.filter(call=calls[0]).update(verdict="missed", true_label="emergency")


def left_one(north: Clinic, carol: User, calls: list[Call]) -> None:
    Review.objects.filter(call=calls[0]).delete()


def was_slow(north: Clinic, carol: User, calls: list[Call]) -> None:
    Escalation.objects.filter(seconds_to_acknowledge=40).update(seconds_to_acknowledge=301)


def no_drill(north: Clinic, carol: User, calls: list[Call]) -> None:
    Drill.objects.update(finished_at=timezone.now() - timedelta(days=31))


@pytest.mark.parametrize(
    ("happened", "unmet"),
    [
        (missed_one, {"missed"}),
        (left_one, {"reviewed", "weeks"}),
        (was_slow, {"acknowledged"}),
        (no_drill, {"drill"}),
    ],
)
def test_each_thing_that_is_missing_is_one_less(
    happened: Callable[[Clinic, User, list[Call]], None], unmet: set[str], north: Clinic, carol: User
) -> None:
    calls = in_order(north, carol)
    with inside(north):
        happened(north, carol, calls)

    assert {line.name for line in found(north).lines if not line.met} == unmet


def test_test_calls_and_other_phases_are_not_counted(north: Clinic, carol: User) -> None:
    in_order(north, carol)
    with inside(north):
        reviewed(a_call(timezone.now() - WEEK, test=True), carol)
        CallPolicy.objects.create(version=2, phase="stabilisation", clinic_line="+12025550199")
        policies.forget()

    now = figures(north)
    assert (now["days"], now["weeks"]) == (0, 0)
    assert found(north).phase == "stabilisation"


def test_stabilisation_counts_promises_and_calls_that_nobody_understood(north: Clinic, carol: User) -> None:
    set_policy(north, phase="stabilisation")
    now = timezone.now()
    with inside(north):
        calls = [a_call(now - timedelta(days=3)) for _ in range(10)]
        Escalation.objects.create(reason="not_understood", level="attention", summary="x", call_id=calls[0].pk)
        Escalation.objects.create(reason="no_progress", level="attention", summary="x", call_id=calls[0].pk)
        for kept in (now - timedelta(hours=3), None):
            Promise.objects.create(
                task=a_task(call_id=uuid4()), name="staff_call_back", turn=1, due_at=now - timedelta(hours=2),
                kept_at=kept, kept_by=carol if kept else None,
            )  # fmt: skip

    assert (figures(north)["stuck"], figures(north)["promises"], figures(north)["days"]) == (0.1, 0.5, 60)


def test_expansion_counts_slow_turns_and_measured_recall(north: Clinic, carol: User) -> None:
    set_policy(north, phase="expansion", review_percent=100, review_most=500)
    assert figures(north)["recall"] is None
    with inside(north):
        at = timezone.now() - WEEK
        for _ in range(30):
            call = a_call(at)
            Escalation.objects.create(reason="emergency", level="emergency", summary="x", call_id=call.pk)
            Escalation.objects.filter(call_id=call.pk).update(raised_at=at)
            reviewed(call, carol, label="emergency", stratum="alarm")
    ServiceCount.objects.create(name="turn", clinic=north, bucket=timezone.now(), good=98, bad=2)

    now = figures(north)
    assert now["slow"] == 0.02
    assert 0.8 < now["recall"] < 1


# --- Pages -----------------------------------------------------------------------------------------------------------
def test_the_clinics_admin_sees_figure_threshold_and_what_is_missing(
    north: Clinic, carol: User, alice: User, client_of: Callable
) -> None:
    in_order(north, carol, calls=60)

    page = client_of(carol).get("/settings/phase/").content.decode()

    for told in ("Ready for stabilisation: 4 of 5", "at least 100", "40 more"):
        assert told in page
    assert client_of(alice).get("/settings/phase/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_operators_see_every_clinics_at_once(north: Clinic, south: Clinic, carol: User) -> None:
    in_order(north, carol, calls=60)
    measure_all()
    measure_all()

    columns, lines = board()
    cells = {line.clinic.slug: dict(zip(columns, line.cells, strict=True))["Phase"].text for line in lines}
    assert cells["north"] == "pilot, ready for stabilisation: 4 of 5"
    assert ClinicPhase.objects.count() == 2
    User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")
    desk = Client(HTTP_HOST=settings.BASE_DOMAIN)
    desk.post("/sign-in/", {"email": "olga@cliniqai.test", "password": PASSWORD, "next": "/admin/"})
    page = desk.get("/admin/clinics/clinicphase/").content.decode()
    assert "Calls of this phase that were reviewed: 60, at least 100" in page


def test_a_new_policy_writes_the_phase_down_at_once(north: Clinic) -> None:
    with inside(north):
        practice.publish_policy(by=None, changes={"phase": "production"})

    assert ClinicPhase.objects.get(clinic=north).phase == "production"
