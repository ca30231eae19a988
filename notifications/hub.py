"""The clinic's stream, hearing side: one Redis connection per process, fanned out to every open page.

What a page has not fetched yet is kept as a set of kinds, so a slow reader costs a few words of memory and misses
nothing: two `task.opened` that it did not read in time are one. A lost Redis is connected to again for as long as
anybody listens. Until then everyone hears `resync` every few seconds and looks, since nobody knows what is said: a
page that says "live" must not wait for a word that cannot come.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from notifications.stream import CHANNEL, KIND

logger = logging.getLogger(__name__)

RESYNC = "resync"
PING_SECONDS = 5.0
SILENCE_SECONDS = 12.0  # no answer to two pings: the connection is dead, whatever TCP believes
LONGEST_WAIT = 2.0
LOOK_SECONDS = 5.0
CONFIRM_SECONDS = 1.0


class Listener:
    """What one open page has yet to hear."""

    def __init__(self) -> None:
        self._kinds: dict[str, None] = {}
        self.heard = asyncio.Event()
        self.gone = False

    def tell(self, kind: str) -> None:
        self._kinds[kind] = None
        self.heard.set()

    def leave(self) -> None:
        """The page is closed: whoever waits for `heard` wakes and looks."""
        self.gone = True
        self.heard.set()

    def take(self) -> list[str]:
        """The kinds told since the last call, in order."""
        kinds = list(self._kinds)
        self._kinds.clear()
        self.heard.clear()
        return kinds


class Hub:
    """The listeners of this process by clinic, and the one connection that they share."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: dict[str, set[Listener]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._running: asyncio.Task[None] | None = None
        self._lost = False

    async def join(self, schema: str) -> Listener:
        """Listen to a clinic. Returns once Redis has confirmed, or after a second: then `resync` follows later."""
        listener = Listener()
        first = schema not in self._listeners
        self._listeners.setdefault(schema, set()).add(listener)
        confirmed = self._confirmed.setdefault(schema, asyncio.Event())
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        elif first and self._pubsub is not None:
            # The reader meets the same error. AttributeError: redis-py's word for a connection closed just now.
            with contextlib.suppress(RedisError, OSError, AttributeError):
                await self._pubsub.subscribe(CHANNEL + schema)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CONFIRM_SECONDS):
                await confirmed.wait()
        if not confirmed.is_set():
            listener.tell(RESYNC)
        return listener

    def leave(self, schema: str, listener: Listener) -> None:
        """Stop listening. A clinic that nobody listens to is unsubscribed from by the reader, at its next message."""
        listeners = self._listeners.get(schema, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(schema, None)
            self._confirmed.pop(schema, None)

    async def close(self) -> None:
        """Let every page go and give the connection back: the process ends."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.leave()
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def _run(self) -> None:
        wait, looked = 0.1, 0.0
        self._lost = False
        while self._listeners:
            began = time.monotonic()
            try:
                await self._connected()
                self._lost = False  # nobody listened any more
                continue
            except Exception as error:  # whatever it is, the open pages must not go deaf for it
                logger.warning("stream: Redis is away: %s", type(error).__name__)
            self._lost = True
            for confirmed in self._confirmed.values():
                confirmed.clear()
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                for schema in self._listeners:
                    self._tell(schema, RESYNC)
            wait = 0.1 if time.monotonic() - began > SILENCE_SECONDS else min(wait * 2, LONGEST_WAIT)
            await asyncio.sleep(wait)

    async def _connected(self) -> None:
        """Subscribe, tell everyone to look, and pass on what is said until the connection breaks."""
        client = Redis.from_url(self._url, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
        pubsub = client.pubsub()
        try:
            asked = set(self._listeners)
            async with asyncio.timeout(3):
                await pubsub.subscribe(*(CHANNEL + schema for schema in asked))
            self._pubsub = pubsub
            if joined := set(self._listeners) - asked:
                await pubsub.subscribe(*(CHANNEL + schema for schema in joined))
            await self._read(pubsub, late=asked if self._lost else set())
        finally:
            self._pubsub = None
            with contextlib.suppress(RedisError, OSError):  # it is broken; we only let go of it
                await pubsub.aclose()
                await client.aclose()

    async def _read(self, pubsub: PubSub, *, late: set[str]) -> None:
        heard = pinged = time.monotonic()
        while self._listeners:
            message = await pubsub.get_message(timeout=PING_SECONDS)
            now = time.monotonic()
            if message is not None:
                heard = now
                schema = _schema(message)
                self._pass(schema, message, late)
                if message["type"] == "message" and schema not in self._listeners:
                    await pubsub.unsubscribe(CHANNEL + schema)
            if now - heard > SILENCE_SECONDS:
                raise TimeoutError("Redis is silent")
            if now - pinged >= PING_SECONDS:
                pinged = now
                await pubsub.ping()

    def _pass(self, schema: str, message: dict[str, object], late: set[str]) -> None:
        """Fan one message out. `late`: clinics subscribed at a reconnection, whose pages may have missed some."""
        if message["type"] == "subscribe":
            if schema in self._confirmed:
                self._confirmed[schema].set()
            if schema in late:
                late.discard(schema)
                self._tell(schema, RESYNC)
        elif message["type"] == "message" and (kind := _kind(message["data"])):
            self._tell(schema, kind)

    def _tell(self, schema: str, kind: str) -> None:
        for listener in self._listeners.get(schema, ()):
            listener.tell(kind)


def _schema(message: dict[str, object]) -> str:
    return _text(message["channel"]).removeprefix(CHANNEL)


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _kind(data: object) -> str:
    """The kind a message names, or "" when it says anything else."""
    try:
        said = json.loads(_text(data))
    except ValueError:
        return ""
    kind = said.get("kind") if isinstance(said, dict) else None
    return kind if isinstance(kind, str) and re.fullmatch(KIND, kind) else ""
