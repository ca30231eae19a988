"""What happens when an announcement is committed: the workers are woken, or this process delivers by itself.

The request never waits for Redis: a thread publishes, one wake-up for however many events came together. Where the
publish fails the thread delivers the urgent ones itself; everything else is the sweeper's to find.

Open pages hear of what is urgent from the same thread, before any worker has looked: they only ask the server again,
and the delivery that says it once more comes all the same.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connections, transaction
from django.db.models.functions import Now

from notifications import delivery, stream
from notifications.broker import URGENT, wakes
from notifications.claims import whoami
from notifications.kinds import Lane
from notifications.models import Delivery
from notifications.routing import OUTSIDE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hint:
    """A kind that the open pages of a clinic may hear at once."""

    schema: str
    kind: str


def on_commit(*, event_id: int, lane: Lane, at_once: bool, hint: Hint | None = None) -> None:
    """Nudge once the current transaction has committed; not at all if it rolls back."""

    def committed() -> None:
        if hint is not None:
            nudger.say(hint)
        if at_once or not settings.ASYNC_DELIVERY:
            deliver_now([event_id], outside=False)
            if left_outside(event_id):
                nudger.leave(event_id)
        else:
            nudger.ring(event_id if lane == Lane.URGENT else None)

    transaction.on_commit(committed)


def deliver_now(events: Sequence[int], *, outside: bool = True) -> None:
    """Deliver these events in this process, within three seconds; what is left over is the sweeper's.

    `outside=False` is for a thread that somebody waits for: a provider may take longer than three seconds to answer.
    """
    try:
        delivery.drain(me=whoami("web"), budget_seconds=delivery.REQUEST_BUDGET_SECONDS, events=events, outside=outside)
    except Error as error:  # what happened is committed and must not turn into an error page
        logger.error("%d events left to the sweeper: %s", len(events), type(error).__name__)


def left_outside(event_id: int) -> bool:
    """Whether an event has messages that leave the house and are due now."""
    try:
        return Delivery.objects.filter(event_id=event_id, channel__in=OUTSIDE, available_at__lte=Now()).exists()
    except Error as error:
        logger.error("event %d left to the sweeper: %s", event_id, type(error).__name__)
        return False


@dataclass(frozen=True)
class Ring:
    """A wake-up to publish, for an urgent event or for any; an event to deliver here; or a hint to open pages."""

    event: int | None = None
    at_once: bool = False
    hint: Hint | None = None


class Nudger:
    """The thread of this process that publishes wake-ups, started at the first one, and again after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._start_over()

    def _start_over(self) -> None:
        self._pid = 0
        self._rung: queue.SimpleQueue[Ring] = queue.SimpleQueue()
        self._idle = threading.Event()

    def ring(self, urgent_event: int | None) -> None:
        """Ask for a wake-up; returns at once."""
        self._put(Ring(urgent_event))

    def leave(self, event_id: int) -> None:
        """Have an event delivered by this process's thread, without asking Redis; returns at once."""
        self._put(Ring(event_id, at_once=True))

    def say(self, hint: Hint) -> None:
        """Have the open pages told; returns at once."""
        self._put(Ring(hint=hint))

    def _put(self, ring: Ring) -> None:
        if self._pid != os.getpid():
            self._start()
        self._idle.clear()
        self._rung.put(ring)

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

    def _run(self, rung: queue.SimpleQueue[Ring], idle: threading.Event) -> None:
        while True:
            rings = [rung.get()]
            while not rung.empty():
                rings.append(rung.get())
            self._tell(rings)
            if rung.empty():
                idle.set()

    def _tell(self, rings: Sequence[Ring]) -> None:
        ours = [ring.event for ring in rings if ring.event is not None and ring.at_once]
        others = [ring.event for ring in rings if ring.hint is None and not ring.at_once]
        urgent = [event for event in others if event is not None]
        try:
            for hint in {ring.hint for ring in rings if ring.hint is not None}:
                stream.publish(schema=hint.schema, kind=hint.kind)
            if ours:
                deliver_now(ours)
            if others and not _woken(urgent) and urgent:
                deliver_now(urgent)
        except Exception:  # the thread must outlive anything; the row is safe and the sweeper will find it
            logger.exception("the nudge failed")
        finally:
            connections.close_all()


def _woken(urgent: Sequence[int]) -> bool:
    """Publish a wake-up, for the urgent lane's own workers where there is something urgent."""
    if urgent:
        return wakes.publish(queue=URGENT) and wakes.publish()
    return wakes.publish()


nudger = Nudger()
atexit.register(lambda: nudger.wait(1.5))
