"""The wake-up call to the workers: an empty message that may be lost, published within a second or not at all."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from amqp.exceptions import AMQPError
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


RABBIT_OPTIONS = {"connect_timeout": 0.5, "read_timeout": 0.8, "write_timeout": 0.8, "max_retries": 0}
"""The same patience with a RabbitMQ, in its library's words."""
VERIFIED = {"context": {"check_hostname": True}, "server_hostname": None}
"""For amqps:// its library asks for no certificate by itself; None is the host of the address."""
RETRIED = {"retry": True, "retry_policy": {"max_retries": 3, "interval_start": 0, "interval_step": 0.5}}
"""How the beat sends to a RabbitMQ: its library opens a connection that was lost anew only when told to try again."""


LOST = (OperationalError, RedisError, AMQPError, OSError)
"""What a broker that is away looks like."""


def chosen() -> str:
    """The broker of this installation, as kombu is told it."""
    return broker_url(settings.BROKER_URL or settings.REDIS_URL)


def broker_url(url: str) -> str:
    """Kombu's spelling of an address: it calls a socket redis+socket:// where redis-py says unix://."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def is_rabbit() -> bool:
    """Whether the broker speaks AMQP; the stream and the live state are in Redis all the same."""
    return urlsplit(settings.BROKER_URL).scheme in ("amqp", "amqps")


def encryption() -> dict[str, Any] | None:
    """What kombu is to ask of the broker's certificate; None where the address says it all."""
    return VERIFIED if urlsplit(settings.BROKER_URL).scheme == "amqps" else None


class Wakes:
    """One connection of this process to the broker, and a breaker: after a failure it is not asked for 10 s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._celery: Celery | None = None
        self._pid = 0
        self._closed_until = 0.0
        self.failures = 0

    def publish(self, times: int = 1, *, queue: str = QUEUE) -> bool:
        """Put wake-ups into a queue; False when that failed or the breaker is open. Never raises for a lost broker."""
        with self._lock:
            if time.monotonic() < self._closed_until:
                return False
            try:
                self._send_anew(times, queue)
            except LOST as error:
                self._drop()
                self._closed_until = time.monotonic() + BREAK_SECONDS
                self.failures += 1
                logger.warning("wake-up not published: %s, failure %d", type(error).__name__, self.failures)
                return False
            return True

    def _send_anew(self, times: int, queue: str) -> None:
        """Send. What a RabbitMQ has closed meanwhile is opened once more; for a Redis its library does that."""
        kept = is_rabbit() and self._connection is not None
        try:
            self._send(times, queue)
        except LOST:
            if not kept:
                raise
            self._drop()
            self._send(times, queue)

    def _send(self, times: int, queue: str) -> None:
        if self._connection is None or self._pid != os.getpid():
            self._open()
        channel = self._connection.default_channel
        for _ in range(min(times, ENOUGH_WAKES - _waiting(channel, queue))):
            self._celery.send_task(
                WAKES[queue], queue=queue, connection=self._connection, retry=False, ignore_result=True
            )

    def _open(self) -> None:
        """Connect anew; a connection that came through a fork belongs to the parent and is left alone."""
        url = chosen()
        options = RABBIT_OPTIONS if is_rabbit() else PUBLISH_OPTIONS
        self._connection = Connection(url, transport_options=options, ssl=encryption())
        self._celery = Celery("wakes", broker=url, set_as_current=False)
        self._pid = os.getpid()

    def _drop(self) -> None:
        if self._connection is not None and self._pid == os.getpid():
            self._connection.release()
        self._connection = None


def _waiting(channel: Any, queue: str) -> int:
    """How many wake-ups lie in a queue already; the queue is declared where it is not there yet.

    RabbitMQ may leave out what it was sent a moment ago; then a queue gets longer by one call's worth.
    """
    if is_rabbit():
        return channel.queue_declare(queue=queue, durable=True, auto_delete=False).message_count
    return channel._size(queue)


wakes = Wakes()
