"""Texts to staff against a network on loopback: each line of the outcome table, counted at the far end's socket."""

from __future__ import annotations

import re
import threading
import time

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from clinics.people.models import User
from clinics.providers.gate import Carries
from clinics.tenancy import inside
from notifications import claims, network, planning
from notifications.channels import sms
from notifications.events import withdraw
from notifications.models import Attempt, Delivery, Messaging, OptOut
from notifications.optouts import opt_out
from notifications.replaying import Wanted, replay
from notifications.routing import Policy
from tests.far_ends.twilio_rest import (
    BUSY,
    DRIPPING,
    DROPPED,
    FAILED,
    FAILED_AFTER,
    GARBLED,
    RESET,
    Mood,
    late,
    refused,
)
from tests.notifications.machines import blackhole

pytestmark = pytest.mark.usefixtures("no_nudge", "phones")

NOTHING = Mood(accepts=False, sees="drop")


@pytest.fixture
def opened(outbox, far):
    """A new task that Alice, and nobody else, wants to be texted about."""
    outbox.chooses("alice")
    return outbox.announce("task.opened")


# --- What leaves -----------------------------------------------------------------------------------------------------
def test_who_chose_it_is_texted_and_nobody_else(outbox, far, opened, phones):
    outbox.deliver()
    assert [item.form["To"] for item in far.sent()] == [phones["alice"]]
    row = outbox.delivery(opened)
    assert (row.state, row.provider, row.provider_id) == ("sent", "twilio", far.sent()[0].sid)
    assert outbox.tries(opened) == ["sent"]


def test_a_text_names_the_clinic_and_carries_a_link_and_nothing_else(outbox, far, opened):
    outbox.deliver()
    form = far.sent()[0].form
    link = rf"http://north\.localhost(:\d+)?/tasks/{opened}/"
    assert re.fullmatch(rf"Northside Clinic: New task\. Sign in: {link}", form["Body"])
    assert form["From"] == "+12025550101"
    assert 0 < int(form["ValidityPeriod"]) <= 600
    assert form["StatusCallback"].endswith(
        f"/calls/sms/status/{Attempt.objects.get(provider_id__gt='').callback_token}/"
    )


@pytest.mark.parametrize("mark", ["test", "drill"])
def test_a_drill_or_test_says_so_first(outbox, far, mark):
    outbox.chooses("alice")
    outbox.announce("task.opened", **{mark: True})
    outbox.deliver()
    assert far.sent()[0].form["Body"].startswith(f"{mark.upper()}. Northside Clinic: New task.")


def test_the_clinics_messaging_service_and_language_are_used(outbox, far, opened):
    Messaging.objects.create(clinic=outbox.north, messaging_service="MG" + "a" * 32, staff_language="es")
    outbox.deliver()
    form = far.sent()[0].form
    assert (form["MessagingServiceSid"], form.get("From")) == ("MG" + "a" * 32, None)
    assert "Nueva tarea. Inicie sesión:" in form["Body"]


def test_the_other_clinics_people_are_not_texted(outbox, far):
    outbox.chooses("alice")
    outbox.announce("task.opened", clinic=outbox.south)
    outbox.deliver()
    assert far.posts == []


def test_an_announcer_names_channels_and_people_whatever_they_chose(outbox, far, phones):
    bob = outbox.person("bob")
    about = outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    outbox.deliver()
    assert outbox.states(about) == {"sms": ["sent"]}
    assert [item.form["To"] for item in far.sent()] == [phones["bob"]]
    assert outbox.delivery(about).policy == Policy.AT_LEAST_ONCE


def test_what_was_withdrawn_before_it_left_is_not_sent(outbox, far):
    bob = outbox.person("bob")
    planned, fresh = (outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"]) for _ in range(2))
    planning.plan_due(events=[outbox.event(planned).pk])
    for about in (planned, fresh):
        with inside(outbox.north), transaction.atomic():
            withdraw(kind="escalation.step", about=about)
    outbox.deliver()
    assert far.posts == []
    assert (outbox.states(planned), outbox.states(fresh)) == ({"sms": ["cancelled"]}, {})


# --- The outcome table -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mood", "state", "code", "accepted"),
    [
        (Mood(), "sent", "", 1),
        (BUSY, "pending", "twilio_20429", 0),
        (refused(21611, 429), "pending", "twilio_21611", 0),
        (refused(21211), "dead", "twilio_21211", 0),
        (refused(21614), "dead", "twilio_21614", 0),
        (refused(20003, 401), "dead", "twilio_20003", 0),
        (refused(20404, 404), "dead", "twilio_20404", 0),
        (refused(21610), "cancelled", "twilio_21610", 0),
        (FAILED, "unknown", "twilio_500", 0),
        (FAILED_AFTER, "unknown", "twilio_500", 1),
        (Mood(accepts=False, status=503, code=20503), "unknown", "twilio_20503", 0),
        (Mood(accepts=False, status=302), "unknown", "twilio_302", 0),
        (DROPPED, "unknown", "ConnectionError", 1),
        (NOTHING, "unknown", "ConnectionError", 0),
        (RESET, "unknown", "ConnectionError", 1),
        (late(0.9), "unknown", "ReadTimeout", 0),
        (Mood(silence=0.9), "unknown", "ReadTimeout", 1),
        (DRIPPING, "unknown", "TooLong", 1),
        (GARBLED, "unknown", "garbled_JSONDecodeError", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_each_end_of_a_post_has_its_state(outbox, far, hasty, opened, mood, state, code, accepted):
    far.moods.append(mood)

    began = time.monotonic()
    outbox.deliver()

    assert time.monotonic() - began < 10, "however the far end drags it out"
    row = outbox.delivery(opened)
    assert (row.state, row.last_error_code) == (state, code)
    assert len(far.posts) == 1, "one POST, no client retries"
    assert len(far.sent()) == accepted


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "http://no-such-host.invalid:80"])
def test_what_never_left_is_tried_again_without_asking(outbox, far, hasty, opened, settings, where):
    settings.TWILIO_API_BASE_URL = where
    outbox.deliver()
    row = outbox.delivery(opened)
    assert (row.state, row.last_error_code) == ("pending", "ConnectionError")

    settings.TWILIO_API_BASE_URL = far.url
    outbox.due()
    outbox.deliver()
    assert outbox.tries(opened) == ["retry", "sent"]
    assert len(far.sent()) == 1


def test_a_far_end_that_does_not_take_the_connection_has_seen_nothing(outbox, far, hasty, opened, settings):
    with blackhole() as address:
        settings.TWILIO_API_BASE_URL = address
        outbox.deliver()
    assert outbox.delivery(opened).state == "pending"
    assert outbox.delivery(opened).last_error_code == "ConnectTimeout"


def test_the_deadline_is_shorter_than_the_lease_and_longer_than_the_time_limits():
    assert network.CONNECT_SECONDS < network.READ_SECONDS < network.DEADLINE_SECONDS
    assert claims.LEASE.total_seconds() > network.DEADLINE_SECONDS * 2


def test_retry_after_is_honoured_and_the_schedule_where_it_is_longer(outbox, far, opened):
    far.moods.extend([Mood(accepts=False, status=429, code=20429, retry_after=90), BUSY])
    outbox.deliver()
    wait = (outbox.delivery(opened).available_at - timezone.now()).total_seconds()
    assert 85 < wait <= 90
    outbox.due()
    outbox.deliver()
    wait = (outbox.delivery(opened).available_at - timezone.now()).total_seconds()
    assert 23 < wait < 37, "the second step of the schedule, longer than the 7 s that were asked for"


def test_after_eight_refusals_for_now_it_is_dead_and_a_replay_sends_it_once(outbox, far, opened):
    far.mood = lambda form: BUSY
    for _ in range(10):
        outbox.deliver()
        outbox.due()
    assert len(far.posts) == 8
    assert outbox.delivery(opened).state == "dead"

    far.mood = lambda form: Mood()
    replay(Wanted(), by="operator", reason="the network is back")
    outbox.deliver()
    assert len(far.sent()) == 1


def test_an_urgent_text_of_unknown_end_is_sent_again_at_once(outbox, far, hasty):
    bob = outbox.person("bob")
    about = outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    far.moods.extend([FAILED, DROPPED])
    for _ in range(3):
        outbox.deliver()
        outbox.due()
    assert outbox.tries(about) == ["unknown", "unknown", "sent"]
    assert len(far.sent()) == 2, "the one that was accepted and dropped, and the next: twice is better than never"


# --- The last look before sending ------------------------------------------------------------------------------------
def test_without_credentials_nothing_is_sent_and_each_delivery_says_why(outbox, far, mail, opened, settings):
    outbox.chooses("alice", channel="email")
    about = outbox.announce("task.opened")
    settings.SMS_MODE = settings.EMAIL_MODE = "off"
    outbox.deliver()
    assert far.connections == 0
    assert (outbox.delivery(about).state, outbox.delivery(about).last_error_code) == ("cancelled", "sms_off")
    letter = outbox.delivery(about, "email")
    assert (letter.state, letter.last_error_code) == ("cancelled", "email_off")
    assert outbox.states(about)["inbox"] == ["sent"] * len(outbox.people(role="staff"))


def test_who_has_no_number_has_left_or_has_opted_out_is_not_texted(outbox, far, phones):
    people = [outbox.person(short) for short in ("alice", "bob", "carol")]
    about = outbox.announce("escalation.step", audience=[one.pk for one in people], channels=["sms"])
    planning.plan_due()
    with inside(outbox.north):
        User.objects.filter(pk=people[0].pk).update(phone="")
        User.objects.filter(pk=people[1].pk).update(is_active=False)
    opt_out(outbox.north, phones["carol"], source="keyword")
    try:
        outbox.deliver()
    finally:
        with inside(outbox.north):
            User.objects.filter(pk=people[1].pk).update(is_active=True)
    codes = dict(Delivery.objects.filter(event__about=about).values_list("person", "last_error_code"))
    assert codes == dict(zip([one.pk for one in people], ["no_number", "has_left", "opted_out"], strict=True))
    assert far.posts == []


def test_a_clinic_suspended_or_a_text_too_late_sends_nothing(outbox, far, opened):
    planning.plan_due()
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() + interval '1 second' WHERE channel = 'sms'")
    leases = claims.claim_one(me="worker:test:1", grace=claims.LEASE * 0, outside=True)
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() - interval '1 second' WHERE channel = 'sms'")
    assert len(leases) == 1
    assert claims.start(leases) == [], "it became late between the claim and the start"
    outbox.lapse()
    claims.reap()
    assert outbox.delivery(opened).state == "expired"

    other = outbox.announce("task.opened")
    planning.plan_due()
    type(outbox.north).objects.filter(pk=outbox.north.pk).update(suspended_at=timezone.now())
    outbox.deliver()
    assert outbox.delivery(other).state == "cancelled"
    assert far.posts == []


def test_who_is_refused_as_opted_out_is_remembered_by_a_digest_alone(outbox, far, opened, phones):
    far.opted_out.add(phones["alice"])
    outbox.deliver()
    again = outbox.announce("task.opened")
    outbox.deliver()
    assert len(far.posts) == 1, "the second one was not even tried"
    assert outbox.delivery(again).last_error_code == "opted_out"
    row = OptOut.objects.get()
    assert row.source == "network"
    assert phones["alice"][1:] not in str(row.__dict__)


# --- Marks and transactions ------------------------------------------------------------------------------------------
def test_the_mark_is_committed_before_the_far_end_hears_anything(outbox, far, opened):
    seen = []

    def look(form):
        try:
            row = Delivery.objects.get(channel="sms")
            seen.append((row.state, row.attempts, row.tries.filter(finished_at=None).count(), len(row.to_digest)))
        finally:
            connections.close_all()
        return Mood()

    far.mood = look
    outbox.deliver()
    assert seen == [("sending", 1, 1, 64)]


def test_no_transaction_is_open_while_the_network_is_asked(outbox, far, opened):
    seen = []

    def look(form):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            seen.append(cursor.fetchone()[0])
        connections.close_all()
        return Mood()

    far.mood = look
    outbox.deliver()
    assert seen == [0]


@pytest.mark.parametrize("ask", ["message", "call", "list"])
def test_asking_the_network_inside_a_transaction_is_refused(outbox, far, ask):
    asks = {
        "message": lambda: network.post_message(
            outbox.north,
            to="+12025550161",
            sender={"from_": "+12025550101"},
            body="x",
            status_url=far.url,
            valid=60,
            carries=Carries.FIXED,
        ),
        "call": lambda: network.post_call(
            outbox.north, to="+12025550161", caller="+12025550101", url=far.url, status_url=far.url, ring_seconds=5
        ),
        "list": lambda: network.messages_to(
            outbox.north, to="+12025550161", since=timezone.now(), carries=Carries.FIXED
        ),
    }
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError, match="after the commit"):
        asks[ask]()
    assert far.connections == 0
    asks[ask]()
    assert far.connections == 1


# --- Lanes -----------------------------------------------------------------------------------------------------------
def test_a_text_that_is_not_urgent_travels_in_the_bulk_lane_and_an_urgent_one_in_its_own(outbox, far, opened):
    bob = outbox.person("bob")
    urgent = outbox.announce("escalation.step", audience=[bob.pk], channels=["sms", "inbox"])
    planning.plan_due()
    assert outbox.delivery(opened).lane == 2
    assert set(Delivery.objects.filter(event__about=opened).exclude(channel="sms").values_list("lane", flat=True)) == {
        1
    }
    assert set(Delivery.objects.filter(event__about=urgent).values_list("lane", flat=True)) == {0}


def test_a_slow_network_keeps_no_inbox_waiting(outbox, far, hasty, opened):
    """A worker of the house's own lane does not touch the bulk lane, where ten texts hang."""
    for _ in range(9):
        outbox.announce("task.opened")
    planning.plan_due()
    far.mood = lambda form: late(0.5)
    began = time.monotonic()
    outbox.deliver(lanes=[0, 1])
    assert time.monotonic() - began < 0.5
    assert far.posts == []
    assert not Delivery.objects.filter(channel="inbox").exclude(state="sent").exists()


def test_an_urgent_inbox_waits_for_one_text_at_most(outbox, far, hasty):
    """Of what leaves the house one is sent, then what has come meanwhile is delivered inside it."""
    bob = outbox.person("bob")
    for _ in range(5):
        outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    seen = []

    def look(form):
        if not seen:
            seen.append(outbox.announce("escalation.raised"))
        else:
            seen.append(outbox.lines(seen[0]))
        connections.close_all()
        return Mood()

    far.mood = look
    outbox.deliver()
    assert seen[1:] == [len(outbox.people())] * 4


# --- Faults of our own -----------------------------------------------------------------------------------------------
def test_a_fault_in_a_channel_stops_nobody_elses_text_and_is_dead_in_the_end(outbox, far, phones, monkeypatch):
    outbox.chooses("alice")
    outbox.chooses("bob", kind="task.decision_needed")
    bad, good = outbox.announce("task.opened"), outbox.announce("task.decision_needed")
    words = sms.body_of

    def broken(started, to) -> str:
        if started.about == bad:
            raise KeyError("a fault that nobody thought of")
        return words(started, to)

    monkeypatch.setattr(sms, "body_of", broken)
    for _ in range(6):
        outbox.deliver()
        outbox.ask()
        outbox.due()
    assert outbox.delivery(good).state == "sent"
    assert (outbox.delivery(bad).state, outbox.delivery(bad).last_error_code) == ("dead", "unknown_twice")
    assert outbox.tries(bad) == ["unknown", "unknown"]
    assert [item.form["To"] for item in far.sent()] == [phones["bob"]]


def test_an_edge_or_region_in_the_environment_sends_nothing_elsewhere(outbox, far, opened, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "ashburn")
    monkeypatch.setenv("TWILIO_REGION", "us1")
    outbox.deliver()
    assert len(far.sent()) == 1


# --- A hundred at once -----------------------------------------------------------------------------------------------
def test_a_hundred_workers_at_once_send_each_text_once(outbox, far, phones):
    people = [outbox.person(short) for short in ("alice", "bob", "carol")]
    abouts = [
        outbox.announce("escalation.step", audience=[one.pk for one in people], channels=["sms"]) for _ in range(40)
    ]
    planning.plan_due()
    planning.plan_due()
    start = threading.Barrier(100)

    def work() -> None:
        try:
            connection.ensure_connection()
            start.wait(60)
            outbox.deliver()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len(far.posts) == len(far.sent()) == 120
    assert sorted({item.form["To"] for item in far.sent()}) == sorted(phones.values())
    assert {len([item for item in far.sent() if str(about) in item.form["Body"]]) for about in abouts} == {3}
