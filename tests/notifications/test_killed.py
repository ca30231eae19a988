"""Real processes killed with -9 while a text is on its way; what the network accepted is counted at its socket."""

from __future__ import annotations

import pytest

from notifications import broker, claims, planning
from notifications.models import Delivery
from tests.far_ends.twilio_rest import Mood
from tests.notifications.machines import blackhole, environment, sweeper, wait_for, worker

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_nudge", "phones")]

HANGS = Mood(sees="nothing")  # accepted, and then not a word


@pytest.fixture
def opened(outbox, far):
    """A new task that Alice, and nobody else, wants to be texted about."""
    outbox.chooses("alice")
    return outbox.announce("task.opened")


@pytest.fixture
def env(valkey, far) -> dict[str, str]:
    return environment(valkey, SMS_MODE="on", TWILIO_API_BASE_URL=far.url)


def sending(about) -> bool:
    """Whether it is marked as under way to its number."""
    under_way = Delivery.objects.filter(event__about=about, channel="sms", state="sending")
    return under_way.exclude(to_digest="").exists()


def bury(outbox, process) -> dict[str, int]:
    """Kill a process and all its children, and let its leases run out."""
    process.kill()
    outbox.lapse()
    return claims.reap()


def test_killed_between_the_call_and_the_record_it_is_found_and_not_sent_again(outbox, valkey, far, env, opened):
    far.moods.append(HANGS)
    process = worker(valkey, env=env, concurrency=2)
    try:
        wait_for(far.sent, "the network has accepted it", seconds=20, also=process)
        assert sending(opened)
    finally:
        counts = bury(outbox, process)
    assert counts == {"unknown": 1}

    outbox.ask()
    outbox.due()
    outbox.deliver()
    assert outbox.delivery(opened).state == "sent"
    assert outbox.tries(opened) == ["found"]
    assert len(far.posts) == 1


def test_killed_between_the_mark_and_the_call_it_is_asked_for_and_then_sent_once(outbox, valkey, far, env, opened):
    with blackhole() as address:
        process = worker(valkey, env={**env, "TWILIO_API_BASE_URL": address}, concurrency=2)
        try:
            wait_for(lambda: sending(opened), "the mark is made", seconds=20, also=process)
        finally:
            counts = bury(outbox, process)
    assert counts == {"unknown": 1}
    assert far.posts == []

    outbox.ask()
    assert len(far.lists) == 1, "the network was asked before anything was sent again"
    outbox.deliver()
    assert outbox.delivery(opened).state == "sent"
    assert outbox.tries(opened) == ["lost", "sent"]
    assert len(far.sent()) == 1


def test_killed_before_the_mark_nothing_is_asked_and_it_is_sent_once(outbox, far, opened):
    planning.plan_due()
    claims.claim_one(me="worker:gone:1", grace=claims.LEASE * 0, outside=True)
    outbox.lapse()
    assert claims.reap() == {"pending": 1}
    outbox.deliver()
    assert (len(far.posts), far.lists) == (1, [])


def test_an_urgent_text_whose_worker_was_killed_is_sent_again_at_once(outbox, valkey, far, env):
    about = outbox.announce("escalation.step", audience=[outbox.person("bob").pk], channels=["sms"])
    far.moods.append(HANGS)
    process = worker(valkey, env=env, concurrency=2)
    try:
        wait_for(far.sent, "the network has accepted it", seconds=20, also=process)
    finally:
        bury(outbox, process)
    outbox.deliver()
    assert outbox.delivery(about).state == "sent"
    assert len(far.sent()) == 2, "twice is better than never"


def test_a_report_settles_what_a_killed_worker_left_behind(outbox, valkey, far, env, opened, report):
    far.moods.append(HANGS)
    process = worker(valkey, env=env, concurrency=2)
    try:
        wait_for(far.sent, "the network has accepted it", seconds=20, also=process)
    finally:
        process.kill()
    assert report(far.sent()[0], "sent").status_code == 204
    assert outbox.delivery(opened).state == "sent"
    outbox.lapse()
    assert claims.reap() == {}
    assert far.lists == []


def test_a_worker_of_the_urgent_lane_sends_while_every_other_one_hangs(outbox, valkey, far, env):
    """Two workers hang in texts that are not urgent; the urgent lane has one of its own."""
    for short in ("alice", "bob", "carol"):
        outbox.chooses(short)
    everyone = [one.pk for one in outbox.people()]
    outbox.announce("task.opened", audience=everyone)
    far.mood = lambda form: Mood() if "urgent" in form["Body"] else HANGS
    bulk = worker(valkey, env=env, concurrency=2)
    urgent = worker(valkey, env=env, concurrency=1, queues="urgent")
    try:
        wait_for(lambda: len(far.posts) >= 2, "two workers hang", seconds=20, also=bulk)
        about = outbox.announce("escalation.step", audience=[outbox.person("bob").pk], channels=["sms", "inbox"])
        assert urgent.process.poll() is None
        assert broker.wakes.publish(queue=broker.URGENT)
        wait_for(lambda: outbox.states(about).get("sms") == ["sent"], "the urgent one is sent", also=urgent)
        assert outbox.states(about)["inbox"] == ["sent"]
    finally:
        bulk.kill()
        urgent.kill()


def test_without_redis_and_worker_the_sweeper_texts_alone(outbox, valkey, far, env, opened):
    valkey.kill()
    outbox.due()
    process = sweeper(valkey, env=env)
    try:
        wait_for(lambda: outbox.states(opened).get("sms") == ["sent"], "it is sent", seconds=90, also=process)
    finally:
        assert process.stop() == 0
    assert len(far.posts) == 1


def test_while_the_network_hangs_the_sweepers_other_work_goes_on(outbox, valkey, far, env, opened):
    far.mood = lambda form: HANGS
    valkey.kill()
    process = sweeper(valkey, env=env)
    try:
        wait_for(lambda: far.posts, "it hangs in a text", seconds=90, also=process)
        later = outbox.announce("escalation.raised")
        wait_for(lambda: outbox.lines(later) == len(outbox.people()), "inboxes are filled", seconds=5, also=process)
        assert sending(opened)
    finally:
        process.kill()
