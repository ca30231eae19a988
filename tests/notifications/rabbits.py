"""A RabbitMQ of a test's own: its node, ports and folder are nobody else's, and it is gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from amqp.exceptions import AMQPError, NotFound
from kombu import Connection

from notifications import broker
from tests.notifications.machines import wait_for

CONFIG = """
listeners.tcp.1 = 127.0.0.1:{port}
distribution.listener.interface = 127.0.0.1
log.console = true
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rabbit:
    """A server that a test may stop, kill and start again over the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.epmd = folder, free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "conf").write_text(CONFIG.format(port=self.port))
        (folder / "plugins").write_text("[].\n")
        (folder / "env").write_text("")
        self.env = {
            **os.environ,
            "HOME": str(folder), "RABBITMQ_NODENAME": f"test{self.port}@localhost", "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_LOG_BASE": str(folder), "RABBITMQ_CONFIG_FILE": str(folder / "conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_CONF_ENV_FILE": str(folder / "env"),
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(self.epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
        }  # fmt: skip

    def start(self) -> None:
        with (self.folder / "said").open("ab") as log:
            self.process = subprocess.Popen([_server()], env=self.env, stdout=log, stderr=log, start_new_session=True)
        wait_for(self.answers, "RabbitMQ answers", seconds=120, every=0.2)

    def kill(self) -> None:
        """As when the machine loses its power."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end(self) -> None:
        self.kill()
        wait_for(self._names_nobody, "the node's daemon has ended")

    def _names_nobody(self) -> bool:
        """Erlang's daemon of this node ends when told to, once it has noticed that the node is gone."""
        daemon = ["epmd", "-port", str(self.epmd)]
        subprocess.run([*daemon, "-kill"], capture_output=True, check=False)
        return subprocess.run([*daemon, "-names"], capture_output=True, check=False).returncode != 0

    def waiting(self, queue: str = broker.QUEUE) -> int:
        """How many messages lie in a queue that nobody has been sent."""
        with Connection(self.url) as connection:
            return connection.default_channel.queue_declare(queue=queue, passive=True).message_count

    def waiting_or_none(self) -> int:
        """The same; 0 where nobody has declared the queue yet."""
        with contextlib.suppress(NotFound):
            return self.waiting()
        return 0

    def empty(self) -> None:
        with Connection(self.url) as connection:
            for queue in broker.WAKES:
                connection.default_channel.queue_delete(queue)

    def answers(self) -> bool:
        try:
            with Connection(self.url, transport_options=broker.RABBIT_OPTIONS) as connection:
                connection.connect()
        except (OSError, AMQPError):
            return False
        return True


def _server() -> str:
    """The server itself, not Debian's wrapper, which wants to be another user."""
    places = "/usr/lib/rabbitmq/bin:/opt/rabbitmq/sbin"
    found = os.environ.get("RABBITMQ") or shutil.which("rabbitmq-server", path=places)
    if not found:
        pytest.skip("There is no RabbitMQ here: apt-get install rabbitmq-server, or name it in RABBITMQ.")
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    """One for a file of tests: it takes seconds to start."""
    _server()
    found = Rabbit(tmp_path_factory.mktemp("rabbit"))
    try:
        found.start()
        yield found
    finally:
        found.end()
