"""Two web hosts, one of which dies in the middle of a call: the caller notices nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from calls.models import Call, Turn
from calls.simulator.far_end import FarEnd, Unreachable
from clinics.models import Clinic
from clinics.tenancy import inside
from cliniqai.embedded.processes import wait_until
from tasks.models import Task
from tests.notifications.machines import environment, own_valkey
from tests.platform.hosts import PORT, Host, kill, two_hosts
from tests.reviews.conftest import REFILL

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Balanced(FarEnd):
    """The network through a load balancer: what one host does not answer is sent to the next, word for word."""

    def __init__(self, clinic: Clinic, hosts: list[Host]) -> None:
        super().__init__(clinic, f"http://{hosts[0].address}:{PORT}")
        self.others = [f"http://{host.address}:{PORT}" for host in hosts[1:]]
        self.moved = 0

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        try:
            return super()._send(path, body, headers)
        except Unreachable:
            self.moved += 1
            self.server = self.server._replace(netloc=self.others.pop(0).removeprefix("http://"))
            return super()._send(path, body, headers)


@pytest.fixture
def webs(transactional_db: None, tmp_path: Path) -> Iterator[tuple[list[Host], list[subprocess.Popen[bytes]]]]:
    """Two hosts with a web process each, on one database and one Valkey."""
    with own_valkey() as valkey, two_hosts() as (kind, hosts):
        assert kind in ("namespaces", "loopback")
        env = environment(valkey)
        started = [host.web(env=env, log=tmp_path / f"web{n}.log") for n, host in enumerate(hosts)]
        try:
            for n, host in enumerate(hosts):
                assert wait_until(lambda host=host: _listens(host), seconds=60), (tmp_path / f"web{n}.log").read_text()
            yield hosts, started
        finally:
            for process in started:
                kill(process)
            connections.close_all()


def _listens(host: Host) -> bool:
    with suppress(OSError), socket.create_connection((host.address, PORT), timeout=1):
        return True
    return False


def test_a_call_goes_on_at_the_other_host(webs: Any, north: Clinic) -> None:
    hosts, (first, _) = webs
    network = Balanced(north, hosts)
    line, greeted = network.ring(caller="+12025550142", dialled="+12025550101", test=False)
    assert not greeted.faults
    for number, words in enumerate(REFILL):
        if number == 3:
            kill(first)
        heard = network.say(line, words)
        assert not heard.faults
        if line.over:
            break

    assert network.moved == 1
    with inside(north):
        call = Call.objects.get(sid=line.sid)
        turns = list(Turn.objects.filter(call=call).order_by("n").values_list("n", flat=True))
        assert turns == list(range(len(turns)))
        assert Task.objects.get(call_id=call.pk).kind == "refill"


def test_a_turn_that_was_under_way_is_said_again_and_happens_once(webs: Any, north: Clinic) -> None:
    hosts, (first, _) = webs
    network = Balanced(north, hosts)
    line, greeted = network.ring(caller="+12025550142", dialled="+12025550101", test=False)
    assert not greeted.faults
    network.say(line, REFILL[0])
    os.killpg(first.pid, signal.SIGSTOP)  # it has taken the request and gives no answer
    killer = threading.Timer(0.5, kill, [first])
    killer.start()

    heard = network.say(line, REFILL[1])

    killer.join()
    assert (network.moved, heard.faults) == (1, [])
    with inside(north):
        said = Turn.objects.filter(call__sid=line.sid).order_by("n")
        assert [turn.words for turn in said][1:] == list(REFILL[:2])
