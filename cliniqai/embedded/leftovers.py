"""Processes of an earlier start that outlived their parent: possible where the kernel has no death signal (macOS).

Each is on record in a file with its id. An id may belong to somebody else by now, so it is ended only when its
command line still carries the mark that was written beside it.
"""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

from cliniqai.embedded.processes import command_of, end_group


def record(path: Path, *, pid: int, mark: str) -> None:
    """Remember a process that was started."""
    path.write_text(f"{pid}\n{mark}\n")


def forget(path: Path) -> None:
    """The process is known to be gone."""
    path.unlink(missing_ok=True)


def end(path: Path, *, by: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """End the process on record if it is still ours, and forget it."""
    with contextlib.suppress(OSError, ValueError):
        pid, mark = path.read_text().split("\n")[:2]
        end_if_ours(int(pid), mark=mark, by=by, seconds=seconds)
    forget(path)


def end_if_ours(pid: int, *, mark: str, by: signal.Signals, seconds: float = 10) -> None:
    """End the process when its command line carries the mark."""
    if mark and mark in command_of(pid):
        end_group(pid, by, seconds=seconds)
