"""What the web server runs: the event stream as a coroutine, everything else in Django under WSGI threads.

docs/adr/0003: for views that are synchronous, WSGI threads carry twice the requests of Django's own ASGI handler.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from types import FrameType
from typing import Any

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import WSGIResponder
from django.conf import settings

from cliniqai.wsgi import application as pages

# isort: split
from calls.relay.socket import Relay  # its models need the Django that the line above has set up
from calls.speech.ready import get_ready
from notifications.live import PATH as STREAM
from notifications.live import Receive, Scope, Send, Stream

THREADS = 8  # with the stream's four they fit the connection pool of cliniqai/databases.py
BODY_SECONDS = 10.0  # a body that trickles in holds a coroutine, never a thread
BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
WHOLE_BODY = "cliniqai.body"


def with_body(wsgi: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Give a page the body that is here: a2wsgi would fetch it from the event loop, while a caller waits for both."""

    def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"] = BytesIO(environ["asgi.scope"][WHOLE_BODY])
        return wsgi(environ, start_response)

    return page


class Responder(WSGIResponder):
    """a2wsgi's, but no thread waits until the head of its answer is taken: the body follows at once, in order."""

    def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":  # the first of all, so there is room for it
            self.loop.call_soon_threadsafe(self.send_queue.put_nowait, message)
        else:
            super().send(message)


class Pages(WSGIMiddleware):
    """Django under WSGI, a thread for each request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Responder(self.app, self.executor, self.send_queue_size)(scope, receive, send)


stream = Stream(settings.REDIS_URL)
relay = Relay()
django = Pages(with_body(pages), workers=THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route one connection."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "websocket":
        await relay(scope, receive, send)
    elif scope["path"] == STREAM:
        await stream(scope, receive, send)
    else:
        await _serve_page(scope, receive, send)


async def _serve_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request over to a thread once its body is there, so that slow senders cannot occupy the threads."""
    body = await _body(receive)
    if isinstance(body, int):
        await _refuse(send, body)
        return
    await django({**_cleaned(scope), WHOLE_BODY: body}, receive, send)


async def _body(receive: Receive) -> bytes | int:
    """The request's body, or the status that refuses it."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return 400
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > BODY_BYTES:
                    return 413
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        return 408


def _cleaned(scope: Scope) -> Scope:
    """Without what WSGI cannot tell apart: X_Forwarded_Proto becomes X-Forwarded-Proto there, a forger's way in."""
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    query = "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in scope["query_string"]).encode()
    return {**scope, "headers": headers, "query_string": query}


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    """Say that we are up, and let the open pages go when we are told to stop."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _close_the_stream_on_signals()
            await asyncio.to_thread(get_ready)
            await send({"type": "lifespan.startup.complete"})
        else:
            await _close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _close() -> None:
    """Open pages connect again; callers on a socket go on by webhooks."""
    await stream.close()
    await relay.close()


def _close_the_stream_on_signals() -> None:
    """Before the server's own handler: it waits for open responses, and a stream would keep it waiting for ever."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers = signal.getsignal(number)

        def handle(number: int, frame: FrameType | None, servers: object = servers) -> None:
            asyncio.run_coroutine_threadsafe(_close(), loop)
            if callable(servers):
                servers(number, frame)

        signal.signal(number, handle)
