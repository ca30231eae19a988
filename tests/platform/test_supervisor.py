"""Processes on the leash and under the supervisor: they die with their parent, come back, and end when asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliniqai.embedded import leftovers, supervisor
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.port import chosen_port, refuse_taken
from cliniqai.embedded.processes import command_of, wait_until
from cliniqai.embedded.run import the_only_one
from cliniqai.embedded.running import running_port, write_state
from cliniqai.embedded.supervisor import Part, Supervisor

SLEEP = ["-c", "import time; time.sleep(60)"]
STUBBORN = [
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
NEVER_STARTS = ["-c", "raise SystemExit('no such table')"]


@pytest.fixture
def watched(places: Places) -> Iterator[Supervisor]:
    places.make()
    made = Supervisor(places)
    yield made
    made.stop()


def pid_of(part: Part) -> int:
    assert part.process
    return part.process.pid


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's death signal is Linux's")
def test_a_child_dies_with_its_parent_even_by_kill_9() -> None:
    parent_code = (
        "import signal, sys; from cliniqai.embedded.processes import start; "
        "print(start([sys.executable, '-c', 'import time; time.sleep(60)'], log=open('/dev/null', 'wb'), "
        "ends_by=signal.SIGTERM).pid, flush=True); import time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent_code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert wait_until(lambda: "sleep" in command_of(child), seconds=5)
        parent.kill()

    assert wait_until(lambda: not command_of(child), seconds=5)


def test_a_part_that_died_is_started_again(watched: Supervisor) -> None:
    watched.add("worker", SLEEP)
    [part] = watched.parts
    before = pid_of(part)

    os.kill(before, signal.SIGKILL)
    assert wait_until(part.has_died, seconds=5)
    watched.look()

    assert pid_of(part) != before
    assert not part.has_died()


def test_a_part_that_keeps_dying_stops_it_all_with_its_last_words(watched: Supervisor) -> None:
    watched.add("web", NEVER_STARTS)

    with pytest.raises(Complaint, match=r"web keeps dying.*\n(.*\n)*.*no such table"):
        wait_until(lambda: watched.look() or False, seconds=20)


def test_a_part_that_does_not_listen_is_ended_all_the_same(
    watched: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    watched.add("web", STUBBORN)
    [part] = watched.parts
    assert wait_until(lambda: "deaf" in part.log.read_text(), seconds=5)

    watched.stop()

    assert part.has_died()
    assert not part.record.exists()


def test_an_orphan_of_an_earlier_start_is_ended_by_the_next(watched: Supervisor) -> None:
    orphan = subprocess.Popen([sys.executable, *SLEEP], start_new_session=True)
    assert wait_until(lambda: "sleep" in command_of(orphan.pid), seconds=5)
    leftovers.record(watched.places.run / "worker.pid", pid=orphan.pid, mark=" ".join([sys.executable, *SLEEP]))

    watched.add("worker", SLEEP)

    assert orphan.wait(5) == -signal.SIGTERM


def test_an_id_that_now_belongs_to_somebody_else_is_left_alone(places: Places) -> None:
    places.make()
    stranger = subprocess.Popen([sys.executable, *SLEEP])
    try:
        leftovers.record(places.run / "worker.pid", pid=stranger.pid, mark="celery -A cliniqai worker")
        leftovers.end(places.run / "worker.pid")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_run_is_told_about_the_first(places: Places) -> None:
    places.make()
    first = the_only_one(places)
    write_state(places, port=8123, stopping=False)

    with pytest.raises(Complaint, match=r"runs already for .* on port 8123: stop it with Ctrl-C"):
        the_only_one(places)
    first.close()
    the_only_one(places).close()


def test_commands_learn_the_port_of_the_running_one(places: Places) -> None:
    places.make()
    write_state(places, port=8123, stopping=False)
    assert running_port(places) == ""

    lock = the_only_one(places)

    assert running_port(places) == "8123"
    lock.close()


def test_a_taken_port_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Complaint, match=f"Port {port} is taken: choose another one with `make run PORT="):
            refuse_taken(port)
    refuse_taken(port)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 80", "٨٠"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Complaint, match=r"PORT is .* a number from 1 to 65535"):
        chosen_port({"PORT": text})


def test_the_log_of_a_part_is_kept_where_the_person_is_told(watched: Supervisor) -> None:
    watched.add("beat", ["-c", "print('tick', flush=True); import time; time.sleep(60)"])

    assert wait_until(lambda: "tick" in Path(watched.places.logs / "beat.log").read_text(), seconds=5)
