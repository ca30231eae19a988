"""The wake-up call to the workers: an empty message that may be lost, published within a second or not at all."""

from __future__ import annotations

import logging
import os
import threading
import time
from urllib.parse import parse_qs, urlsplit

from celery import Celery
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

QUEUE = "celery"
WAKE = "notifications.wake"
URGENT = "urgent"  # queues whose workers look into one lane only, so that nothing else keeps them
BULK = "bulk"
WAKES = {QUEUE: WAKE, URGENT: "notifications.wake_urgent", BULK: "notifications.wake_bulk"}
ENOUGH_WAKES = 20  # a queue this long wakes everybody; more would only fill a Redis whose workers are gone
BREAK_SECONDS = 10.0

# Publishing must never hold its caller for long; a worker, who waits for messages, has more patience.
PUBLISH_OPTIONS = {
    "socket_timeout": 0.8,
    "socket_connect_timeout": 0.5,
    "retry_on_timeout": False,
    "max_retries": 0,
    "max_connections": 4,
}


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of a Redis URL: it calls a socket redis+socket:// where redis-py says unix://."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


class Wakes:
    """One connection of this process to the broker, and a breaker: after a failure Redis is not asked for 10 s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._celery: Celery | None = None
        self._pid = 0
        self._closed_until = 0.0
        self.failures = 0

    def publish(self, times: int = 1, *, queue: str = QUEUE) -> bool:
        """Put wake-ups into a queue; False when that failed or the breaker is open. Never raises for a lost Redis."""
        with self._lock:
            if time.monotonic() < self._closed_until:
                return False
            try:
                self._send(times, queue)
            except (OperationalError, RedisError, OSError) as error:
                self._drop()
                self._closed_until = time.monotonic() + BREAK_SECONDS
                self.failures += 1
                logger.warning("wake-up not published: %s, failure %d", type(error).__name__, self.failures)
                return False
            return True

    def _send(self, times: int, queue: str) -> None:
        if self._connection is None or self._pid != os.getpid():
            self._open()
        channel = self._connection.default_channel
        for _ in range(min(times, ENOUGH_WAKES - channel._size(queue))):
            self._celery.send_task(
                WAKES[queue], queue=queue, connection=self._connection, retry=False, ignore_result=True
            )

    def _open(self) -> None:
        """Connect anew; a connection that came through a fork belongs to the parent and is left alone."""
        url = broker_url(settings.REDIS_URL)
        self._connection = Connection(url, transport_options=PUBLISH_OPTIONS)
        self._celery = Celery("wakes", broker=url, set_as_current=False)
        self._pid = os.getpid()

    def _drop(self) -> None:
        if self._connection is not None and self._pid == os.getpid():
            self._connection.release()
        self._connection = None


wakes = Wakes()
