"""Trouble becomes one incident, is told once, and ends when it has been over for a while."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from notifications.heartbeat import beat
from notifications.kinds import Lane
from notifications.models import Delivery, DeliveryState, Event, EventState, Heartbeat, Incident, Replay
from notifications.watching import incidents
from notifications.watching.measuring import measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def alive() -> None:
    connection.set_schema_to_public()
    beat("worker")
    beat("sweeper")


@pytest.fixture
def event(north: Clinic) -> Callable[..., Event]:
    def make(
        clinic: Clinic = north, *, lane: Lane = Lane.NORMAL, late: int = 0, state: str = EventState.PENDING
    ) -> Event:
        now, about = timezone.now(), uuid.uuid4()
        return Event.objects.create(
            clinic=clinic, kind="task.opened", about=about, path=f"/tasks/{about}/", key=f"task.opened:{about}",
            lane=lane, state=state, available_at=now - timedelta(seconds=late), expires_at=now + timedelta(days=1),
        )  # fmt: skip

    return make


@pytest.fixture
def dead(event: Callable[..., Event], north: Clinic, alice: User) -> Callable[..., Delivery]:
    def make(clinic: Clinic = north, *, code: str = "twilio_30005", lane: Lane = Lane.NORMAL) -> Delivery:
        now = timezone.now()
        return Delivery.objects.create(
            event=event(clinic, state=EventState.PLANNED), clinic=clinic, person=alice.id, channel="sms",
            policy="reconcile", lane=lane, state=DeliveryState.DEAD, last_error_code=code, attempts=3, done_at=now,
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip

    return make


def names() -> list[str]:
    return sorted(Incident.objects.filter(closed_at=None).values_list("name", flat=True))


def test_what_is_due_long_ago_is_measured_by_its_lane(event: Callable[..., Event]) -> None:
    event(lane=Lane.URGENT, late=40)
    event(lane=Lane.URGENT, late=10)
    event(lane=Lane.NORMAL, late=-60)  # due in a minute

    found = measure()

    assert 40 <= found.lag["urgent"] < 45
    assert "normal" not in found.lag


def test_trouble_is_one_incident_and_told_once(event: Callable[..., Event]) -> None:
    event(late=100)

    assert [incidents.look(), incidents.look()] == [1, 0]

    assert names() == ["lag.normal"]
    assert Event.objects.filter(kind="system.incident").count() == 1


def test_the_operators_are_the_ones_who_are_told(event: Callable[..., Event]) -> None:
    operator = User.objects.create_user("op@example.test", None, name="Op", role=Role.OPERATOR, is_staff=True)
    event(late=100)
    incidents.look()

    told = Event.objects.get(kind="system.incident")

    assert told.audience == [str(operator.id)]
    assert told.path == f"/admin/notifications/incident/{Incident.objects.get().id}/change/"


def test_a_clinics_own_trouble_is_told_to_its_admins_too(dead: Callable[..., Delivery], north: Clinic) -> None:
    dead(lane=Lane.URGENT)

    incidents.look()

    assert names() == ["dead.urgent"]
    assert Event.objects.get(kind="delivery.trouble").clinic == north


def test_an_incident_keeps_its_worst_value_and_closes_when_it_is_over(event: Callable[..., Event]) -> None:
    late = event(late=100)
    incidents.look()
    Event.objects.filter(pk=late.pk).update(available_at=timezone.now() - timedelta(seconds=300))
    incidents.look()
    Event.objects.filter(pk=late.pk).update(available_at=timezone.now() - timedelta(seconds=95))
    incidents.look()
    Event.objects.filter(pk=late.pk).delete()
    incidents.look()
    assert names() == ["lag.normal"]  # quiet for less than two minutes

    Incident.objects.update(seen_at=timezone.now() - timedelta(seconds=incidents.QUIET_SECONDS + 1))
    incidents.look()

    assert names() == []
    assert 300 <= Incident.objects.get().worst < 310


@pytest.mark.parametrize(("minutes", "known"), [(9, []), (11, ["unknown"])])
def test_a_message_of_unknown_end_is_an_incident_after_ten_minutes(
    dead: Callable[..., Delivery], minutes: int, known: list[str]
) -> None:
    one = dead()
    Delivery.objects.filter(pk=one.pk).update(state=DeliveryState.UNKNOWN, done_at=None)
    started = timezone.now() - timedelta(minutes=minutes)
    one.tries.create(number=1, lease_token=uuid.uuid4(), started_at=started, outcome="unknown")

    incidents.look()

    assert names() == known


@pytest.mark.parametrize(("minutes", "known"), [(1, ["dead"]), (11, [])])
def test_six_dead_letters_are_an_incident_while_they_are_fresh(
    dead: Callable[..., Delivery], minutes: int, known: list[str]
) -> None:
    for _ in range(6):
        dead()
    Delivery.objects.update(done_at=timezone.now() - timedelta(minutes=minutes))

    incidents.look()

    assert names() == known


@pytest.mark.parametrize("name", ["worker", "sweeper"])
def test_a_silent_process_is_an_incident(name: str) -> None:
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=5))

    incidents.look()

    assert names() == [name]


def test_a_platform_that_has_just_begun_has_no_incident() -> None:
    Heartbeat.objects.all().delete()

    assert incidents.look() == 0


def test_the_sweeper_does_not_judge_before_everybody_could_be_heard(
    event: Callable[..., Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    event(late=100)
    started = time.monotonic()
    monkeypatch.setattr(incidents, "_looked_at", started + incidents.FIRST_SECONDS - incidents.EVERY_SECONDS)
    assert incidents.look_now_and_then() == 0

    monkeypatch.setattr(time, "monotonic", lambda: started + incidents.FIRST_SECONDS + 1)
    assert incidents.look_now_and_then() == 1


# --- The page of dead letters --------------------------------------------------------------------------------------
def test_an_admin_sees_what_did_not_arrive_and_why(
    dead: Callable[..., Delivery], south: Clinic, carol: User, client_of: Callable[[User], Client]
) -> None:
    dead()
    dead(south, code="twilio_21211")

    page = client_of(carol).get("/deliveries/").content.decode()

    assert "The number does not exist." in page
    assert "The telephone number is not valid." not in page
    assert "Alice Moreno" in page
    assert "+1" not in page


def test_one_is_tried_again(dead: Callable[..., Delivery], carol: User, client_of: Callable[[User], Client]) -> None:
    one, other = dead(), dead()

    page = client_of(carol).post(f"/deliveries/{one.pk}/retry/", follow=True).content.decode()

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, other.state) == (DeliveryState.PENDING, DeliveryState.DEAD)
    assert "It is tried again." in page
    assert Replay.objects.get().by == str(carol.id)


def test_all_of_a_kind_are_tried_again(
    dead: Callable[..., Delivery], south: Clinic, carol: User, client_of: Callable[[User], Client]
) -> None:
    dead(), dead()
    theirs = dead(south)

    client_of(carol).post("/deliveries/retry/", {"kind": "task.opened"})

    theirs.refresh_from_db()
    assert Delivery.objects.filter(state=DeliveryState.PENDING).count() == 2
    assert theirs.state == DeliveryState.DEAD


def test_one_is_put_aside_with_a_reason_and_never_sent(
    dead: Callable[..., Delivery], carol: User, client_of: Callable[[User], Client]
) -> None:
    one, client = dead(), client_of(carol)

    refused = client.post(f"/deliveries/{one.pk}/discard/", {"why": ""}, follow=True).content.decode()
    client.post(f"/deliveries/{one.pk}/discard/", {"why": "done_otherwise"})

    one.refresh_from_db()
    assert "Choose why it is put aside." in refused
    assert (one.state, one.last_error_code) == (DeliveryState.CANCELLED, "discarded_done_otherwise")


def test_another_clinics_letter_cannot_be_touched(
    dead: Callable[..., Delivery], south: Clinic, carol: User, client_of: Callable[[User], Client]
) -> None:
    theirs, client = dead(south), client_of(carol)

    for path, data in ((f"/deliveries/{theirs.pk}/retry/", {}), (f"/deliveries/{theirs.pk}/discard/", {"why": "test"})):
        assert "Nothing was changed" in client.post(path, data, follow=True).content.decode()
    theirs.refresh_from_db()
    assert theirs.state == DeliveryState.DEAD


def test_staff_and_doctors_do_not_see_it(alice: User, bob: User, client_of: Callable[[User], Client]) -> None:
    for person in (alice, bob):
        assert client_of(person).get("/deliveries/").status_code == 403


# --- /metrics --------------------------------------------------------------------------------------------------------
def scrape(**headers: str) -> tuple[int, str]:
    answer = Client().get("/metrics", headers={"host": "localhost", **headers})
    return answer.status_code, answer.content.decode()


def test_this_machine_reads_the_figures(event: Callable[..., Event], north: Clinic) -> None:
    event(lane=Lane.URGENT, late=40)

    status, text = scrape()

    assert status == 200
    assert 'cliniqai_lag_seconds{lane="urgent"} 4' in text
    assert "cliniqai_worker_silence_seconds" in text
    assert north.name not in text


def test_a_stranger_needs_the_token(settings: object) -> None:
    settings.METRICS_TOKEN = "a-token-long-enough-for-a-test"  # type: ignore[attr-defined]
    through_proxy = {"x-forwarded-for": "203.0.113.9"}

    assert scrape(**through_proxy)[0] == 404
    assert scrape(authorization="Bearer wrong", **through_proxy)[0] == 404
    assert scrape(authorization="Bearer a-token-long-enough-for-a-test", **through_proxy)[0] == 200


def test_a_clinics_host_has_no_figures() -> None:
    assert Client().get("/metrics", headers={"host": "north.localhost"}).status_code == 404
