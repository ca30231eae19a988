"""A change goes through the rings, is watched in each, and halts by itself on what really happened there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from calls.models import Call, Review
from clinics.fleet.waves import advancing, deeds
from clinics.fleet.waves.models import FleetChange, FleetStep, Group
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.watching.measuring import measure
from notifications.watching.models import ServiceCount
from notifications.watching.policy import troubles
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rings(north: Clinic) -> None:
    """North is asked first, South last."""
    Clinic.objects.filter(pk=north.pk).update(ring="canary")


def begun(calls: int = 0, soak: int = 60, group: Group | None = None, **wanted: object) -> FleetChange:
    return deeds.start(
        by=None, title="Live words", settings=wanted or {"live_words": True}, group=group, soak_minutes=soak,
        least_calls=calls,
    )  # fmt: skip


def now_of(change: FleetChange) -> tuple[str, str]:
    change.refresh_from_db()
    return change.state, change.ring


def soaked(change: FleetChange) -> None:
    """The wave was watched for an hour."""
    FleetStep.objects.filter(change=change, applied_at__isnull=False).update(
        applied_at=timezone.now() - timedelta(minutes=61)
    )


def policy_of(clinic: Clinic) -> CallPolicy:
    with inside(clinic):
        return CallPolicy.objects.order_by("-version").first()


def calls_held(clinic: Clinic, count: int, *, at: datetime | None = None, **fields: object) -> list[Call]:
    with inside(clinic):
        made = [
            Call.objects.create(sid=f"CA{uuid4().hex}", to_number="+12025550101", status="completed",
                                ended_at=timezone.now(), **fields)
            for _ in range(count)
        ]  # fmt: skip
        Call.objects.filter(pk__in=[call.pk for call in made]).update(started_at=at or timezone.now())
        return made


def reviewed(clinic: Clinic, call: Call, verdict: str, by: User) -> None:
    with inside(clinic):
        Review.objects.create(call=call, verdict=verdict, true_label="emergency", stratum="sampled", week="2026-W48",
                              by=by)  # fmt: skip


# --- The way through the rings ---------------------------------------------------------------------------------------
def test_a_change_goes_ring_by_ring_and_waits_for_time_and_calls(north: Clinic, south: Clinic) -> None:
    change = begun(calls=2)

    advancing.advance()
    assert (policy_of(north).live_words, policy_of(north).version) == (True, 2)
    assert policy_of(south).version == 1

    advancing.advance()
    assert now_of(change) == ("running", "canary"), "an hour has not passed"
    soaked(change)
    advancing.advance()
    assert advancing.missing(change) == "0 of 2 calls"
    calls_held(north, 2)
    for _ in range(3):  # the early ring has nobody
        advancing.advance()

    assert (policy_of(south).live_words, policy_of(south).version) == (True, 2)
    assert now_of(change) == ("running", "general")
    deeds.act(by=None, change_id=change.pk, deed="enough", why="Two small clinics")
    soaked(change)
    advancing.advance()
    assert now_of(change) == ("done", "general")
    assert policy_of(north).version == policy_of(south).version == 2


def test_a_switch_of_the_clinics_row_goes_the_same_way(north: Clinic, south: Clinic) -> None:
    begun(async_delivery=False)

    advancing.advance()

    assert list(Clinic.objects.filter(async_delivery=False)) == [north]
    assert policy_of(north).version == 1
    assert FleetStep.objects.get(clinic=north).before == {"async_delivery": True}


def test_a_clinic_whose_phase_forbids_it_is_left_as_it_is_and_named(north: Clinic, south: Clinic) -> None:
    change = begun(soak=0, max_turns=40)  # as an expansion allows, and a pilot does not
    for _ in range(4):
        advancing.advance()

    step = FleetStep.objects.get(clinic=south)
    assert (step.standing, step.code) == ("refused", "max_turns")
    assert policy_of(south).version == 1
    assert policy_of(north).max_turns == 40
    assert now_of(change)[0] == "done"


def test_two_changes_of_one_field_are_not_under_way_at_once(north: Clinic) -> None:
    begun()

    with pytest.raises(ValidationError, match="Live words is under way and changes live_words as well"):
        begun(live_words=False)


def test_who_opens_later_is_reached_as_well(north: Clinic, south: Clinic) -> None:
    Clinic.objects.filter(pk=south.pk).update(suspended_at=timezone.now())
    begun()
    assert list(FleetStep.objects.values_list("clinic", flat=True)) == [north.pk]

    Clinic.objects.filter(pk=south.pk).update(suspended_at=None)
    advancing.advance()

    assert FleetStep.objects.get(clinic=south).ring == "general"


# --- What halts it ---------------------------------------------------------------------------------------------------
def missed_emergency(north: Clinic, carol: User) -> None:
    reviewed(north, calls_held(north, 1)[0], "missed", carol)


def many_in_distress(north: Clinic, carol: User) -> None:
    calls_held(north, 20)
    with inside(north):
        for _ in range(3):
            Escalation.objects.create(reason="distress", level="attention", summary="x")


def many_hang_up(north: Clinic, carol: User) -> None:
    calls_held(north, 20)
    calls_held(north, 5, outcome="abandoned")


def slow_answers(north: Clinic, carol: User) -> None:
    ServiceCount.objects.create(name="turn", clinic=north, bucket=timezone.now(), good=95, bad=5)


def failing_turns(north: Clinic, carol: User) -> None:
    ServiceCount.objects.create(name="webhook", clinic=north, bucket=timezone.now(), good=97, bad=3)


@pytest.mark.parametrize(
    ("happens", "rail", "figures"),
    [
        (missed_emergency, "missed", [1, 1]),
        (many_in_distress, "distress", [3, 20]),
        (many_hang_up, "hung_up", [5, 25]),
        (slow_answers, "slow_turns", [5, 100]),
        (failing_turns, "failed_turns", [3, 100]),
    ],
)
def test_it_halts_by_itself_and_operators_are_told(
    happens: Callable[[Clinic, User], None], rail: str, figures: list[int], north: Clinic, south: Clinic, carol: User
) -> None:
    change = begun(soak=0)
    advancing.advance()
    happens(north, carol)

    for _ in range(4):
        advancing.advance()

    assert now_of(change) == ("halted", "canary")
    assert (change.halted_by, change.halted_in, change.halted_on["now"]) == (rail, "north", figures)
    assert policy_of(south).version == 1, "nobody else got it"
    assert "change" in {trouble.name for trouble in troubles(measure())}


def test_what_was_as_bad_before_does_not_halt_it(north: Clinic, south: Clinic) -> None:
    calls_held(north, 20, at=timezone.now() - timedelta(days=2))
    calls_held(north, 5, at=timezone.now() - timedelta(days=2), outcome="abandoned")
    change = begun(soak=0)
    advancing.advance()
    calls_held(north, 20)
    calls_held(north, 5, outcome="abandoned")

    for _ in range(4):
        advancing.advance()

    assert now_of(change) == ("done", "general")


def test_small_harm_in_many_clinics_adds_up(north: Clinic, south: Clinic) -> None:
    Clinic.objects.update(ring="general")
    change = begun()
    for _ in range(3):
        advancing.advance()
    for clinic in (north, south):
        calls_held(clinic, 8)
        calls_held(clinic, 3, outcome="abandoned")

    advancing.advance()

    assert now_of(change)[0] == "halted"
    assert change.halted_in == ""


def test_an_operator_lets_it_go_on_with_a_reason_and_what_was_seen_does_not_halt_it_again(
    north: Clinic, south: Clinic, carol: User
) -> None:
    change = begun(soak=0)
    advancing.advance()
    missed_emergency(north, carol)
    advancing.advance()

    with pytest.raises(ValidationError, match="Say why"):
        deeds.act(by=None, change_id=change.pk, deed="go_on", why=" ")
    deeds.act(by=None, change_id=change.pk, deed="go_on", why="It was a wrong label")
    for _ in range(4):
        advancing.advance()

    assert now_of(change)[0] == "done"
    assert [entry["deed"] for entry in change.history] == ["start", "go_on"]


def test_it_is_taken_back_where_nobody_has_changed_it_since(north: Clinic, south: Clinic) -> None:
    change = begun(soak=0, live_words=True, spanish=False)
    for _ in range(4):
        advancing.advance()
    FleetChange.objects.update(state="running", ended_at=None)  # before its last wave was over
    with inside(south):
        practice.publish_policy(by=None, changes={"live_words": False})

    deeds.act(by=None, change_id=change.pk, deed="take_back", why="Callers complain")
    for _ in range(2):
        advancing.advance()

    assert now_of(change)[0] == "undone"
    assert (policy_of(north).live_words, policy_of(north).spanish) == (False, True)
    assert (policy_of(south).live_words, policy_of(south).spanish) == (False, True)
    assert [step.standing for step in FleetStep.objects.all()] == ["undone", "undone"]


# --- Pages and commands ----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_operators_start_halt_and_read_why_on_their_pages(north: Clinic, south: Clinic, carol: User) -> None:
    User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga Brandt")
    desk = Client(HTTP_HOST=settings.BASE_DOMAIN)
    assert desk.get("/admin/fleet/changes/").status_code == 302
    desk.post("/sign-in/", {"email": "olga@cliniqai.test", "password": PASSWORD, "next": "/admin/"})

    asked = {"title": "Live words", "settings": "nothing=1", "soak_minutes": 0, "least_calls": 0}
    assert "write field=value" in desk.post("/admin/fleet/changes/", asked).content.decode()
    page = desk.post("/admin/fleet/changes/", asked | {"settings": "live_words=true"}, follow=True)
    assert "Olga Brandt" in page.content.decode()
    advancing.advance()
    missed_emergency(north, carol)
    advancing.advance()

    board = desk.get("/admin/fleet/").content.decode()
    for told in ("Halted", "1 of 3, canary", "Reviewers found an emergency that was missed", "Olga Brandt"):
        assert told in board
    change = FleetChange.objects.get()
    address = f"/admin/fleet/changes/{change.pk}/"
    assert desk.post(address, {"deed": "go_on", "why": ""}).status_code == 422
    assert desk.post(address, {"deed": "go_on", "why": "It was a drill"}).status_code == 302
    assert "It was a drill" in desk.get(address).content.decode()
    assert now_of(change)[0] == "running"


def test_the_command_starts_lists_and_halts(north: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="streaming"):
        call_command("roll_out", "Streams", set=["streaming=perhaps"])

    call_command("roll_out", "Streams", set=["streaming=true"])
    call_command("roll_out", "Streams", deed="halt", why="Wrong day")

    assert capsys.readouterr().out.splitlines() == [
        "Streams: under way, wave 1 of 3, canary (watched until "
        + f"{FleetChange.objects.get().wave_at + timedelta(days=1):%Y-%m-%d %H:%M} UTC)",
        "Streams: halted, wave 1 of 3, canary (Wrong day)",
    ]
