"""Values kept in this process for a few seconds, bounded in number. For rows that change rarely and are read always."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError

K = TypeVar("K")
V = TypeVar("V")

_every: list[Remembered] = []


class Remembered(Generic[K, V]):
    """A mapping that asks its maker again after `seconds`, and drops its oldest entries beyond `limit`.

    When the database is away an entry past its time is still believed: a caller is better served by the clinic's
    number of a minute ago than by silence.
    """

    def __init__(self, *, seconds: float, limit: int = 1024) -> None:
        self.seconds = seconds
        self.limit = limit
        self._entries: dict[K, tuple[float, V]] = {}
        self._lock = threading.Lock()
        _every.append(self)

    def get(self, key: K, make: Callable[[], V], *, seconds: Callable[[V], float] | None = None) -> V:
        """The value of a key; `seconds` may shorten or lengthen the stay of what was just made."""
        entry = self._entries.get(key)
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        try:
            value = make()
        except DatabaseError:
            if entry is None:
                raise
            return entry[1]
        except Exception:
            self._drop(key)
            raise
        self._put(key, value, self.seconds if seconds is None else seconds(value))
        return value

    def find(self, key: K) -> V | None:
        """What was put under a key, while its time lasts."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def put(self, key: K, value: V) -> None:
        self._put(key, value, self.seconds)

    def drop(self, key: K) -> None:
        self._drop(key)

    def _put(self, key: K, value: V, seconds: float) -> None:
        with self._lock:
            self._entries.pop(key, None)
            while len(self._entries) >= self.limit:
                self._entries.pop(next(iter(self._entries)))
            self._entries[key] = (time.monotonic() + seconds, value)

    def _drop(self, key: K) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def __contains__(self, key: K) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry[0] > time.monotonic()

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)


def forget_everything() -> None:
    """Empty every store of this process: after a write that others must see at once, and between tests."""
    for store in _every:
        store.forget()
