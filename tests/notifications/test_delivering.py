"""The state machine of a delivery on the real database: what is lost comes back, what is sent stays sent."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import Error, connections, transaction
from django.utils import timezone

from clinics.people.models import User
from clinics.tenancy import inside
from notifications import claims, delivery, planning, stream, sweeping
from notifications.claims import LEASE, start
from notifications.models import Attempt, Delivery, Event, Notification
from notifications.policy import Outcome, Result

pytestmark = pytest.mark.usefixtures("no_nudge")


@pytest.fixture
def pushed(monkeypatch) -> list[tuple[str, str]]:
    """What would have gone out over Redis."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(stream, "push", lambda *, schema, kind: said.append((schema, kind)))
    return said


def lease(outbox, about, channel="inbox"):
    """Plan an event and lease its deliveries of one sort, as a process that is about to die would."""
    planning.plan_due()
    claim = claims.claim_batch if channel == "inbox" else claims.claim_one
    return claim(me="worker:test:1", grace=LEASE * 0)


def test_an_event_reaches_everyone_of_its_roles_once(outbox, pushed):
    about = outbox.announce("escalation.raised")
    outbox.deliver()
    people = {person.pk for person in outbox.people()}
    assert set(Notification.objects.filter(about=about).values_list("person", flat=True)) == people
    assert outbox.states(about) == {"inbox": ["sent"] * len(people), "browser": ["sent"]}
    assert ("north", "escalation.raised") in pushed


def test_a_named_person_hears_besides_the_roles(outbox, pushed):
    (bob,) = outbox.people(role="doctor")
    about = outbox.announce("task.opened", audience=[bob.pk])
    outbox.deliver()
    assert set(Notification.objects.filter(about=about).values_list("person", flat=True)) == {
        person.pk for person in outbox.people(role="staff")
    } | {bob.pk}


def test_a_person_of_another_clinic_cannot_be_named(outbox, pushed):
    (dave,) = outbox.people(outbox.south)
    about = outbox.announce("task.completed", audience=[dave.pk, uuid.uuid4()])
    outbox.deliver()
    assert outbox.lines(about) == 0
    assert outbox.event(about).state == "planned"


def test_who_has_left_hears_nothing(outbox, pushed):
    with inside(outbox.north):
        gone = User.objects.create_user(
            "gone@north.test", "a long password 1", name="Gone", role="staff", is_active=False
        )
    try:
        about = outbox.announce(audience=[gone.pk])
        outbox.deliver()
        assert not Notification.objects.filter(about=about, person=gone.pk).exists()
    finally:
        with inside(outbox.north):
            gone.delete()


def test_two_clinics_are_blind_to_each_other(outbox, pushed):
    outbox.announce("escalation.raised", clinic=outbox.north)
    outbox.announce("escalation.raised", clinic=outbox.south)
    outbox.deliver()
    for clinic in (outbox.north, outbox.south):
        assert set(Notification.objects.filter(clinic=clinic).values_list("person", flat=True)) == {
            person.pk for person in outbox.people(clinic)
        }
    assert {schema for schema, _ in pushed} == {"north", "south"}


def test_a_test_event_is_delivered_and_marked(outbox, pushed):
    about = outbox.announce(test=True)
    outbox.deliver()
    assert set(Notification.objects.filter(about=about).values_list("test", flat=True)) == {True}


def test_delivering_inside_a_transaction_is_refused(outbox):
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        outbox.deliver()


def test_delivering_leaves_the_thread_where_it_was(outbox, pushed):
    from django.db import connection

    outbox.announce(clinic=outbox.south)
    with inside(outbox.north):
        outbox.deliver()
        assert connection.schema_name == "north"


def test_twelve_processes_at_once_send_each_delivery_once(outbox, pushed):
    abouts = [outbox.announce("escalation.urgent") for _ in range(60)]

    def work() -> None:
        try:
            outbox.deliver()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    people = len(outbox.people(role__in=["staff", "doctor"]))
    assert [outbox.lines(about) for about in abouts] == [people] * 60
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len([kind for _, kind in pushed if kind == "escalation.urgent"]) == 60


def test_an_urgent_event_overtakes_the_others(outbox, pushed):
    for _ in range(3):
        outbox.announce("task.opened")
    outbox.announce("escalation.raised")
    outbox.deliver()
    first = Notification.objects.order_by("created_at", "event_id").first()
    order = list(Attempt.objects.order_by("id").values_list("delivery__event__kind", flat=True))
    assert first is not None
    assert order[0] == "escalation.raised" or first.kind == "escalation.raised"


def test_the_attempt_is_committed_before_anything_is_sent(outbox, monkeypatch):
    seen: list[tuple[str, int]] = []

    def look(*, schema: str, kind: str) -> None:
        if kind != "task.opened":
            return

        def from_outside() -> None:
            try:
                row = Delivery.objects.get(channel="browser")
                seen.append((row.state, row.tries.filter(finished_at=None).count()))
            finally:
                connections.close_all()

        thread = threading.Thread(target=from_outside)
        thread.start()
        thread.join()

    monkeypatch.setattr(stream, "push", look)
    outbox.announce()
    outbox.deliver()
    assert seen == [("sending", 1)]


def test_the_line_and_the_mark_are_one_transaction(outbox, pushed, monkeypatch):
    about = outbox.announce()

    def broken(_: object) -> None:
        raise Error("the line could not be written")

    monkeypatch.setattr(delivery, "WRITERS", {"inbox": broken})
    outbox.deliver()
    assert outbox.lines(about) == 0
    assert set(outbox.states(about)["inbox"]) == {"pending"}
    assert set(Delivery.objects.filter(channel="inbox").values_list("last_error_code", flat=True)) == {"Error"}

    monkeypatch.undo()
    outbox.due()
    monkeypatch.setattr(stream, "push", lambda **_: None)
    outbox.deliver()
    assert outbox.lines(about) == len(outbox.people(role="staff"))


def test_one_line_that_fails_does_not_hold_the_batch(outbox, pushed, monkeypatch):
    bad, good = outbox.announce(), [outbox.announce() for _ in range(5)]
    write = delivery.WRITERS["inbox"]

    def picky(deliveries: list) -> None:
        if any(one.about == bad for one in deliveries):
            raise Error
        write(deliveries)

    monkeypatch.setattr(delivery, "WRITERS", {"inbox": picky})
    outbox.deliver()
    staff = len(outbox.people(role="staff"))
    assert [outbox.lines(about) for about in good] == [staff] * 5
    assert set(outbox.states(bad)["inbox"]) == {"pending"}


def test_a_lost_lease_that_never_started_is_given_out_again(outbox, pushed):
    about = outbox.announce()
    leases = lease(outbox, about)
    outbox.deliver()
    assert outbox.lines(about) == 0, "it is leased to somebody else"

    outbox.lapse()
    claims.reap()
    outbox.deliver()

    assert outbox.lines(about) == len(outbox.people(role="staff"))
    assert claims.start(leases) == [], "the old holder's token is worth nothing"


def test_a_process_that_died_while_writing_wrote_nothing_and_another_writes_once(outbox, pushed):
    about = outbox.announce()
    started = start(lease(outbox, about))
    outbox.lapse()
    claims.reap()
    assert set(outbox.states(about)["inbox"]) == {"pending"}
    outbox.deliver()

    delivery._write_together(started)  # the dead one comes back from a long pause

    assert outbox.lines(about) == len(outbox.people(role="staff"))
    assert set(Attempt.objects.filter(delivery__channel="inbox").values_list("number", "outcome")) == {
        (1, "lost"),
        (2, "sent"),
    }


def test_what_may_have_left_the_house_waits_to_be_asked_about(outbox, pushed):
    about = outbox.announce()
    planning.plan_due()
    outbox.sql("UPDATE notifications_delivery SET policy = 'reconcile' WHERE channel = 'browser'")
    start(claims.claim_one(me="worker:test:1", grace=LEASE * 0))
    outbox.lapse()
    assert claims.reap() == {"unknown": 1}
    row = Delivery.objects.get(event__about=about, channel="browser")
    assert (row.state, row.lost_leases) == ("unknown", 1)
    assert 100 < (row.available_at - timezone.now()).total_seconds() < 125


def test_after_three_lost_leases_a_delivery_is_dead(outbox, pushed):
    about = outbox.announce("task.claimed")
    planning.plan_due()
    for _ in range(3):
        outbox.due()
        start(claims.claim_one(me="worker:test:1", grace=LEASE * 0))
        outbox.lapse()
        claims.reap()
    assert outbox.states(about) == {"browser": ["dead"]}
    assert outbox.deliver() == 0


def test_a_suspect_travels_alone_so_that_it_cannot_take_its_neighbours_along(outbox, pushed):
    for _ in range(4):
        outbox.announce()
    planning.plan_due()
    first = claims.claim_batch(me="worker:test:1", grace=LEASE * 0)
    assert len(first) > 1
    start(first)
    outbox.lapse()
    claims.reap()
    assert claims.claim_batch(me="worker:test:1", grace=LEASE * 0) == []
    alone = claims.claim_one(me="worker:test:1", grace=LEASE * 0)
    assert len(alone) == 1


def test_an_event_whose_planning_never_ends_is_dead_in_the_end_and_tried_alone(outbox):
    bad = outbox.announce()
    for _ in range(planning.MAX_ATTEMPTS):
        outbox.due()
        planning._take(fresh=False, limit=1, grace=LEASE * 0, events=None)
        planning._take(fresh=True, limit=20, grace=LEASE * 0, events=None)
    outbox.due()
    planning.reap()
    assert outbox.event(bad).state == "dead"


def test_one_clinics_broken_schema_does_not_stop_the_others(outbox, pushed, monkeypatch):
    people = planning._people

    def broken_in_north(event, kind, heard):
        if event.schema == "north":
            raise Error("relation does not exist")
        return people(event, kind, heard)

    monkeypatch.setattr(planning, "_people", broken_in_north)
    north, south = outbox.announce(), outbox.announce(clinic=outbox.south)
    outbox.deliver()
    assert outbox.event(south).state == "planned"
    row = outbox.event(north)
    assert (row.state, row.last_error_code, row.attempts) == ("pending", "Error", 1)
    assert row.available_at > timezone.now()


def test_a_failing_channel_is_tried_again_later_and_later_and_then_given_up(outbox, monkeypatch):
    about = outbox.announce("task.claimed")
    monkeypatch.setattr(delivery, "SENDERS", {"browser": lambda _: Outcome(Result.RETRY, "ConnectionError")})
    waits = []
    for _ in range(8):
        outbox.deliver()
        row = Delivery.objects.get(event__about=about)
        waits.append((row.available_at - timezone.now()).total_seconds())
        outbox.due()
    assert row.state == "dead"
    assert row.last_error_code == "ConnectionError"
    assert all(
        0.75 * step < wait < 1.25 * step
        for step, wait in zip((5, 30, 120, 600, 1800, 7200, 18000), waits, strict=False)
    )
    assert list(row.tries.order_by("number").values_list("number", flat=True)) == list(range(1, 9))


def test_a_lost_redis_is_a_retry_and_not_a_crash(outbox, monkeypatch, settings):
    settings.REDIS_URL = "unix:///nowhere/at/all.sock"
    stream._client.cache_clear()
    monkeypatch.setattr(stream, "_closed_until", 0.0)
    about = outbox.announce()
    outbox.deliver()
    stream._client.cache_clear()
    assert outbox.states(about)["browser"] == ["pending"]
    assert outbox.lines(about) == len(outbox.people(role="staff"))


def test_too_late_is_not_sent(outbox, pushed):
    about = outbox.announce()
    planning.plan_due()
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() - interval '1 second'")
    outbox.deliver()
    claims.reap()
    assert outbox.lines(about) == 0
    assert {state for states in outbox.states(about).values() for state in states} == {"expired"}


def test_an_event_nobody_planned_in_time_expires(outbox, pushed):
    about = outbox.announce()
    outbox.sql("UPDATE notifications_event SET expires_at = now()")
    assert outbox.deliver() == 0
    planning.reap()
    assert outbox.event(about).state == "expired"


def test_a_push_planned_too_late_is_not_made(outbox, pushed):
    about = outbox.announce()
    outbox.sql("UPDATE notifications_event SET created_at = now() - interval '1 hour'")
    outbox.deliver()
    claims.reap()
    assert outbox.states(about) == {"inbox": ["sent"] * len(outbox.people(role="staff")), "browser": ["expired"]}


def test_a_clinic_suspended_before_the_planning_hears_nothing(outbox, pushed):
    about = outbox.announce()
    type(outbox.north).objects.filter(pk=outbox.north.pk).update(suspended_at=timezone.now())
    outbox.deliver()
    assert outbox.event(about).state == "cancelled"
    assert (outbox.states(about), pushed) == ({}, [])


def test_a_clinic_suspended_between_planning_and_sending_hears_nothing(outbox, pushed):
    about, other = outbox.announce(), outbox.announce(clinic=outbox.south)
    planning.plan_due()
    type(outbox.north).objects.filter(pk=outbox.north.pk).update(suspended_at=timezone.now())
    outbox.deliver()
    assert {state for states in outbox.states(about).values() for state in states} == {"cancelled"}
    assert {state for states in outbox.states(other).values() for state in states} == {"sent"}
    assert {schema for schema, _ in pushed} == {"south"}


def test_a_kind_of_a_newer_release_waits_for_its_worker(outbox, pushed):
    about = outbox.announce()
    outbox.sql("UPDATE notifications_event SET kind = 'task.of_tomorrow'")
    outbox.deliver()
    row = outbox.event(about)
    assert (row.state, row.last_error_code) == ("pending", "unknown_kind")


def test_the_sweeper_leaves_what_is_fresh_to_the_workers_and_then_delivers_it_alone(outbox, pushed, monkeypatch):
    monkeypatch.setattr(sweeping.wakes, "publish", lambda times=1: True)
    about = outbox.announce()
    assert sweeping.sweep_once(workers=2) == 0
    outbox.sql("UPDATE notifications_event SET available_at = now() - interval '2 seconds'")
    sweeping.sweep_once(workers=2)
    outbox.sql("UPDATE notifications_delivery SET available_at = now() - interval '2 seconds'")
    sweeping.sweep_once(workers=2)
    assert outbox.lines(about) == len(outbox.people(role="staff"))


@pytest.mark.parametrize(("events", "wakes"), [(0, []), (1, [1]), (20, [1]), (21, [2]), (100, [4])])
def test_the_sweeper_wakes_as_many_as_the_backlog_asks(outbox, monkeypatch, events, wakes):
    published: list[int] = []
    monkeypatch.setattr(sweeping.wakes, "publish", published.append)
    for _ in range(events):
        outbox.announce()
    sweeping.sweep_once(workers=4, grace_seconds=3600)  # all of it is fresh, however long this took
    assert published == wakes


def test_the_backlog_of_a_thousand_is_drained_within_seconds(outbox, pushed):
    with inside(outbox.north), transaction.atomic():
        from notifications.events import announce

        for number in range(300):
            announce(kind="task.opened", about=uuid.uuid4(), path="/tasks/", key=f"bulk:{number}")
    outbox.deliver(budget_seconds=30.0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert Event.objects.exclude(state="planned").count() == 0
