"""`make run` as a person meets it: up, hurt, stopped, and nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.port import unready
from cliniqai.embedded.processes import wait_until
from tests.platform.conftest import running

pytestmark = pytest.mark.slow

UP_SECONDS = 120
PARTS = ("web", "worker", "beat", "sweeper")


class Started:
    """One `make run` without the demo, on a free port, in a folder of its own."""

    def __init__(self, places: Places) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.places = places
        self.log = places.data.parent / "run.log"
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        plain = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        env = plain | {"DATA_DIR": str(self.places.data), "PORT": str(self.port), "DEMO": "0"}
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "cliniqai.embedded.run"]
            return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)

    def wait_until_up(self) -> None:
        assert wait_until(
            lambda: "Ctrl-C stops everything" in self.log.read_text() or self.process.poll() is not None,
            seconds=UP_SECONDS,
            step=0.1,
        )
        assert self.process.poll() is None, self.log.read_text()

    def wait_until_ready(self) -> None:
        assert wait_until(lambda: unready(self.port) == "", seconds=60, step=0.2), self.log.read_text()

    def processes(self) -> set[int]:
        """Everything that it started and is still there."""
        return {*running(self.places), *(self.pid(part) for part in PARTS if self.pid(part))} - {0}

    def pid(self, part: str) -> int:
        record = self.places.run / f"{part}.pid"
        pid = int(record.read_text().split("\n")[0]) if record.exists() else 0
        return pid if Path(f"/proc/{pid}/cmdline").exists() else 0


@pytest.fixture
def started(places: Places) -> Iterator[Started]:
    made = Started(places)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_it_comes_up_survives_kills_and_stops_without_a_trace(started: Started) -> None:
    started.wait_until_up()
    assert unready(started.port) == ""

    for part in PARTS:
        killed = started.pid(part)
        os.kill(killed, signal.SIGKILL)
        assert wait_until(lambda part=part, killed=killed: started.pid(part) not in (0, killed), seconds=10), part
    started.wait_until_ready()

    begun = time.monotonic()
    os.kill(started.process.pid, signal.SIGINT)
    assert started.process.wait(30) == 0, started.log.read_text()
    assert time.monotonic() - begun < 25
    assert "Traceback" not in started.log.read_text()
    assert running(started.places) == {}

    started.process = started.start()
    started.wait_until_up()
    seen = started.processes()
    assert len(seen) >= 7  # the four parts, PostgreSQL, Valkey, their keeper
    os.kill(started.process.pid, signal.SIGKILL)
    started.process.wait()
    assert wait_until(lambda: not running(started.places), seconds=30, step=0.1)
    assert wait_until(lambda: not [pid for pid in seen if Path(f"/proc/{pid}/cmdline").exists()], seconds=5)


def test_a_demo_in_production_is_refused(places: Places) -> None:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(places.data), "DEBUG": "0"}

    ended = subprocess.run(
        [sys.executable, "-m", "cliniqai.embedded.run"], cwd=ROOT, env=env, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert "unset DEBUG, or set DEMO=0" in ended.stderr
    assert "Traceback" not in ended.stderr
