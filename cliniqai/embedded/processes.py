"""Starting, recognising and ending processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

LEASH = Path(__file__).with_name("leash.py")


def start(
    program: Sequence[str | Path],
    *,
    log: BinaryIO,
    ends_by: signal.Signals,
    identity: str = "me",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own that dies with this process; call it from the main thread only.

    The kernel counts the death of the starting *thread* as the parent's.
    """
    return subprocess.Popen(
        leashed(program, ends_by=ends_by, identity=identity),
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def leashed(program: Sequence[str | Path], *, ends_by: signal.Signals, identity: str = "me") -> list[str]:
    """The command line that runs the program on the leash of this process."""
    python = [sys.executable, "-I", "-S", str(LEASH)]
    return [*python, str(os.getpid()), ends_by.name, identity, *map(str, program)]


def wait_until(fact: Callable[[], bool], *, seconds: float, step: float = 0.02) -> bool:
    """Whether the fact became true in time."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def command_of(pid: int) -> str:
    """The command line of a living process; "" when it is gone or a zombie."""
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return "" if "<defunct>" in shown.stdout else shown.stdout.strip()


def end_group(pid: int, first: signal.Signals, *, seconds: float) -> None:
    """Ask a process to end; when it has not after that long, end it and its whole group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGCONT)  # a stopped process hears nothing else
        os.kill(pid, first)
    if not wait_until(lambda: not command_of(pid), seconds=seconds, step=0.05):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def last_lines(path: Path, *, lines: int = 15) -> str:
    """The end of a log, for a person who has to see why something did not start."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
