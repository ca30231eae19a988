"""GET /events/: the event stream of a clinic's host, outside Django's request cycle.

A Django view would hold a thread for as long as a page is open; here an open page is a coroutine. It says kinds
only (`{"kind": "task.opened"}`) and a beat every ten seconds, by which a page knows a dead line from a quiet one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import Error

from notifications.admission import Admission, Visitor, admit, visitor
from notifications.hub import Hub, Listener
from notifications.sign_in import RECHECK

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/events/"
BEAT = b"event: beat\ndata: {}\n\n"
SIGNED_OUT = b'data: {"kind": "system.signed_out"}\n\n'
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
PER_SESSION = 12  # one browser holds one; more than this is not a browser


class Stream:
    """The ASGI endpoint. Its hub is made inside the event loop that first needs it."""

    def __init__(
        self, redis_url: str, *, beat_seconds: float = 10.0, recheck_seconds: float = 60.0, threads: int = 4
    ) -> None:
        self._redis_url = redis_url
        self._beat_seconds = beat_seconds
        self._recheck_seconds = recheck_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="admission")
        self._hub: Hub | None = None
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = visitor(scope["headers"])
        admission = await self._admit(who) if scope["method"] == "GET" else Admission(405)
        if admission is None:
            admission = Admission(503)
        if admission.status == 200 and self._open[who.session_key] >= PER_SESSION:
            admission = Admission(429)
        if admission.status == 200:
            await self._listen(who, admission.schema, receive, send)
        else:
            await _refuse(send, admission.status)

    async def close(self) -> None:
        """Let every open page go; each connects again, to whoever answers then."""
        if self._hub is not None:
            await self._hub.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _listen(self, who: Visitor, schema: str, receive: Receive, send: Send) -> None:
        if self._hub is None:
            self._hub = Hub(self._redis_url)
        self._open[who.session_key] += 1
        try:
            listener = await self._hub.join(schema)
            leaving = asyncio.create_task(_watch(receive, listener))
            try:
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                await _say(send, b"retry: 2000\n" + BEAT)
                await self._tell(who, schema, listener, send)
            finally:
                leaving.cancel()
                self._hub.leave(schema, listener)
        finally:
            self._open[who.session_key] -= 1
            self._open += Counter()  # forget the sessions that hold none

    async def _tell(self, who: Visitor, schema: str, listener: Listener, send: Send) -> None:
        """Pass on what is heard until the page goes or its person may no longer listen."""
        beat_at, check_at = time.monotonic() + self._beat_seconds, time.monotonic() + self._recheck_seconds
        last = b""
        while not last:
            await _wait(listener, until=min(beat_at, check_at))
            if listener.gone:
                break
            now = time.monotonic()
            kinds = listener.take()
            if now >= check_at or RECHECK in kinds:
                last = await self._recheck(who, schema)
                check_at = now + self._recheck_seconds
            heard = [json.dumps({"kind": kind}).encode() for kind in kinds if kind != RECHECK]
            said = b"".join(b"data: %s\n\n" % kind for kind in heard)
            if not last and (said or now >= beat_at):
                await _say(send, said or BEAT)
                beat_at = now + self._beat_seconds
        await _say(send, last, more=False)

    async def _recheck(self, who: Visitor, schema: str) -> bytes:
        """What ends the stream; nothing while the person may listen, or the database is away and nobody can tell."""
        admission = await self._admit(who)
        return b"" if admission is None or admission == Admission(200, schema) else SIGNED_OUT

    async def _admit(self, who: Visitor) -> Admission | None:
        """Ask in a thread; None is no verdict."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, admit, who)
        except Error as error:
            logger.warning("stream: no verdict: %s", type(error).__name__)
            return None


async def _wait(listener: Listener, *, until: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, until - time.monotonic())):
            await listener.heard.wait()
    except TimeoutError:
        return


async def _watch(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    listener.leave()


async def _say(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await _say(send, b"", more=False)
