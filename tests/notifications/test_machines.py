"""The whole road with real processes: a Celery worker, a Valkey that freezes, forgets and dies, a sweeper."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clinics.tenancy import inside
from notifications import broker, claims, heartbeat, nudge, stream
from notifications.broker import BREAK_SECONDS, ENOUGH_WAKES, QUEUE, Wakes, broker_url
from notifications.events import announce
from notifications.models import Attempt, Delivery, Event, Notification
from tests.notifications.latency import event_to_row, event_to_stream
from tests.notifications.machines import Program, environment, sweeper, wait_for, worker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("url", "kombu"),
    [
        ("redis://cache.internal:6379/0", "redis://cache.internal:6379/0"),
        ("rediss://user:pw@cache:6380/1", "rediss://user:pw@cache:6380/1"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
    ],
)
def test_the_brokers_url_is_derived(url, kombu):
    assert broker_url(url) == kombu


# --- Publishing --------------------------------------------------------------------------------------------------
def test_a_wake_up_carries_nothing(valkey):
    assert Wakes().publish()
    (message,) = valkey.client().lrange(QUEUE, 0, -1)
    assert b'"argsrepr": "()"' in message
    assert b'"kwargsrepr": "{}"' in message
    assert len(message) < 1500


def test_a_queue_that_nobody_reads_stays_short(valkey):
    wakes = Wakes()
    for _ in range(200):
        assert wakes.publish(4)
    assert valkey.client().llen(QUEUE) == ENOUGH_WAKES


@pytest.mark.parametrize("fault", ["freeze", "kill"])
@pytest.mark.parametrize("connected", [True, False])
def test_a_dead_or_frozen_redis_holds_the_publisher_less_than_a_second_and_is_then_left_alone(valkey, fault, connected):
    wakes = Wakes()
    if connected:
        assert wakes.publish()
    getattr(valkey, fault)()

    began = time.monotonic()
    assert wakes.publish() is False
    assert time.monotonic() - began < 1.0

    began = time.monotonic()
    assert wakes.publish() is False
    assert time.monotonic() - began < 0.01
    assert wakes.failures == 1


def test_the_breaker_closes_again(valkey, monkeypatch):
    wakes = Wakes()
    valkey.kill()
    assert wakes.publish() is False
    valkey.start()
    clock = time.monotonic()
    monkeypatch.setattr(broker.time, "monotonic", lambda: clock + BREAK_SECONDS + 1)
    assert wakes.publish() is True


@pytest.mark.parametrize("fault", ["freeze", "kill"])
def test_a_request_never_waits_for_redis_and_an_urgent_event_is_delivered_all_the_same(
    outbox, valkey, fault, monkeypatch
):
    outbox.announce()
    getattr(valkey, fault)()
    asking: list[threading.Thread] = []
    for home, name in ((Wakes, "publish"), (stream, "publish"), (stream, "push")):
        monkeypatch.setattr(home, name, told_of(getattr(home, name), asking))

    about = outbox.announce("escalation.raised")

    wait_for(lambda: outbox.lines(about) == len(outbox.people()), "the urgent event is delivered", seconds=4)
    assert set(Attempt.objects.values_list("delivery__leased_by", flat=True)) == {claims.whoami("web")}
    assert asking, "somebody has to have asked Redis"
    assert threading.current_thread() not in asking
    valkey.thaw()


def told_of(deed: Callable[..., object], threads: list[threading.Thread]) -> Callable[..., object]:
    """The same deed; the threads that do it are noted."""

    def noted(*args: object, **named: object) -> object:
        threads.append(threading.current_thread())
        return deed(*args, **named)

    return noted


def test_what_is_not_urgent_is_left_to_the_sweeper_when_redis_is_away(outbox, valkey):
    valkey.kill()
    about = outbox.announce()
    nudge.nudger.wait(3)
    assert outbox.lines(about) == 0
    outbox.due()
    process = sweeper(valkey)
    try:
        wait_for(lambda: outbox.lines(about) > 0, "the sweeper delivers alone", seconds=15, also=process)
        assert heartbeat.sweeper_last_seen() is not None
    finally:
        assert process.stop() == 0


# --- A worker ----------------------------------------------------------------------------------------------------
def test_a_worker_delivers_within_a_moment_and_its_canary_is_its_heartbeat(outbox, valkey):
    process = worker(valkey)
    try:
        wait_for(heartbeat.worker_last_seen, "the first canary has landed", also=process)
        assert (timezone.now() - heartbeat.worker_last_seen()).total_seconds() < 5
        took = [event_to_row(outbox.north) for _ in range(20)]
        pushed = [event_to_stream(outbox.north, valkey.url) for _ in range(20)]
        print(f"\nrow p50 {sorted(took)[10] * 1e3:.1f} ms, stream p50 {sorted(pushed)[10] * 1e3:.1f} ms")  # noqa: T201
        assert sorted(took)[10] < 0.25
        assert sorted(pushed)[10] < 0.25
        assert heartbeat.sweeper_last_seen() is None
    finally:
        assert process.stop() == 0


def test_a_worker_killed_again_and_again_loses_nothing_and_doubles_no_line(outbox, valkey):
    """With a sweeper, `kill -9` of the worker's whole group, and a Redis that is flushed and restarted in between."""
    sweeps = sweeper(valkey)
    process = worker(valkey, concurrency=2)
    abouts: list[uuid.UUID] = []
    try:
        for round_ in range(4):
            for _ in range(60):
                abouts.append(outbox.announce("escalation.urgent"))
            process.kill()
            if round_ % 2:
                valkey.client().flushall()
            else:
                valkey.kill()
                valkey.start()
            outbox.lapse()
            process = worker(valkey, concurrency=2)
        people = len(outbox.people(role__in=["staff", "doctor"]))

        def all_told() -> bool:
            outbox.lapse_old()
            return Notification.objects.count() == people * len(abouts)

        wait_for(all_told, "everybody has heard of everything", seconds=60, also=process)
        assert [outbox.lines(about) for about in abouts] == [people] * len(abouts)
        assert Event.objects.exclude(kind="system.canary").exclude(state="planned").count() == 0
        assert not Delivery.objects.filter(channel="inbox").exclude(state="sent").exists()
    finally:
        process.kill()
        sweeps.kill()


def test_a_poisonous_delivery_dies_alone(outbox, valkey, tmp_path, no_nudge):
    """A writer that kills its own process: dead after three lost leases, and its neighbours are all delivered."""
    (tmp_path / "poisoned.py").write_text(POISONED)
    (bob,) = outbox.people(role="doctor")
    for number in range(30):
        outbox.announce("task.completed", audience=[bob.pk]) if number == 7 else outbox.announce()
    staff = len(outbox.people(role="staff"))
    process = worker(valkey, app="poisoned", env=environment(valkey, PYTHONPATH=str(tmp_path)))

    def over() -> bool:
        outbox.lapse_old()
        outbox.due()
        claims.reap()
        nudge.wakes.publish()
        dead = Delivery.objects.filter(channel="inbox", state="dead").count()
        return dead == 1 and Notification.objects.count() == 29 * staff

    try:
        wait_for(over, "the poison is dead and its neighbours are told", seconds=60, also=process, every=0.3)
        dead = Delivery.objects.get(state="dead")
        assert (dead.event.kind, dead.lost_leases) == ("task.completed", 3)
        # A lease that lapsed before its start, on a busy machine, is lost without a try.
        assert set(dead.tries.values_list("outcome", flat=True)) == {"lost"}
    finally:
        process.kill()


POISONED = """
import os, signal
from celery import signals
from cliniqai.celery import app

@signals.worker_process_init.connect
def poison(**_):
    from notifications import delivery
    write = delivery.WRITERS["inbox"]
    def poisoned(deliveries):
        if any(one.kind == "task.completed" for one in deliveries):
            os.kill(os.getpid(), signal.SIGKILL)
        write(deliveries)
    delivery.WRITERS = {**delivery.WRITERS, "inbox": poisoned}
"""


def test_a_job_never_inherits_the_clinic_of_the_one_before(outbox, valkey, tmp_path):
    """300 jobs over two clinics and public, some failing inside a clinic: each starts in public and sees its own."""
    seen = tmp_path / "seen.txt"
    (tmp_path / "leaky.py").write_text(LEAKY)
    env = environment(valkey, PYTHONPATH=str(tmp_path), SEEN=str(seen))
    process = Program("-m", "celery", "-A", "leaky", "worker", "--concurrency=2", "--without-mingle", env=env)
    try:
        from celery import Celery

        sender = Celery("sender", broker=broker_url(valkey.url), set_as_current=False)
        for number in range(300):
            schema = ("north", "south", "")[number % 3]
            sender.send_task("leaky.look", args=(schema, number), ignore_result=True)
        wait_for(
            lambda: seen.exists() and len(seen.read_text().splitlines()) == 300,
            "all have run",
            seconds=60,
            also=process,
        )
        for line in seen.read_text().splitlines():
            before, wanted, inside_, after = line.split(",")
            assert before == "public"
            assert inside_ == (wanted or "public")
            assert after == "public" or wanted == ""
    finally:
        process.kill()


LEAKY = """
import os
from cliniqai.celery import app
import django
django.setup()
from django.db import connection
from clinics.tenancy import clinic_by_schema, clinic_job

@clinic_job
def within(schema, number):
    found = connection.schema_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone()[0] == schema
    if number % 5 == 0:
        raise RuntimeError("a job that fails inside a clinic")
    return found

@app.task(name="leaky.look")
def look(schema, number):
    before, inside, error = connection.schema_name, "", None
    if schema:
        inside = schema
        try:
            within(schema, number)
        except RuntimeError as caught:
            error = caught
    else:
        inside = connection.schema_name
    after = connection.schema_name
    if number % 7 == 0 and schema:
        connection.set_tenant(clinic_by_schema(schema))  # a careless job that never leaves
    with open(os.environ["SEEN"], "a") as file:
        file.write(f"{before},{schema},{inside},{after}\\n")
    if error:
        raise error
"""


def test_the_sweeper_survives_a_redis_that_is_away_and_a_database_that_hangs_up(outbox, valkey):
    valkey.kill()
    process = sweeper(valkey)
    try:
        wait_for(heartbeat.sweeper_last_seen, "the first pass", seconds=20, also=process)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%notifications%'"
            )
        about = outbox.announce()
        wait_for(lambda: outbox.lines(about) > 0, "it goes on", seconds=20, also=process)
        assert process.process.poll() is None
    finally:
        assert process.stop() == 0


def test_sweep_once_does_one_pass(outbox, valkey, no_nudge):
    about = outbox.announce()
    process = Program("manage.py", "sweep", "--once", env=environment(valkey))
    assert process.process.wait(30) == 0, process.said()
    assert outbox.lines(about) == len(outbox.people(role="staff"))


def test_no_patients_word_reaches_redis_the_broker_or_a_public_row(outbox, valkey):
    """The words are in the caller's own rows; of them the outbox learns ids, kinds and a path."""
    monitor = Program("-c", MONITOR, env=environment(valkey))
    wait_for(lambda: "watching" in monitor.said(), "the monitor runs")
    process = worker(valkey)
    try:
        canary = "Xochitl Canary"
        with inside(outbox.north), transaction.atomic():
            about = uuid.uuid4()
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('cliniqai.patient', %s, true)", [canary])
            announce(
                kind="escalation.raised", about=about, path=f"/escalations/{about}/", key=f"escalation.raised:{about}"
            )
        wait_for(lambda: outbox.lines(about), "it is delivered", also=process)
        time.sleep(0.3)
        redis = valkey.client()
        dump = b"".join(redis.dump(key) or b"" for key in redis.keys("*"))
        said = monitor.said()
        assert "escalation.raised" in said, "the monitor saw the push"
        assert f"{about}" not in said
        for person in outbox.people():
            assert f"{person.pk}" not in said
        for hidden in (canary, "Northside", "@north.test"):
            assert hidden not in said
            assert hidden.encode() not in dump
            assert hidden not in process.said()
    finally:
        process.kill()
        monitor.kill()


MONITOR = """
import os, redis
with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None).monitor() as monitor:
    print("watching", flush=True)
    for command in monitor.listen():
        print(command["command"], flush=True)
"""
