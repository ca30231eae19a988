"""What holds for everything that leaves the house: never inside a transaction, and never longer than somebody waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")


def refuse_in_transaction() -> None:
    """Nothing leaves the house while a transaction is open: it might roll back, and it holds rows meanwhile."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Ask the network after the commit, never inside a transaction.")


def within(seconds: float, ask: Callable[[], T]) -> T:
    """Run one request in a thread of its own and leave it behind when it takes too long, with `TimeoutError`.

    A far end that sends its answer a byte at a time passes every time limit of a socket. The thread has no clinic and
    must not touch the database.
    """
    answer = together(seconds, [ask])[0]
    if isinstance(answer, BaseException):
        raise answer
    return answer


def together(seconds: float, asks: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """The same for several requests at once: of each its answer, what it raised, or `TimeoutError`, in their order."""
    ended: list[list[T | BaseException]] = [[] for _ in asks]

    def run(place: int, ask: Callable[[], T]) -> None:
        try:
            ended[place].append(ask())
        except BaseException as failure:  # handed to the caller's thread, whatever it is
            ended[place].append(failure)

    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=run, args=(place, ask), name="network", daemon=True) for place, ask in enumerate(asks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [one[0] if one else TimeoutError() for one in ended]
