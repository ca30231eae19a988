"""The parts of `make run`: started, watched, started again when they die, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cliniqai.embedded import leftovers
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.processes import last_lines, start

STOP_SECONDS = 8.0
DEATHS = 3  # within
WINDOW_SECONDS = 30.0


@dataclass
class Part:
    """One process, its command and its recent deaths."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    log: Path
    record: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        leftovers.end(self.record)
        with self.log.open("ab") as log:
            self.process = start(self.command, log=log, ends_by=signal.SIGTERM, env=self.env, cwd=ROOT)
        leftovers.record(self.record, pid=self.process.pid, mark=" ".join(self.command))

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def signal_group(self, name: signal.Signals) -> None:
        """Signal the process and what it started."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, name)


class Supervisor:
    """Runs the parts; call `look` often, from the main thread (see processes.start)."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.parts: list[Part] = []

    def add(self, name: str, command: list[str], **more: str) -> None:
        """Start a part: a Python program of this checkout, with this process's environment and `more`."""
        part = Part(
            name=name,
            command=[sys.executable, *command],
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | more,
            log=self.places.logs / f"{name}.log",
            record=self.places.run / f"{name}.pid",
        )
        self.parts.append(part)
        part.start()

    def look(self) -> None:
        """Start what died again; complain when it keeps dying."""
        for part in self.parts:
            if not part.has_died():
                continue
            part.signal_group(signal.SIGKILL)  # its children, when it was killed before it could end them
            now = time.monotonic()
            part.deaths = [moment for moment in part.deaths if moment > now - WINDOW_SECONDS] + [now]
            if len(part.deaths) >= DEATHS:
                raise Complaint(f"The {part.name} keeps dying; the end of {part.log}:\n{last_lines(part.log)}")
            print(f"The {part.name} died; starting it again.", flush=True)
            part.start()

    def stop(self) -> None:
        """Ask every part to end, and end those that have not after a while."""
        for part in self.parts:
            if part.process and part.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    part.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            if part.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    part.process.wait(max(0.1, end - time.monotonic()))
                part.signal_group(signal.SIGKILL)
                part.process.wait()
                leftovers.forget(part.record)
