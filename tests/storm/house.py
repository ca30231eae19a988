"""A house for the storm: its own PostgreSQL that keeps every commit, its own Valkey, a network, and all processes."""

from __future__ import annotations

import os
import socket
import time
from types import TracebackType

from django.conf import settings
from redis.exceptions import RedisError

from cliniqai.embedded.places import Places
from cliniqai.embedded.postgres import Postgres
from tests.far_ends.twilio_rest import TwilioRest, twilio_rest
from tests.notifications.machines import Program, Valkey

CELERY = ("-m", "celery", "-A", "cliniqai", "worker", "--loglevel", "ERROR", "--without-gossip", "--without-mingle")
WEB = ("-m", "uvicorn", "cliniqai.asgi:application", "--log-level", "critical", "--no-access-log")
PARTS: dict[str, tuple[tuple[str, ...], str]] = {
    "worker": ((*CELERY, "-Q", "celery", "--concurrency", "2"), "worker"),
    "worker_urgent": ((*CELERY, "-Q", "urgent", "--concurrency", "1"), "worker"),
    "worker_bulk": ((*CELERY, "-Q", "bulk", "--concurrency", "4"), "worker"),
    "sweeper": (("manage.py", "sweep"), "sweeper"),
    "web": (WEB, "web"),
    "web beside": (WEB, "web"),
}
"""The Procfile's processes, with fewer children each: two processors are all there is. Web servers are two, as on most
hosts; the storm kills the first."""

SURVIVES_SECONDS = 10.0
"""Who still runs after that has got through its start: a storm without a sweeper would prove nothing."""


class House:
    """Everything that runs; `kill` and `start` are what the storm does to it."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.postgres = Postgres(places)
        self.valkey = Valkey(places.run)
        self.programs: dict[str, Program] = {}
        self.ports = {name: _free_port() for name, (command, _) in PARTS.items() if command is WEB}
        self._far = twilio_rest(account=os.environ["TWILIO_ACCOUNT_SID"], token=os.environ["TWILIO_AUTH_TOKEN"])
        self.network: TwilioRest

    def __enter__(self) -> House:
        self.network = self._far.__enter__()
        self.postgres.start()
        self.valkey.start()
        os.environ.update(TWILIO_API_BASE_URL=self.network.url, PUBLIC_PORT=str(self.ports["web"]))
        settings.TWILIO_API_BASE_URL = self.network.url  # of this process
        settings.PUBLIC_PORT = str(self.ports["web"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.programs):
            self.kill(name)
        self.valkey.kill()
        self.postgres.stop()
        self._far.__exit__(None, None, None)

    # --- Processes --------------------------------------------------------------------------------------------------
    def start(self, name: str) -> None:
        command, process = PARTS[name]
        more = ("--port", str(self.ports[name])) if name in self.ports else ()
        self.programs[name] = Program(*command, *more, env={**os.environ, "CLINIQAI_PROCESS": process})

    def kill(self, name: str) -> None:
        """With -9, and its whole group."""
        program = self.programs.pop(name, None)
        if program is not None:
            program.kill()

    def run(self, *command: str) -> Program:
        """One of `manage.py`'s commands, as an operator starts it."""
        return Program("manage.py", *command, env={**os.environ})

    def start_all(self) -> None:
        for name in PARTS:
            self.start(name)
        end = time.monotonic() + 90
        while not self.web_answers():
            if time.monotonic() > end:
                raise SystemExit("The web servers of the storm did not start:\n" + self.programs["web"].said()[-2000:])
            time.sleep(0.1)
        time.sleep(SURVIVES_SECONDS)
        for name, program in self.programs.items():
            if program.process.poll() is not None:
                raise SystemExit(f"{name} does not run:\n{program.said()[-2000:]}")

    def web_answers(self) -> bool:
        """Whether both do."""
        try:
            for port in self.ports.values():
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    # --- Services ---------------------------------------------------------------------------------------------------
    def flush(self) -> bool:
        """Empty Redis; False where it cannot be asked."""
        try:
            return bool(self.valkey.client().flushall())
        except RedisError:
            return False

    def crash_postgres(self) -> None:
        """As `pg_ctl stop -m immediate` does, and up again."""
        assert self.postgres.process is not None
        self.postgres.process.send_signal(3)  # SIGQUIT
        self.postgres.process.wait(20)
        self.postgres.start()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
