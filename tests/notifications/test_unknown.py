"""What is not known is asked for, and only then sent again: once, and marked. Counted at the far end's socket."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from clinics.people.models import User
from clinics.tenancy import inside
from notifications import claims, planning, settling
from notifications.models import Attempt, Delivery
from notifications.numbers import digest
from notifications.policy import look_again
from notifications.replaying import Wanted, replay
from tests.far_ends.twilio_rest import DROPPED, FAILED, FAILED_AFTER, Mood, late

pytestmark = pytest.mark.usefixtures("no_nudge", "phones", "hasty")


@pytest.fixture
def opened(outbox, far):
    """A new task that Alice, and nobody else, wants to be texted about."""
    outbox.chooses("alice")
    return outbox.announce("task.opened")


def test_an_unknown_text_is_due_to_be_asked_about_after_two_minutes(outbox, far, opened):
    far.moods.append(DROPPED)
    outbox.deliver()
    row = outbox.delivery(opened)
    assert row.state == "unknown"
    assert 115 < (row.available_at - timezone.now()).total_seconds() <= 120
    assert settling.settle_due(budget_seconds=5) == 0
    assert far.lists == []


@pytest.mark.parametrize("mood", [DROPPED, FAILED_AFTER, Mood(silence=0.9)], ids=["dropped", "500", "silent"])
@pytest.mark.parametrize("redacted", [False, True], ids=["bodies kept", "bodies redacted"])
def test_what_the_list_has_was_sent_and_is_not_sent_again(outbox, far, opened, phones, mood, redacted):
    far.redacted = redacted
    far.moods.append(mood)
    outbox.deliver()

    assert outbox.ask() == 1
    outbox.due()
    outbox.deliver()

    row = outbox.delivery(opened)
    assert (row.state, row.provider_id) == ("sent", far.sent()[0].sid)
    assert outbox.tries(opened) == ["found"]
    assert len(far.posts) == 1
    assert far.lists[0]["To"] == phones["alice"]


@pytest.mark.parametrize("mood", [FAILED, Mood(accepts=False, sees="drop")], ids=["500", "dropped"])
def test_what_the_list_does_not_have_is_sent_again_once_and_marked(outbox, far, opened, mood):
    far.moods.append(mood)
    outbox.deliver()
    outbox.ask()
    outbox.deliver()

    assert outbox.delivery(opened).state == "sent"
    assert len(far.sent()) == 1
    tries = Attempt.objects.filter(delivery__channel="sms").order_by("number")
    assert list(tries.values_list("outcome", "resent_after_unknown")) == [("unknown", False), ("sent", True)]


def test_what_is_unknown_twice_is_dead_and_a_person_decides(outbox, far, opened):
    far.moods.extend([FAILED, FAILED])
    for _ in range(4):
        outbox.deliver()
        outbox.ask()
    row = outbox.delivery(opened)
    assert (row.state, row.last_error_code) == ("dead", "unknown_twice")
    assert len(far.posts) == 2


def test_a_request_accepted_after_it_was_asked_about_is_the_one_duplicate_and_can_be_seen(outbox, far, opened):
    """The bound: as many duplicates as requests that are accepted later than deadline and settling time together."""
    far.moods.append(late(1.5))
    outbox.deliver()
    outbox.ask()
    outbox.deliver()
    wait = threading.Event()
    wait.wait(1.2)
    assert len(far.sent()) == 2
    assert Attempt.objects.filter(resent_after_unknown=True).count() == 1


def test_while_the_list_does_not_answer_nothing_is_sent_and_it_is_asked_again_later(outbox, far, opened):
    far.moods.append(DROPPED)
    outbox.deliver()
    far.list_status = 503
    outbox.ask()
    row = outbox.delivery(opened)
    assert (row.state, row.last_error_code, len(row.to_digest)) == ("unknown", "not_asked", 64)
    assert 25 < (row.available_at - timezone.now()).total_seconds() <= 31

    far.list_status = 200
    outbox.ask()
    assert outbox.delivery(opened).state == "sent"
    assert len(far.sent()) == 1


@pytest.mark.parametrize(("waited", "seconds"), [(0, 30), (60, 30), (400, 200), (100_000, 600)])
def test_the_list_is_asked_less_and_less_often(waited, seconds):
    assert look_again(waited) == seconds


def test_a_message_of_another_delivery_is_not_taken_for_ours(outbox, far, opened):
    """Both went to Alice within a second; the first was recorded, the second never arrived."""
    outbox.deliver()
    second = outbox.announce("task.opened")
    far.redacted = True
    far.moods.append(FAILED)
    outbox.deliver()
    outbox.ask()
    outbox.deliver()
    assert len(far.sent()) == 2
    ids = set(Delivery.objects.filter(channel="sms").values_list("provider_id", flat=True))
    assert ids == {item.sid for item in far.sent()}
    assert outbox.tries(second) == ["unknown", "sent"]


def test_a_text_about_something_else_is_not_taken_for_ours_where_bodies_are_kept(outbox, far, opened, phones):
    far.moods.append(FAILED)
    outbox.deliver()
    far.accept("Messages", {"To": phones["alice"], "From": "+12025550101", "Body": "something else", "x": "y"})
    outbox.ask()
    assert outbox.delivery(opened).state == "pending"


def test_two_texts_to_one_number_are_never_unknown_at_the_same_time(outbox, far, opened):
    second = outbox.announce("task.opened")
    far.moods.append(DROPPED)
    outbox.deliver()
    states = sorted([outbox.delivery(opened).state, outbox.delivery(second).state])
    assert states == ["pending", "unknown"]
    held = Delivery.objects.get(state="pending", channel="sms")
    assert (held.last_error_code, held.attempts) == ("another_unknown", 0)
    assert len(far.posts) == 1

    outbox.ask()
    outbox.due()
    outbox.deliver()
    assert len(far.sent()) == 2
    assert {outbox.delivery(opened).state, outbox.delivery(second).state} == {"sent"}


def test_the_database_itself_refuses_a_second_open_text_to_one_number(outbox, far, opened):
    second = outbox.announce("task.opened")
    planning.plan_due()
    for about in (opened, second):
        (claim,) = claims.claim_one(me="worker:test:1", grace=claims.LEASE * 0, outside=True)
        (started,) = claims.start([claim])
        if about is opened:
            assert claims.engage(started, "d" * 64)
        else:
            assert not claims.engage(started, "d" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        outbox.sql("UPDATE notifications_delivery SET to_digest = %s WHERE channel = 'sms'", "d" * 64)


def test_when_the_number_has_changed_since_a_person_has_to_look(outbox, far, opened):
    far.moods.append(DROPPED)
    outbox.deliver()
    with inside(outbox.north):
        User.objects.filter(email="alice@north.test").update(phone="+12025550199")
    outbox.ask()
    row = outbox.delivery(opened)
    assert (row.state, row.last_error_code) == ("unknown", "not_asked")
    assert len(far.posts) == 1
    outbox.sql("UPDATE notifications_attempt SET started_at = now() - interval '2 days'")
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() - interval '1 hour'")
    outbox.ask()
    assert (outbox.delivery(opened).state, outbox.delivery(opened).last_error_code) == ("dead", "never_settled")


def test_what_is_not_found_too_late_is_not_sent_any_more(outbox, far, opened):
    far.moods.append(FAILED)
    outbox.deliver()
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() - interval '1 second'")
    outbox.ask()
    outbox.deliver()
    assert outbox.delivery(opened).state == "expired"
    assert far.sent() == []


def test_ten_sweepers_at_once_ask_once_and_send_once(outbox, far, opened):
    far.moods.append(FAILED)
    outbox.deliver()

    def sweep() -> None:
        try:
            outbox.ask()
            outbox.deliver()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.deliver()
    assert len(far.sent()) == 1
    assert outbox.tries(opened) == ["unknown", "sent"]


def test_one_that_died_under_way_three_times_is_asked_about_before_a_replay_sends_it(outbox, far, opened, phones):
    number = digest(outbox.north, phones["alice"])
    planning.plan_due()
    for _ in range(3):
        outbox.sql("UPDATE notifications_delivery SET state = 'pending' WHERE state = 'unknown'")
        outbox.due()
        (started,) = claims.start(claims.claim_one(me="worker:test:1", grace=claims.LEASE * 0, outside=True))
        claims.engage(started, number)
        outbox.lapse()
        claims.reap()
    assert outbox.delivery(opened).state == "dead"
    body = {"To": phones["alice"], "From": "+12025550101", "Body": f"/tasks/{opened}/"}
    far.accept("Messages", body)  # the last of the three had got through

    replay(Wanted(), by="operator", reason="the worker is mended")
    assert outbox.delivery(opened).state == "unknown"
    outbox.ask()
    outbox.deliver()
    assert outbox.delivery(opened).state == "sent"
    assert far.posts == []


def test_asking_inside_a_transaction_is_refused(outbox):
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        settling.settle_due(budget_seconds=1)


def test_a_hundred_texts_under_a_hostile_network_are_lost_never_and_doubled_never(outbox, far, opened):
    """Every sort of bad end in turn, settled as the sweeper does, until all is terminal."""
    bad = [DROPPED, FAILED, FAILED_AFTER, Mood(accepts=False, sees="drop"), Mood(accepts=False, status=429, code=20429)]
    turn = iter(range(10_000))
    lock = threading.Lock()

    def mood(form):
        with lock:
            n = next(turn)
        return bad[n % 5] if n % 3 == 0 else Mood()

    far.mood = mood
    for short in ("bob", "carol"):
        outbox.chooses(short)
    with inside(outbox.north):
        everyone = [one.pk for one in User.objects.all()]
    for _ in range(33):
        outbox.announce("task.opened", audience=everyone, key=f"task.opened:{uuid.uuid4()}")
    for _ in range(200):
        outbox.deliver()
        outbox.ask()
        outbox.due()
        if not Delivery.objects.filter(channel="sms").exclude(state__in=["sent", "dead"]).exists():
            break

    bodies = [item.form["To"] + item.form["Body"] for item in far.sent()]
    texts = Delivery.objects.filter(channel="sms")
    assert texts.count() == 33 * 3 + 1
    assert len(bodies) == len(set(bodies)), "no text twice"
    sent = texts.filter(state="sent").count()
    assert sent == len(bodies), "what we call sent was accepted, and what was accepted we call sent"
    assert texts.exclude(state__in=["sent", "dead"]).count() == 0
    assert set(texts.filter(state="dead").values_list("last_error_code", flat=True)) <= {"unknown_twice"}
