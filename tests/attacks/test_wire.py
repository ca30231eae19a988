"""Attacks 16, 66 and 67 at the socket: heads that never end, smuggled requests and connections that say nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from cliniqai import wire
from tests.notifications.machines import ROOT, wait_for


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The web server's own protocol before an application that says how much it was sent."""
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.3)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            return
        body = (await receive()).get("body", b"")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
        await send({"type": "http.response.body", "body": f"took {len(body):3}".encode()})

    config = uvicorn.Config(answer, port=0, http=wire.Bounded, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, "the server listens")
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def talk(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces and return all that comes back until the other side closes, or says nothing more."""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
            answer = b""
            while more := line.recv(65_536):
                answer += more
        except ConnectionError:
            return answer if "answer" in locals() else b""
    return answer


START = b"GET / HTTP/1.1\r\nHost: north.localhost\r\n"


def test_an_ordinary_request_and_the_next_one_on_the_same_connection_pass(port: int) -> None:
    asked = START + b"Cookie: sid=" + b"a" * 3_000 + b"\r\n\r\n"

    answer = talk(port, asked + START + b"Connection: close\r\n\r\n")

    assert answer.count(b"200 OK") == 2


def test_a_websocket_is_opened_and_outlives_the_time_for_heads(port: int) -> None:
    asked = (
        START + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=0.8) as line:
        line.sendall(asked)
        assert b"101 Switching" in line.recv(65_536)
        with pytest.raises(TimeoutError):  # nobody hangs up: more than twice the time that a head has
            assert line.recv(65_536) != b""


@pytest.mark.parametrize("head", [b"X: " + b"a" * 65_536, b"X: a\r\n" * 12_000])
def test_a_head_of_64_kb_is_refused(port: int, head: bytes) -> None:
    assert b" 400 " in talk(port, START + head + b"\r\n\r\n").partition(b"\r\n")[0]


def test_a_head_that_never_ends_is_cut_off(port: int) -> None:
    assert b"200 OK" not in talk(port, START + b"X: ", *[b"a" * 8_192] * 40)


@pytest.mark.parametrize("sent", [b"", b"GET", START, START + b"X: a"])
def test_who_starts_and_says_no_more_is_hung_up_on(port: int, sent: bytes) -> None:
    began = time.monotonic()

    assert b"200 OK" not in talk(port, sent)
    assert time.monotonic() - began < 2.5  # the socket above waits for three seconds


@pytest.mark.parametrize(
    "heads",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: +5\r\n",
    ],
)
def test_a_request_of_two_lengths_is_refused_and_nothing_behind_it_is_answered(port: int, heads: bytes) -> None:
    hidden = b"0\r\n\r\nGET /admin/ HTTP/1.1\r\nHost: north.localhost\r\n\r\n"

    answer = talk(port, b"POST / HTTP/1.1\r\nHost: north.localhost\r\n" + heads + b"\r\n" + hidden)

    assert b"200 OK" not in answer


def test_a_real_host_and_make_run_serve_through_it() -> None:
    assert "--http cliniqai.wire:Bounded" in (ROOT / "Procfile").read_text()
    assert '"cliniqai.wire:Bounded"' in (ROOT / "cliniqai/embedded/run.py").read_text()
