"""How long the disk takes to keep a page for good."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

PAGE = 8192
"""Bytes that PostgreSQL writes at a time."""


def syncs(folder: Path, times: int = 1000) -> list[float]:
    """Milliseconds of that many writes of one page, each followed by fdatasync, in a file beside the database's."""
    waits = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for place in range(times):
            os.pwrite(file.fileno(), bytes(PAGE), PAGE * (place % 64))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(1000 * (time.perf_counter() - began))
    return waits
