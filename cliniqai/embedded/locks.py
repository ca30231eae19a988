"""Locks that the kernel gives back when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
from pathlib import Path


class Lock:
    """An advisory lock on a file. Children of a fork share it; programs started by it do not."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a+")

    def share(self) -> None:
        """Wait for a share of the lock."""
        fcntl.flock(self.file, fcntl.LOCK_SH)

    def take(self) -> None:
        """Wait for the whole lock."""
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def try_take(self) -> bool:
        """Take the whole lock if nobody holds any of it."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_UN)

    def close(self) -> None:
        self.file.close()


def is_held(path: Path) -> bool:
    """Whether some process holds the whole lock."""
    lock = Lock(path)
    try:
        fcntl.flock(lock.file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        lock.close()
    return False
