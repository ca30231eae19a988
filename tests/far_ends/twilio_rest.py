"""Twilio's REST API on loopback: messages, calls and the message list, with good days and bad ones.

What was accepted is counted here, at the far end's own socket: it is the only place that knows about duplicates. It
knows no idempotency key, as the real one does not. A status callback is made by `report`, when the test says so.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from clinics.telephone import signature
from tests.far_ends import openapi

# Numbers that the real network refuses for everybody, as its test credentials do.
REFUSED = {"+15005550001": 21211, "+15005550009": 21614, "+15005550004": 21610}
MESSAGES = {21211: "not a valid phone number", 21610: "unsubscribed recipient", 21614: "not a mobile number"}


@dataclass(frozen=True)
class Mood:
    """How one POST is treated: whether it is accepted, and what its sender sees.

    `wait` seconds pass before it is accepted, `silence` seconds after. `sees`: "answer", "drop" (the connection ends),
    "reset", "garbage", "drip" (the answer comes a byte at a time) or "nothing" until the sender goes away.
    """

    accepts: bool = True
    status: int = 201
    code: int = 0
    sees: str = "answer"
    wait: float = 0.0
    silence: float = 0.0
    retry_after: int | None = None


GOOD = Mood()
DROPPED = Mood(sees="drop")
RESET = Mood(sees="reset")
FAILED_AFTER = Mood(status=500)
FAILED = Mood(accepts=False, status=500)
BUSY = Mood(accepts=False, status=429, code=20429, retry_after=7)
GARBLED = Mood(sees="garbage")
DRIPPING = Mood(sees="drip")


def refused(code: int, status: int = 400) -> Mood:
    return Mood(accepts=False, status=status, code=code)


def late(seconds: float) -> Mood:
    """Accepted, but only after so long."""
    return Mood(wait=seconds)


@dataclass
class Item:
    """One accepted message or call."""

    sid: str
    form: dict[str, str]
    created: datetime
    kind: str
    statuses: list[str] = field(default_factory=lambda: ["queued"])


@dataclass(frozen=True)
class Post:
    """One request to make something, accepted or not."""

    at: float
    kind: str
    form: dict[str, str]


class TwilioRest:
    """The far end; `moods` are taken one a POST, `mood` decides when there are none left."""

    def __init__(self, *, account: str, token: str) -> None:
        self.account, self.token = account, token
        self.lock = threading.Lock()
        self.moods: deque[Mood] = deque()
        self.mood: Callable[[dict[str, str]], Mood] = lambda form: GOOD
        self.list_status = 200
        self.redacted = False
        self.posts: list[Post] = []
        self.accepted: list[Item] = []
        self.lists: list[dict[str, str]] = []
        self.updates: list[tuple[str, dict[str, str]]] = []
        self.inbound: dict[str, str] = {}  # calls that came in, by sid: their status
        self.media: dict[str, bytes] = {}  # recordings by sid
        self.transcripts: set[str] = set()  # what was written down of recordings, by sid
        self.cut_media_at: int | None = None  # the connection ends after so many bytes
        self.delete_status = 204
        self.deleted: list[str] = []
        self.opted_out: set[str] = set()
        self.connections = 0
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.far_end = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    # --- What a test looks at ---------------------------------------------------------------------------------------
    def sent(self, kind: str = "Messages") -> list[Item]:
        with self.lock:
            return [item for item in self.accepted if item.kind == kind]

    def to(self, number: str) -> list[Item]:
        return [item for item in self.sent() if item.form["To"] == number]

    def reports(self, item: Item, status: str, **more: str) -> tuple[str, dict[str, str], str]:
        """One status callback: where to, what, and its signature."""
        url = item.form["StatusCallback"]
        who = {"AccountSid": self.account, "From": item.form.get("From", ""), "To": item.form["To"]}
        if item.kind == "Messages":
            params = {"MessageSid": item.sid, "SmsSid": item.sid, "MessageStatus": status, "SmsStatus": status} | who
        else:
            params = {"CallSid": item.sid, "CallStatus": status, "Direction": "outbound-api"} | who
        params |= {"ApiVersion": "2010-04-01"} | more
        return url, params, signature(url, params, token=self.token)

    # --- What the handler does --------------------------------------------------------------------------------------
    def mood_of(self, form: dict[str, str]) -> Mood:
        if form.get("To") in self.opted_out:
            return refused(21610)
        if form.get("To") in REFUSED:
            return refused(REFUSED[form["To"]])
        with self.lock:
            if self.moods:
                return self.moods.popleft()
        return self.mood(form)

    def update(self, sid: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Change a call that is going on: other instructions, or its end."""
        with self.lock:
            item = next((item for item in self.accepted if item.sid == sid), None)
            status = item.statuses[-1] if item else self.inbound.get(sid, "")
            refused = openapi.refuses_update(form, status=status)
            if refused is not None:
                return refused.status, {"code": refused.code, "message": refused.message, "status": refused.status}
            self.updates.append((sid, form))
            ended = form.get("Status", status)
            if item:
                item.statuses.append(ended)
            else:
                self.inbound[sid] = ended
        return 200, {"sid": sid, "account_sid": self.account, "status": ended}

    def accept(self, kind: str, form: dict[str, str]) -> Item:
        prefix = "SM" if kind == "Messages" else "CA"
        item = Item(prefix + uuid.uuid4().hex, form, datetime.now(UTC), kind)
        with self.lock:
            self.accepted.append(item)
        return item

    def shown(self, item: Item) -> dict[str, object]:
        """An item as the API shows it."""
        created = format_datetime(item.created.replace(microsecond=0))
        sender = item.form.get("From", "+15005550006")
        common = {"sid": item.sid, "account_sid": self.account, "to": item.form["To"], "from": sender}
        common |= {"status": item.statuses[-1], "date_created": created, "direction": "outbound-api"}
        if item.kind == "Messages":
            common |= {"body": "" if self.redacted else item.form["Body"], "date_sent": None, "error_code": None}
        return common


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    far_end: TwilioRest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.far_end.lock:
            self.server.far_end.connections += 1

    def log_message(self, *_: object) -> None:
        """Silent: a request holds numbers."""

    def _kind(self) -> str:
        """The last word of the path, without its ending: Messages or Calls."""
        return urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")

    def _known(self) -> bool:
        far = self.server.far_end
        wanted = base64.b64encode(f"{far.account}:{far.token}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}":
            return True
        self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        return False

    def do_DELETE(self) -> None:
        far = self.server.far_end
        if not self._known():
            return
        sid = self._kind()
        known = {*far.media, *far.transcripts, *far.inbound, *(item.sid for item in far.accepted)} - set(far.deleted)
        status = far.delete_status if sid in known else 404
        if status == 204:
            far.deleted.append(sid)
            far.media.pop(sid, None)
            self.send_response(204)
            self.end_headers()
        else:
            self._answer(status, {"code": 20404 if status == 404 else 20500, "message": "no", "status": status})

    def _send_media(self, sid: str) -> None:
        """A recording's audio, as it is fetched with the account's credentials."""
        far = self.server.far_end
        audio = far.media.get(sid.removesuffix(".mp3"))
        if audio is None:
            self._answer(404, {"code": 20404, "message": "not found", "status": 404})
            return
        self.send_response(200)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("Content-Length", str(len(audio)))
        self.end_headers()
        self.wfile.write(audio[: far.cut_media_at])
        self.close_connection = True

    def do_GET(self) -> None:
        far = self.server.far_end
        if not self._known():
            return
        if "/Recordings/" in self.path:
            self._send_media(urlsplit(self.path).path.rsplit("/", 1)[-1])
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        with far.lock:
            far.lists.append(query)
        if far.list_status != 200:
            self._answer(far.list_status, {"code": 20500, "message": "Internal", "status": far.list_status})
            return
        found = [
            far.shown(item)
            for item in reversed(far.sent())
            if query.get("To") in (None, item.form["To"]) and query.get("From") in (None, item.form.get("From"))
        ]
        page = found[: int(query.get("PageSize", "50"))]
        self._answer(200, {"messages": page, "page": 0, "page_size": 50, "next_page_uri": None, "uri": self.path})

    def do_POST(self) -> None:
        far = self.server.far_end
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        if not self._known():
            return
        kind = self._kind()
        if kind.startswith("CA"):
            mood = far.mood(form)
            self._answer(*far.update(kind, form)) if mood.accepts else self._end(mood, {})
            return
        with far.lock:
            far.posts.append(Post(time.monotonic(), kind, form))
        refused_by_spec = openapi.refuses_creation(kind, form)
        mood = far.mood_of(form) if refused_by_spec is None else refused(refused_by_spec.code, refused_by_spec.status)
        time.sleep(mood.wait)
        item = far.accept(kind, form) if mood.accepts else None
        time.sleep(mood.silence)
        self._end(mood, far.shown(item) if item else {})

    def _end(self, mood: Mood, shown: dict[str, object]) -> None:
        self.close_connection = True
        if mood.sees == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif mood.sees == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif mood.sees == "nothing":
            self.connection.recv(1)
        elif mood.sees == "drip":
            self._drip()
        elif mood.sees == "garbage":
            self._raw(201, b"<html>a proxy's page</html>")
        elif mood.status < 300:
            self._answer(mood.status, shown)
        else:
            told = {"code": mood.code, "message": MESSAGES.get(mood.code, "refused"), "status": mood.status}
            after = {} if mood.retry_after is None else {"Retry-After": str(mood.retry_after)}
            self._answer(mood.status, told if mood.code else {}, after)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def _answer(self, status: int, told: dict[str, object], headers: dict[str, str] | None = None) -> None:
        self._raw(status, json.dumps(told).encode(), headers)

    def _raw(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # the sender has gone


@contextmanager
def twilio_rest(*, account: str, token: str) -> Iterator[TwilioRest]:
    """A far end that answers for as long as this lasts."""
    far = TwilioRest(account=account, token=token)
    thread = threading.Thread(target=far.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.server.shutdown()
        far.server.server_close()
