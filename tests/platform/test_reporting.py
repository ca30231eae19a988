"""What a tracer and an error server receive at their sockets: names of our own code, and no word of a patient's."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cliniqai.embedded.places import ROOT
from cliniqai.tracing import pattern_of

CANARY, NUMBER = "Quorndale", "12125550183"


class Received(BaseHTTPRequestHandler):
    bodies: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.headers.get("Content-Encoding"):
            case "gzip":
                body = gzip.decompress(body)
            case "deflate":
                body = zlib.decompress(body)
        self.bodies.append(self.path.encode() + b"\n" + repr(self.headers.items()).encode() + b"\n" + body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def received() -> bytes:
    handler = type("Here", (Received,), {"bodies": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        command = [sys.executable, "-m", "tests.platform.reporting", url, url.replace("//", "//key@") + "/1"]
        done = subprocess.run([*command, CANARY, NUMBER], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        server.shutdown()
    return b"\n".join(handler.bodies)


@pytest.mark.slow
def test_spans_say_what_was_asked_and_how_it_ended(received: bytes) -> None:
    asked = b"POST /calls/voice/{id}/turn/{id}/", b"POST other", b"twilio", b"job notifications.wake"
    for told in (*asked, b"http.response.status_code"):
        assert told in received, told


@pytest.mark.slow
def test_errors_say_their_type_and_place(received: bytes) -> None:
    for told in (b"ValueError", b"reporting.py", b"calls.webhooks"):
        assert told in received, told


@pytest.mark.slow
def test_no_word_and_no_number_is_received(received: bytes) -> None:
    assert len(received) > 1000
    for secret in (CANARY, NUMBER, "Failing row", "0b0e7d1c"):
        assert secret.encode() not in received, secret


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/tasks/", "/tasks/"),
        ("/tasks/0b0e7d1c-4f0e-4a44-9d1b-0f6f2a3f0a11/claim/", "/tasks/{id}/claim/"),
        ("/calls/sms/status/3fKq0aXc2vLrT8yWmN5sBd/", "/calls/sms/status/{id}/"),
        ("/Maria/", "other"),
        ("/tasks/maria smith/", "other"),
        ("/tasks/%2B12125550183/", "other"),
        ("", ""),
    ],
)
def test_an_address_is_told_by_its_pattern(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern
