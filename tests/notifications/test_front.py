"""The ASGI front: bodies are awaited before a thread is taken, forged names dropped, the stream is routed."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from typing import Any

import httpx
import pytest

from cliniqai import asgi
from tests.notifications.machines import Program, environment, wait_for
from tests.notifications.test_stream import Page, headers, person, session_of
from tests.threads import run_apart


def ask(scope: dict[str, Any], messages: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run one request through the front; Django is replaced by an application that notes what reached it."""
    seen: dict[str, Any] = {"sent": []}

    async def django(inner: dict[str, Any], receive: Any, send: Any) -> None:
        seen["scope"], seen["body"] = inner, inner[asgi.WHOLE_BODY]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def stream(inner: dict[str, Any], receive: Any, send: Any) -> None:
        seen["stream"] = inner["path"]

    monkeypatch.setattr(asgi, "django", django)
    monkeypatch.setattr(asgi, "stream", stream)

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        seen["sent"].append(message)

    full = {"type": "http", "path": "/", "headers": [], "query_string": b"", **scope}
    run_apart(asgi.application(full, receive, send))
    return seen


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_arrives_whole(monkeypatch):
    seen = ask({}, [part(b"a", more=True), part(b"b", more=True), part(b"c")], monkeypatch)
    page = asgi.with_body(lambda environ, start_response: [environ["wsgi.input"].read()])
    assert page({"asgi.scope": seen["scope"]}, print) == [b"abc"]


def test_a_body_that_is_too_large_never_reaches_django(monkeypatch):
    seen = ask({}, [part(b"x" * 200_000, more=True), part(b"x" * 200_000)], monkeypatch)
    assert "body" not in seen
    assert seen["sent"][0]["status"] == 413


def test_a_body_that_trickles_in_takes_no_thread(monkeypatch):
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.1)
    seen = ask({}, [part(b"x", more=True)], monkeypatch)
    assert "body" not in seen
    assert seen["sent"][0]["status"] == 408


def test_who_hangs_up_takes_no_thread(monkeypatch):
    assert "body" not in ask({}, [{"type": "http.disconnect"}], monkeypatch)


def test_header_names_that_wsgi_would_confuse_are_dropped(monkeypatch):
    headers = [(b"x-forwarded-proto", b"http"), (b"x_forwarded_proto", b"https"), (b"host", b"north.localhost")]
    seen = ask({"headers": headers}, [part(b"")], monkeypatch)
    assert seen["scope"]["headers"] == [(b"x-forwarded-proto", b"http"), (b"host", b"north.localhost")]


def test_a_query_that_is_not_ascii_is_quoted(monkeypatch):
    seen = ask({"query_string": b"q=\xc3\xa9"}, [part(b"")], monkeypatch)
    assert seen["scope"]["query_string"] == b"q=%C3%A9"


def test_only_the_exact_path_is_the_stream(monkeypatch):
    assert ask({"path": "/events/"}, [], monkeypatch)["stream"] == "/events/"
    assert "stream" not in ask({"path": "/events"}, [part(b"")], monkeypatch)
    assert "stream" not in ask({"path": "/events/x"}, [part(b"")], monkeypatch)


def test_a_websocket_of_no_call_is_refused(monkeypatch):
    asked = ask({"type": "websocket"}, [{"type": "websocket.connect"}], monkeypatch)
    assert asked["sent"] == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.django_db  # who speaks is looked up before the first caller
def test_the_server_is_told_when_we_are_up_and_when_we_are_gone(monkeypatch):
    closed: list[bool] = []

    class Stream:
        async def close(self) -> None:
            closed.append(True)

    async def scenario() -> list[str]:
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent: list[str] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        await asgi.application({"type": "lifespan"}, receive, send)
        return sent

    monkeypatch.setattr(asgi, "stream", Stream())
    monkeypatch.setattr(asgi, "_close_the_stream_on_signals", lambda: None)
    assert run_apart(scenario()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]


@pytest.mark.slow
def test_a_server_with_open_pages_stops_at_once(outbox, valkey):
    """The real server: pages and stream on one port, and nobody waits for an open page when it is told to stop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "uvicorn", "cliniqai.asgi:application", "--port", str(port), "--no-access-log"]
    server = Program(*command, env=environment(valkey, CLINIQAI_PROCESS="web"))
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(url), "the server answers", seconds=90, also=server)
        alice = session_of(outbox.north, person(outbox.north, "alice"))
        pages = [Page(port, headers(outbox.north, alice)) for _ in range(3)]
        listed = httpx.get(f"{url}/notifications/", headers=headers(outbox.north, alice))
        assert (listed.status_code, "Notifications" in listed.text) == (200, True)

        began = time.monotonic()
        assert server.stop() in (0, -signal.SIGTERM)
        assert time.monotonic() - began < 5
        assert all(page.closed.wait(1) for page in pages)
        assert "Traceback" not in server.said(), server.said()
    finally:
        server.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False
