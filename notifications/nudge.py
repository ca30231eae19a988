"""What happens when an announcement is committed: the workers are woken, or this process delivers by itself.

The request never waits for Redis: a thread publishes, one wake-up for however many events came together. Where the
publish fails the thread delivers the urgent ones itself; everything else is the sweeper's to find.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
from collections.abc import Sequence

from django.conf import settings
from django.db import Error, connections, transaction

from notifications import delivery
from notifications.broker import wakes
from notifications.claims import whoami
from notifications.kinds import Lane

logger = logging.getLogger(__name__)


def on_commit(*, event_id: int, lane: Lane, at_once: bool) -> None:
    """Nudge once the current transaction has committed; not at all if it rolls back."""

    def committed() -> None:
        if at_once or not settings.ASYNC_DELIVERY:
            deliver_now([event_id])
        else:
            nudger.ring(event_id if lane == Lane.URGENT else None)

    transaction.on_commit(committed)


def deliver_now(events: Sequence[int]) -> None:
    """Deliver these events in this process, within three seconds; what is left over is the sweeper's."""
    try:
        delivery.drain(me=whoami("web"), budget_seconds=delivery.REQUEST_BUDGET_SECONDS, events=events)
    except Error as error:  # what happened is committed and must not turn into an error page
        logger.error("%d events left to the sweeper: %s", len(events), type(error).__name__)


class Nudger:
    """The thread of this process that publishes wake-ups, started at the first one, and again after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._start_over()

    def _start_over(self) -> None:
        self._pid = 0
        self._rung: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._idle = threading.Event()

    def ring(self, urgent_event: int | None) -> None:
        """Ask for a wake-up; returns at once."""
        if self._pid != os.getpid():
            self._start()
        self._idle.clear()
        self._rung.put(urgent_event)

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to publish; a short-lived command would otherwise end too soon."""
        return self._pid != os.getpid() or self._idle.wait(seconds)

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._start_over()
            threading.Thread(target=self._run, args=(self._rung, self._idle), name="nudger", daemon=True).start()
            self._pid = os.getpid()

    def _run(self, rung: queue.SimpleQueue[int | None], idle: threading.Event) -> None:
        while True:
            urgent = [rung.get()]
            while not rung.empty():
                urgent.append(rung.get())
            self._tell([event for event in urgent if event is not None])
            if rung.empty():
                idle.set()

    def _tell(self, urgent: Sequence[int]) -> None:
        try:
            if not wakes.publish() and urgent:
                deliver_now(urgent)
        except Exception:  # the thread must outlive anything; the row is safe and the sweeper will find it
            logger.exception("the nudge failed")
        finally:
            connections.close_all()


nudger = Nudger()
atexit.register(lambda: nudger.wait(1.5))
