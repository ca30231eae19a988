"""RabbitMQ as the broker, by its URL: a real server where the machine has one; events, stream and state as ever."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from notifications import broker
from notifications.models import Attempt
from tests.notifications.machines import environment, wait_for, worker

pytestmark = pytest.mark.slow

AWAY = "amqp://guest:guest@127.0.0.1:1/"
CONFIG = """
listeners.tcp.1 = 127.0.0.1:{port}
distribution.listener.interface = 127.0.0.1
log.console = true
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _server() -> str:
    """The server itself, not Debian's wrapper, which wants to be another user."""
    found = os.environ.get("RABBITMQ") or shutil.which(
        "rabbitmq-server", path="/usr/lib/rabbitmq/bin:/opt/rabbitmq/sbin"
    )
    if not found:
        pytest.skip("There is no RabbitMQ here: apt-get install rabbitmq-server, or name it in RABBITMQ.")
    return found


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[str]:
    """A RabbitMQ of this test's own; yields its address."""
    port, epmd = free_port(), free_port()
    (tmp_path / "rabbit.conf").write_text(CONFIG.format(port=port))
    (tmp_path / "plugins").write_text("[].\n")
    (tmp_path / "env").write_text("")
    own = {
        "HOME": str(tmp_path), "RABBITMQ_NODENAME": f"test{port}@localhost", "RABBITMQ_MNESIA_BASE": str(tmp_path),
        "RABBITMQ_LOG_BASE": str(tmp_path), "RABBITMQ_CONFIG_FILE": str(tmp_path / "rabbit.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(tmp_path / "plugins"), "RABBITMQ_CONF_ENV_FILE": str(tmp_path / "env"),
        "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
    }  # fmt: skip
    log = (tmp_path / "said").open("wb")
    process = subprocess.Popen([_server()], env={**os.environ, **own}, stdout=log, stderr=log, start_new_session=True)
    url = f"amqp://guest:guest@127.0.0.1:{port}/"
    try:
        wait_for(lambda: _answers(url), "RabbitMQ answers", seconds=90)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        subprocess.run(["epmd", "-port", str(epmd), "-kill"], capture_output=True, check=False)
        log.close()


def _answers(url: str) -> bool:
    try:
        with Connection(url, transport_options=broker.RABBIT_OPTIONS) as connection:
            connection.connect()
    except (OSError, broker.AMQPError):
        return False
    return True


def test_an_event_is_delivered_by_the_worker_that_rabbit_wakes(outbox, valkey, rabbit, settings):
    settings.BROKER_URL = rabbit
    process = worker(valkey, env=environment(valkey, BROKER_URL=rabbit))
    try:
        about = outbox.announce()
        wait_for(lambda: outbox.lines(about) == len(outbox.people()), "the event is delivered", also=process)
        assert broker.wakes.failures == 0
        assert valkey.client().llen(broker.QUEUE) == 0  # nothing was asked of Redis as a broker
        assert not {name for name in Attempt.objects.values_list("delivery__leased_by", flat=True) if "web" in name}
    finally:
        assert process.stop() == 0


def test_wakes_stop_where_a_queue_is_full_already(rabbit, settings):
    settings.BROKER_URL = rabbit
    wakes = broker.Wakes()

    assert wakes.publish(5)
    assert wakes.publish(broker.ENOUGH_WAKES)

    with Connection(rabbit) as connection:
        waiting = connection.default_channel.queue_declare(queue=broker.QUEUE, passive=True).message_count
    assert waiting == broker.ENOUGH_WAKES


def test_a_rabbit_that_is_away_costs_one_try_and_then_nothing(settings):
    settings.BROKER_URL = AWAY
    wakes = broker.Wakes()

    assert wakes.publish() is False
    assert wakes.publish() is False
    assert wakes.failures == 1
