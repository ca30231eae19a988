"""The ASGI end of ConversationRelay: wss on the clinic's host, believed only when Twilio signed the upgrade."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import Error, connection, connections

from calls.relay.document import socket_address
from calls.relay.road import Road
from calls.relay.session import Gone, Session
from clinics.telephone import account_for, public_url, signature
from clinics.tenancy import clinic_by_host, why_stopped

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = re.compile(r"/calls/relay/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/\Z")
THREADS = 4
LAST_SECONDS = 5.0
"""How long the network is given to close a session that has ended, before we do."""


class Relay:
    """The endpoint. A clinic that is stopped and a wrong signature are refused before the upgrade."""

    def __init__(self, *, threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="relay")
        self._open: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        found = PATH.match(scope["path"])
        road = await self._admit(scope, UUID(found[1])) if found else None
        if road is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        task = asyncio.ensure_future(self._serve(road, receive, send))
        self._open.add(task)
        try:
            await task
        finally:
            self._open.discard(task)

    async def close(self) -> None:
        """Let every session go: the network asks how to go on, and whoever answers then does."""
        for task in self._open:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, road: Road, receive: Receive, send: Send) -> None:
        async def text() -> str | bytes | None:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                raise Gone
            return message.get("text")

        async def tell(message: str) -> None:
            await send({"type": "websocket.send", "text": message})

        try:
            await Session(road, receive=text, send=tell, threads=self._threads).run()
            async with asyncio.timeout(LAST_SECONDS):
                while True:
                    await text()
        except Gone:
            return
        except TimeoutError:
            await send({"type": "websocket.close", "code": 1000})
        except asyncio.CancelledError:
            await send({"type": "websocket.close", "code": 1012})
        except Exception as fault:
            logger.error("relay: a session failed: %s", type(fault).__name__)
            await send({"type": "websocket.close", "code": 1011})

    async def _admit(self, scope: Scope, call_id: UUID) -> Road | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _admitted, headers, scope["path"], call_id)
        except Error as error:
            logger.warning("relay: no verdict: %s", type(error).__name__)
            return None


def _admitted(headers: dict[str, str], path: str, call_id: UUID) -> Road | None:
    """The road of a session that the clinic's own account has signed; the address is ours, never the header's."""
    try:
        connection.set_schema_to_public()
        name, colon, port = headers.get("host", "").lower().rpartition(":")
        clinic = clinic_by_host(name if colon and port.isdigit() else headers.get("host", "").lower())
        if clinic is None or why_stopped(clinic):
            return None
        wanted = signature(socket_address(public_url(clinic, path)), {}, token=account_for(clinic).token)
        given = headers.get("x-twilio-signature", "")
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            logger.warning("relay refused: signature")
            return None
        return Road(clinic, call_id)
    finally:
        connections.close_all()
