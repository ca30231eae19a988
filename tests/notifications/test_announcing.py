"""An event is written with what happened or not at all, once, and holds no patient's words."""

from __future__ import annotations

import json
import threading
import time
import uuid

import pytest
from django.db import connection, connections, transaction

from clinics.tenancy import NoClinic, forget, inside
from notifications import nudge
from notifications.events import CannotAnnounce, announce
from notifications.models import Event
from tests.far_ends.twilio_rest import late
from tests.notifications.machines import wait_for


def test_an_event_is_committed_with_what_happened(outbox, no_nudge):
    about = outbox.announce()
    assert outbox.event(about).state == "pending"
    assert len(no_nudge) == 1


def test_an_event_vanishes_with_what_was_rolled_back_and_nobody_is_nudged(outbox, no_nudge):
    about = uuid.uuid4()
    with inside(outbox.north), transaction.atomic():
        announce(kind="task.opened", about=about, path="/tasks/", key=f"task.opened:{about}")
        transaction.set_rollback(True)
    assert not Event.objects.filter(about=about).exists()
    assert no_nudge == []


def test_a_rolled_back_savepoint_takes_its_event_along(outbox, no_nudge):
    kept, lost = uuid.uuid4(), uuid.uuid4()
    with inside(outbox.north), transaction.atomic():
        announce(kind="task.opened", about=kept, path="/tasks/", key=f"task.opened:{kept}")
        with transaction.atomic():
            announce(kind="task.opened", about=lost, path="/tasks/", key=f"task.opened:{lost}")
            transaction.set_rollback(True)
    assert list(Event.objects.values_list("about", flat=True)) == [kept]
    assert len(no_nudge) == 1


def test_the_same_key_announces_once_even_from_twenty_threads(outbox, no_nudge):
    about = uuid.uuid4()

    def say() -> None:
        try:
            with inside(outbox.north), transaction.atomic():
                announce(kind="task.opened", about=about, path="/tasks/", key=f"task.opened:{about}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Event.objects.filter(about=about).count() == 1


def test_two_clinics_may_use_the_same_key(outbox, no_nudge):
    for clinic in (outbox.north, outbox.south):
        outbox.announce(clinic=clinic, key="task.opened:same")
    assert Event.objects.count() == 2


def test_announcing_is_one_statement(outbox, no_nudge, django_assert_num_queries):
    about = uuid.uuid4()
    with inside(outbox.north), transaction.atomic():
        connection.ensure_connection()
        announce(kind="task.opened", about=about, path="/tasks/", key=f"warm:{about}")
        with django_assert_num_queries(1):
            announce(kind="task.opened", about=about, path="/tasks/", key=f"task.opened:{about}")


def test_outside_a_transaction_it_is_refused(outbox):
    with inside(outbox.north), pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
        announce(kind="task.opened", about=uuid.uuid4(), path="/tasks/", key="task.opened:1")


def test_outside_a_clinic_it_is_refused(outbox):
    with transaction.atomic(), pytest.raises(NoClinic):
        announce(kind="task.opened", about=uuid.uuid4(), path="/tasks/", key="task.opened:1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "task.invented"),
        ("path", "https://elsewhere.test/"),
        ("path", "//elsewhere.test/"),
        ("path", "/tasks/?name=x"),
        ("path", "/tasks/#x"),
        ("path", "/tasks/Maria Lopez/"),
        ("path", "/tasks/%4daria/"),
        ("path", "/tasks"),
        ("path", "tasks/"),
        ("path", "/" + "a" * 200 + "/"),
        ("path", "/tasks/\n/"),
        ("path", ""),
        ("key", "Maria Lopez"),
        ("key", "call:+12025550142"),
        ("key", ""),
        ("key", "x" * 161),
        ("key", "task.opened:1\n"),
    ],
)
def test_what_could_hold_a_patients_words_is_refused(outbox, field, value):
    fields = {"kind": "task.opened", "about": uuid.uuid4(), "path": "/tasks/", "key": "task.opened:1", field: value}
    with inside(outbox.north), transaction.atomic(), pytest.raises(CannotAnnounce):
        announce(**fields)


def test_only_an_urgent_event_is_handed_to_the_nudger_by_its_number(outbox, no_nudge):
    outbox.announce("task.opened")
    about = outbox.announce("escalation.raised")
    assert no_nudge == [None, outbox.event(about).pk]


def test_open_pages_hear_of_what_is_urgent_at_its_commit_and_of_nothing_that_was_rolled_back(outbox, valkey):
    """Nobody delivers here: no worker runs, and no sweeper."""
    with valkey.client().pubsub() as page:
        page.subscribe(f"stream:{outbox.north.schema_name}")
        assert page.get_message(timeout=5)["type"] == "subscribe"

        with inside(outbox.north), transaction.atomic():
            announce(kind="escalation.urgent", about=uuid.uuid4(), path="/escalations/", key="gone")
            transaction.set_rollback(True)
        outbox.announce("task.opened")
        outbox.announce("escalation.step", channels=["sms"])
        outbox.announce("escalation.raised")

        assert json.loads(page.get_message(timeout=5)["data"]) == {"kind": "escalation.raised"}
        assert nudge.nudger.wait(5)
        assert page.get_message(timeout=0.1) is None
    assert set(Event.objects.values_list("state", flat=True)) == {"pending"}


def test_times_are_the_databases_not_this_machines(outbox, no_nudge, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    event = outbox.event(outbox.announce())
    with connection.cursor() as cursor:
        cursor.execute("SELECT abs(extract(epoch FROM now() - %s)) < 5", [event.created_at])
        assert cursor.fetchone() == (True,)


def test_with_delivery_at_once_the_request_delivers_its_own_event_and_no_other(outbox, no_nudge):
    others = outbox.announce()
    outbox.north.async_delivery = False
    mine = outbox.announce()
    assert outbox.lines(mine) == len(outbox.people(role="staff"))
    assert outbox.lines(others) == 0
    assert len(no_nudge) == 1


def test_the_settings_flag_turns_the_workers_off_for_everybody(outbox, no_nudge, settings):
    settings.ASYNC_DELIVERY = False
    about = outbox.announce()
    assert outbox.lines(about) == len(outbox.people(role="staff"))
    assert no_nudge == []


def test_flipping_the_flag_neither_loses_nor_doubles(outbox, no_nudge):
    abouts = []
    for number in range(40):
        outbox.north.async_delivery = number % 2 == 0
        abouts.append(outbox.announce())
    outbox.deliver()
    staff = len(outbox.people(role="staff"))
    assert [outbox.lines(about) for about in abouts] == [staff] * 40


def test_a_database_error_in_the_requests_own_delivery_is_not_the_requests(outbox, no_nudge, monkeypatch):
    def broken(**_: object) -> int:
        from django.db import OperationalError

        raise OperationalError

    monkeypatch.setattr(nudge.delivery, "drain", broken)
    outbox.north.async_delivery = False
    assert outbox.event(outbox.announce()).state == "pending"


@pytest.mark.parametrize("channels", [["voice"], ["fax"], ["sms", "voice"]])
def test_a_channel_that_the_kind_does_not_offer_is_refused(outbox, channels):
    with pytest.raises(CannotAnnounce, match="does not offer"):
        outbox.announce("task.opened", channels=channels)
    assert not Event.objects.exists()


# --- Without the asynchronous path -----------------------------------------------------------------------------------
def test_with_the_path_off_the_request_fills_inboxes_and_a_thread_of_it_texts(outbox, far, phones, valkey):
    """The request is answered while the network is still thinking, and Redis is not asked."""
    type(outbox.north).objects.update(async_delivery=False)
    forget()
    outbox.north.refresh_from_db()
    outbox.chooses("alice")
    far.mood = lambda form: late(4.0)

    about = outbox.announce("task.opened")

    assert outbox.lines(about) == len(outbox.people(role="staff"))
    assert outbox.states(about)["sms"] != ["sent"]

    wait_for(lambda: outbox.states(about)["sms"] == ["sent"], "the thread has texted", seconds=30)
    assert len(far.posts) == 1
    assert valkey.client().keys("*") == []
