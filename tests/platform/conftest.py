"""Real services in folders of their own; whatever a test leaves running is ended after it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cliniqai.embedded import services
from cliniqai.embedded.places import Places
from cliniqai.embedded.processes import wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that other users can enter, as a checkout's parent is."""
    made = Path(tempfile.mkdtemp(prefix="cq"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def places(folder: Path) -> Iterator[Places]:
    """An empty DATA_DIR; its services are stopped at the end."""
    own = Places(folder / "data")
    yield own
    stop(own)


@pytest.fixture
def processes_of() -> Callable[[Places], dict[int, str]]:
    return running


def stop(places: Places) -> None:
    """Let go of the services of a DATA_DIR and end what is still there."""
    services.let_go(places)
    if not wait_until(lambda: not running(places), seconds=10, step=0.05):
        for pid in running(places):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def running(places: Places) -> dict[int, str]:
    """The processes whose command line names this DATA_DIR or its sockets, by id."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(places.data) in command or str(places.sockets) in command:
                found[int(entry.name)] = command
    found.pop(os.getpid(), None)
    return found
