"""uvicorn's HTTP protocol with an end to what comes before a request: so many bytes, and so many seconds.

As it is, uvicorn waits for ever for a first byte and keeps every byte of a header that never ends.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 32 * 1024  # of request line and headers; a browser sends less than 4
HEAD_SECONDS = 10.0


class Bounded(HttpToolsProtocol):
    """Closes a connection whose next request does not get as far as the end of its headers."""

    _head_bytes = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._late is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._late is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._head_is_there()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEAD_BYTES:
            raise ValueError("The headers of this request are too long.")  # the parser answers 400
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._head_bytes = 0
        self._late = self.loop.call_later(HEAD_SECONDS, self._refuse)

    def _head_is_there(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self) -> None:
        """Hang up: with an answer, unless nothing was asked; browsers open connections that they may never use."""
        self._head_is_there()
        if self.transport.is_closing():
            return
        if self._head_bytes:
            self.send_400_response("Invalid HTTP request received.")
        else:
            self.transport.close()
