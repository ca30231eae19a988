"""Two hosts on one machine: two network namespaces that see each other's ports no more than two machines do.

Where namespaces are not allowed, two addresses of the loopback stand in, and `kind` says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.notifications.machines import ROOT

PORT = 8077


@dataclass(frozen=True)
class Host:
    """Where a process is started, and the address at which others reach it."""

    address: str
    enter: tuple[str, ...] = ()

    def run(self, *command: str, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(
                [*self.enter, sys.executable, *command], cwd=ROOT, env=env, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

    def web(self, *, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        """The web process as the Procfile has it."""
        told = {**env, "CLINIQAI_PROCESS": "web"}
        server = ("-m", "uvicorn", "cliniqai.asgi:application", "--host", self.address, "--port", str(PORT))
        return self.run(*server, "--log-level", "warning", "--no-access-log", env=told, log=log)


def kill(process: subprocess.Popen[bytes]) -> None:
    """As when the machine loses its power."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def two_hosts() -> Iterator[tuple[str, list[Host]]]:
    """ "namespaces" or "loopback", and the hosts."""
    with contextlib.ExitStack() as stack:
        try:
            hosts = [stack.enter_context(_namespace(number)) for number in (1, 2)]
        except (subprocess.CalledProcessError, FileNotFoundError):
            yield "loopback", [Host("127.0.0.2"), Host("127.0.0.3")]
            return
        yield "namespaces", hosts


@contextlib.contextmanager
def _namespace(number: int) -> Iterator[Host]:
    """One namespace with a cable to this machine; its name and addresses are of this process."""
    if shutil.which("ip") is None:
        raise FileNotFoundError("ip")
    name, third = f"cq{os.getpid()}n{number}", os.getpid() % 250
    here, there = f"10.213.{third}.{4 * number + 1}", f"10.213.{third}.{4 * number + 2}"
    outer, inner = f"{name}o"[-15:], f"{name}i"[-15:]
    _ip("netns", "add", name)
    try:
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", name)
        _ip("addr", "add", f"{here}/30", "dev", outer)
        _ip("link", "set", outer, "up")
        inside = ("netns", "exec", name, "ip")
        _ip(*inside, "addr", "add", f"{there}/30", "dev", inner)
        _ip(*inside, "link", "set", inner, "up")
        _ip(*inside, "link", "set", "lo", "up")
        yield Host(there, ("ip", "netns", "exec", name))
    finally:
        _ip("netns", "del", name)  # and with it both ends of the cable


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
