"""RabbitMQ as the broker, by its URL: a real server where the machine has one; events, stream and state as ever."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import pytest
from kombu import Connection

from notifications import broker
from notifications.heartbeat import worker_last_seen
from notifications.models import Attempt, Event, Notification
from tests.far_ends.certificates import certificate
from tests.notifications.machines import Program, environment, sweeper, wait_for, worker
from tests.notifications.rabbits import Rabbit, server  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow

AWAY = "amqp://guest:guest@127.0.0.1:1/"


@pytest.fixture
def rabbit(server: Rabbit, settings: object) -> Iterator[Rabbit]:  # noqa: F811
    """Empty, and the broker of this process."""
    if not server.answers():
        server.start()
    server.empty()
    settings.BROKER_URL = server.url
    return server


@pytest.fixture
def env(valkey, rabbit: Rabbit) -> dict[str, str]:
    return environment(valkey, BROKER_URL=rabbit.url)


def deliverers() -> set[str]:
    """Which kinds of processes have delivered."""
    return {name.partition(":")[0] for name in Attempt.objects.values_list("delivery__leased_by", flat=True)}


def test_an_event_is_delivered_by_the_worker_that_rabbit_wakes(outbox, valkey, rabbit, env):
    process = worker(valkey, env=env)
    try:
        about = outbox.announce()
        wait_for(lambda: outbox.lines(about) == len(outbox.people(role="staff")), "it is delivered", also=process)
        wait_for(lambda: rabbit.waiting() == rabbit.waiting(broker.BULK) == 0, "all messages are taken", also=process)
        assert broker.wakes.failures == 0
        assert valkey.client().exists(*broker.WAKES) == 0  # nothing was asked of Redis as a broker
        assert deliverers() == {"worker"}
    finally:
        assert process.stop() == 0


def test_a_message_says_nothing_but_look(outbox, valkey, rabbit):
    outbox.announce()
    broker.wakes.publish(queue=broker.URGENT)
    with Connection(rabbit.url) as connection:
        for queue in (broker.QUEUE, broker.URGENT):
            wait_for(lambda queue=queue: rabbit.waiting(queue), "the message is there")
            message = connection.default_channel.basic_get(queue, no_ack=True)
            args, kwargs, _ = json.loads(message.body)
            assert (args, kwargs) == ([], {})
            told = message.properties["application_headers"]
            assert (told["task"], told["argsrepr"], told["kwargsrepr"]) == (broker.WAKES[queue], "()", "{}")
            assert not {word for word in str(told).split() if word.startswith("+1")}


def test_wakes_stop_where_a_queue_is_full_already(rabbit):
    wakes = broker.Wakes()

    assert wakes.publish(5)
    # Its queues answer how long they are before they take what was sent earlier, where it has one processor.
    wait_for(lambda: rabbit.waiting() == 5, "the first have arrived")
    assert wakes.publish(broker.ENOUGH_WAKES)

    wait_for(lambda: rabbit.waiting() == broker.ENOUGH_WAKES, "the last one has arrived, and none beyond")


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_no_line(outbox, valkey, rabbit, env):
    sweeps, process = sweeper(valkey, env=env), worker(valkey, env=env, concurrency=2)
    abouts = []
    try:
        for _ in range(2):
            abouts += [outbox.announce("escalation.urgent") for _ in range(40)]
            process.kill()
            outbox.lapse()
            process = worker(valkey, env=env, concurrency=2)
        people = len(outbox.people(role__in=["staff", "doctor"]))

        def all_told() -> bool:
            outbox.lapse_old()
            return Notification.objects.count() == people * len(abouts)

        wait_for(all_told, "everybody has heard of everything", seconds=60, also=process)
        assert [outbox.lines(about) for about in abouts] == [people] * len(abouts)
    finally:
        process.kill()
        sweeps.kill()


def test_while_rabbit_is_away_nothing_is_lost_and_afterwards_the_worker_is_woken_again(outbox, valkey, rabbit, env):
    process = worker(valkey, env=env)
    try:
        wait_for(worker_last_seen, "the first canary has landed", seconds=30, also=process)
        assert broker.wakes.publish()
        rabbit.kill()
        urgent = outbox.announce("escalation.raised")
        wait_for(lambda: outbox.lines(urgent) == len(outbox.people()), "the web process tells it itself", seconds=4)
        quiet = outbox.announce()
        time.sleep(3)
        assert outbox.lines(quiet) == 0
        sweeps = sweeper(valkey, env=env)
        try:
            wait_for(lambda: outbox.lines(quiet), "the sweeper delivers alone", seconds=20, also=sweeps)
        finally:
            sweeps.kill()
        rabbit.start()

        broker.wakes._closed_until = 0.0
        after = outbox.announce()
        wait_for(lambda: outbox.lines(after), "the worker has come back and is woken", seconds=60, also=process)
        assert outbox.delivery(after, "inbox").leased_by.startswith("worker")
        assert not Event.objects.exclude(kind="system.canary").exclude(state="planned").exists()
    finally:
        process.kill()


def test_the_beat_goes_on_sending_after_rabbit_was_away(valkey, rabbit, env):
    beat = Program("-m", "celery", "-A", "tests.notifications.quick_beat", "beat", "--loglevel", "WARNING", env=env)
    try:
        wait_for(rabbit.waiting_or_none, "it sends", seconds=60, also=beat)
        rabbit.kill()
        time.sleep(3)
        rabbit.start()
        left = rabbit.waiting_or_none()
        wait_for(lambda: rabbit.waiting_or_none() > left, "it sends again", seconds=60, also=beat)
    finally:
        beat.kill()


def test_a_connection_that_rabbit_has_closed_meanwhile_costs_no_wake_up(rabbit):
    wakes = broker.Wakes()
    assert wakes.publish()
    rabbit.kill()
    rabbit.start()

    assert wakes.publish()
    assert wakes.failures == 0
    wait_for(rabbit.waiting, "the second is there")  # the first may have died with its server: it was a hint


def test_a_rabbit_that_is_away_costs_one_try_and_then_nothing(settings):
    settings.BROKER_URL = AWAY
    wakes = broker.Wakes()

    began = time.monotonic()
    assert wakes.publish() is False
    tried = time.monotonic()
    assert tried - began < 2
    assert wakes.publish() is False
    assert time.monotonic() - tried < 0.05
    assert wakes.failures == 1


def test_an_encrypted_broker_must_show_a_certificate_of_its_name(settings, tmp_path, monkeypatch):
    cert = certificate(tmp_path, "127.0.0.1.example.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, tmp_path / "key.pem")
    heard: list[bytes] = []

    def answer() -> None:
        while True:
            with contextlib.suppress(OSError), listening.accept()[0] as raw:
                heard.append(context.wrap_socket(raw, server_side=True).recv(8))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        settings.BROKER_URL = f"amqps://guest:guest@127.0.0.1:{listening.getsockname()[1]}/"

        assert broker.Wakes().publish() is False
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))  # known by now, but another's
        assert broker.Wakes().publish() is False

    assert not any(heard), "not a word was said to it"
