"""How long the disk takes to keep a page for good."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

PAGE = 8192
"""Bytes that PostgreSQL writes at a time."""

SEGMENT = 16 * 1024 * 1024
"""Bytes of a file of the write-ahead log. A young server has none to use again and fills a new one with zeros."""


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


def new_segment(folder: Path) -> float:
    """Milliseconds until a new file of the write-ahead log is there: so long nobody commits."""
    with tempfile.TemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        for place in range(0, SEGMENT, PAGE):
            os.pwrite(file.fileno(), bytes(PAGE), place)
        os.fsync(file.fileno())
        return 1000 * (time.perf_counter() - began)
