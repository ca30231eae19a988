"""How a far end treats one request: well, or in each of the ways in which the world outside fails."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Day(StrEnum):
    GOOD = "good"
    REFUSE = "refuse"
    """The connection ends at once; `nobody` is an address where none is made."""
    TIME_OUT = "time out"
    """The request is taken and never answered."""
    RESET = "reset"
    BUSY = "429"
    FAILED = "500"
    GARBAGE = "garbage"
    SLOW = "slow first byte"
    DRIP = "drip"
    """The answer comes a byte at a time."""
    ENDLESS = "ten megabytes"
    ELSEWHERE = "redirect"


BAD = (Day.REFUSE, Day.TIME_OUT, Day.RESET, Day.BUSY, Day.FAILED, Day.GARBAGE, Day.SLOW)
"""The days of the matrix."""

SLOW_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FarEnd:
    """A server on loopback. `days` are taken one a request, `day` counts when there are none left."""

    day: Day = Day.GOOD
    days: deque[Day] = field(default_factory=deque)
    elsewhere: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.gone = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.far_end = self
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        """Status, content type and body on a good day."""
        raise NotImplementedError

    def refusal(self, status: int) -> tuple[str, bytes]:
        """Content type and body with which this far end says a status of its own."""
        return "application/json", b"{}"

    def mark(self, asked: Asked) -> dict[str, str]:
        """Further headers of a good answer."""
        return {}

    def took(self) -> bytes:
        """All that ever arrived, to be searched for canaries."""
        with self.lock:
            parts = [part for one in self.asked for part in (one.path.encode(), repr(one.headers).encode(), one.body)]
        return b"\n".join(parts)

    def next_day(self) -> Day:
        with self.lock:
            return self.days.popleft() if self.days else self.day


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    far_end: FarEnd


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.far_end.lock:
            self.server.far_end.connections += 1

    def log_message(self, *_: object) -> None:
        """Silent: a request may hold words."""

    def do_POST(self) -> None:
        self._take()

    def do_GET(self) -> None:
        self._take()

    do_PUT = do_HEAD = do_DELETE = do_GET

    def _take(self) -> None:
        far = self.server.far_end
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with far.lock:
            far.asked.append(asked)
        self._treat(far.next_day(), asked)

    def _treat(self, day: Day, asked: Asked) -> None:
        far = self.server.far_end
        if day is Day.SLOW:
            far.gone.wait(SLOW_SECONDS)
        if day in (Day.GOOD, Day.SLOW):
            self._send(*far.answer(asked), **far.mark(asked))
        elif day in (Day.BUSY, Day.FAILED):
            self._send(int(day), *far.refusal(int(day)))
        elif day is Day.GARBAGE:
            self._send(200, "text/html", b"<html>a proxy's page</html>")
        elif day is Day.ENDLESS:
            self._send(200, far.answer(asked)[1], b" " * (10 * 1024 * 1024))
        elif day is Day.ELSEWHERE:
            self._send(307, "text/plain", b"", Location=far.elsewhere)
        elif day is Day.DRIP:
            self._drip()
        else:
            self._leave(day)

    def _leave(self, day: Day) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        if day is Day.TIME_OUT:
            self.server.far_end.gone.wait(30)
        elif day is Day.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not self.server.far_end.gone.wait(0.05):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return

    def _send(self, status: int, content_type: str, body: bytes, **more: str) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone


@contextmanager
def open_to_all(far: FarEnd) -> Iterator[FarEnd]:
    """The far end answers for as long as this lasts."""
    thread = threading.Thread(target=far.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.gone.set()
        far.server.shutdown()
        far.server.server_close()


def nobody() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def wait_until(true: object, seconds: float = 3.0) -> None:
    """Wait for something that happens after the answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():  # type: ignore[operator]
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
