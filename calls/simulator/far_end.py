"""The far end of a call: behaves as Twilio does towards the real webhooks, signature included.

It posts the same form fields to the running server and follows the TwiML that comes back. No telephone rings: a
`Dial` ends as the caller of this module says it should.
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree import ElementTree

from django.utils.translation import gettext

from calls.models import Turn
from calls.simulator.rules import faults
from clinics import telephone
from clinics.models import Clinic
from clinics.tenancy import inside

TIMEOUT_SECONDS = 15
"""Twilio's own ceiling for a voice webhook."""

MOST_REDIRECTS = 5
INCOMING = "/calls/voice/"
STATUS = "/calls/voice/status/"
FALLBACK = "/calls/voice/fallback/"


@dataclass
class Exchange:
    """One request and its answer, with nothing secret in it."""

    path: str
    fields: list[tuple[str, str]]
    status: int
    took_ms: int
    twiml: str
    faults: list[str]
    method: str = "POST"
    signed: bool = True
    reference: str = ""
    """The server's own name for the request, by which its log is found."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"fault": " ".join(self.faults)}


@dataclass
class Line:
    """A call as Twilio sees it: who calls whom, and where the next thing the caller does is posted."""

    sid: str
    caller: str
    dialled: str
    test: bool = True
    drill: bool = False
    action: str = ""
    listening: dict[str, Any] | None = None
    over: bool = False
    began: float = field(default_factory=time.time)
    call_id: str = ""
    level: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Heard:
    """What the caller hears of one step: the sentences, and the exchanges that brought them."""

    sentences: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [fault for exchange in self.exchanges for fault in exchange.faults]


class Unreachable(Exception):
    """The server does not answer; the text says where it was looked for."""


class FarEnd:
    """Plays one clinic's telephone network against the server that listens at `server` (such as http://127.0.0.1:8000)."""

    def __init__(
        self, clinic: Clinic, server: str, *, dial_outcome: str = "completed", server_down: bool = False
    ) -> None:
        self.clinic = clinic
        self.server = urlsplit(server)
        self.account = telephone.account_for(clinic)
        self.dial_outcome = dial_outcome
        self.server_down = server_down
        self.reference = ""

    def ring(
        self, *, caller: str, dialled: str, test: bool = True, drill: bool = False, level: str = ""
    ) -> tuple[Line, Heard]:
        """Start a call and hear the greeting. A test call is answered at the `level` that it asks for."""
        sid = f"CA{secrets.token_hex(16)}"
        line = Line(sid=sid, caller=caller, dialled=dialled, test=test, drill=drill, level=level)
        heard = Heard()
        self._follow(line, heard, INCOMING, {"CallStatus": "ringing"})
        return line, heard

    def say(self, line: Line, words: str, *, confidence: float = 0.93) -> Heard:
        return self._act(line, {"SpeechResult": words, "Confidence": f"{confidence:.4f}"})

    def press(self, line: Line, digits: str) -> Heard:
        return self._act(line, {"Digits": digits, "FinishedOnKey": ""})

    def stay_silent(self, line: Line) -> Heard:
        return self._act(line, {"SpeechResult": ""} if not line.listening else {})

    def leave_message(self, line: Line, *, seconds: int) -> Heard:
        """Speak after the tone, and end with the pound key."""
        sid = f"RE{secrets.token_hex(16)}"
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.account.sid}/Recordings/{sid}"
        return self._act(
            line, {"RecordingUrl": url, "RecordingSid": sid, "RecordingDuration": str(seconds), "Digits": "#"}
        )

    def hang_up(self, line: Line) -> Heard:
        """Put the receiver down: Twilio posts that the call is completed."""
        heard = Heard()
        if line.action:
            line.action = ""
            self._completed(line, heard)
        line.over = True
        return heard

    def _act(self, line: Line, fields: dict[str, str]) -> Heard:
        heard = Heard()
        if line.action:
            self._follow(line, heard, line.action, {"CallStatus": "in-progress", **fields})
        return heard

    def _follow(self, line: Line, heard: Heard, path: str, fields: dict[str, str]) -> None:
        """Post, do what the document says, and stop where the caller is asked to speak or the call is over."""
        if self.server_down:  # as when a webhook of ours gives Twilio no answer
            heard.exchanges.append(_unanswered(path, fields))
            path, fields = FALLBACK, {"CallStatus": "in-progress", "ErrorCode": "11200", "ErrorUrl": path}
        for _ in range(MOST_REDIRECTS):
            exchange = self._post(line, path, fields)
            heard.exchanges.append(exchange)
            if exchange.status != 200 or exchange.faults:
                line.action, line.over = "", True
                return
            root = ElementTree.fromstring(exchange.twiml)  # noqa: S314  (our own server's answer)
            self._listen(line, heard, root)
            if (gather := root.find("Gather")) is not None:
                line.action = urljoin(path, gather.get("action", ""))
                line.listening = _listening(gather)
                line.call_id = line.call_id or line.action.split("/")[3]
                return
            if (record := root.find("Record")) is not None:
                line.action = urljoin(path, record.get("action", ""))
                line.listening = {"speech": False, "keypad": True, "digits": None}
                line.call_id = line.call_id or line.action.split("/")[3]
                return
            dial, redirect = root.find("Dial"), root.find("Redirect")
            if dial is not None and dial.get("action"):
                fields = {"CallStatus": "in-progress", "DialCallStatus": self.dial_outcome}
                path = urlsplit(urljoin(path, dial.get("action", ""))).path
            elif redirect is not None:
                fields, path = {"CallStatus": "in-progress"}, urljoin(path, redirect.text or "")
            else:
                line.action = ""
                self._completed(line, heard)
                line.over = True
                return
        heard.exchanges[-1].faults.append(gettext("Too many redirects (11215)."))

    def _listen(self, line: Line, heard: Heard, root: ElementTree.Element) -> None:
        """What the caller hears. Of what is played the sound is fetched, and the words are the transcript's."""
        played = [play.text or "" for play in root.iter("Play")]
        for url in played:
            self._fetch(url, heard.exchanges[-1])
        if played:
            with inside(self.clinic):
                said = Turn.objects.filter(call__sid=line.sid).order_by("-n").values_list("said", flat=True).first()
            heard.sentences.append(said or "")
        else:
            heard.sentences.extend(say.text for say in root.iter("Say") if say.text)

    def _fetch(self, url: str, exchange: Exchange) -> None:
        """Twilio fetches what it plays, without the call's parameters."""
        parts = urlsplit(url)
        status, kind = self._get(parts.path, {"Host": parts.netloc})
        if status != 200 or not kind.startswith("audio/"):
            exchange.faults.append(
                gettext("What is played was answered with %(status)s %(kind)s (11200).")
                % {"status": status, "kind": kind}
            )

    def _completed(self, line: Line, heard: Heard) -> None:
        seconds = str(max(1, round(time.time() - line.began)))
        fields = {"CallStatus": "completed", "CallDuration": seconds, "SequenceNumber": "0"}
        exchange = self._post(line, STATUS, fields | {"CallbackSource": "call-progress-events"})
        exchange.faults = (
            []
            if exchange.status == 204
            else [gettext("The status callback was answered with %(status)s.") % {"status": exchange.status}]
        )
        heard.exchanges.append(exchange)

    def _post(self, line: Line, path: str, extra: dict[str, str]) -> Exchange:
        params = {
            "CallSid": line.sid,
            "AccountSid": self.account.sid,
            "From": line.caller or "anonymous",
            "To": line.dialled,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            **({"TestCall": "1"} if line.test else {}),
            **({"DrillCall": "1"} if line.drill else {}),
            **({"TestLevel": line.level} if line.level else {}),
            **extra,
        }
        url = telephone.public_url(self.clinic, path)
        headers = {
            "Host": urlsplit(url).netloc,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": telephone.signature(url, params, token=self.account.token),
            "X-Forwarded-Proto": urlsplit(url).scheme,
        }
        started = time.monotonic()
        status, body = self._send(path, urlencode(params), headers)
        took = round((time.monotonic() - started) * 1000)
        shown = [(name, value) for name, value in params.items() if name != "AccountSid"]
        found = faults(body) if status == 200 else [gettext("The webhook answered %(status)s.") % {"status": status}]
        return Exchange(path, shown, status, took, body, found, reference=self.reference)

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        answer, content = self._ask("POST", path, body, headers)
        return answer.status, content.decode("utf-8", "replace")

    def _get(self, path: str, headers: dict[str, str]) -> tuple[int, str]:
        """Status and content type."""
        answer, _ = self._ask("GET", path, "", headers)
        return answer.status, answer.headers.get("Content-Type", "")

    def _ask(
        self, method: str, path: str, body: str, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        secure = self.server.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self.server.hostname or "127.0.0.1", self.server.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            self.reference = answer.getheader("X-Request-ID") or ""
            return answer, answer.read()
        except (OSError, http.client.HTTPException) as error:
            where = f"{self.server.hostname}:{self.server.port}"
            raise Unreachable(
                gettext("No server answers at %(where)s: start it with `make run`. (%(error)s)")
                % {"where": where, "error": error}
            ) from error
        finally:
            connection.close()


def _unanswered(path: str, fields: dict[str, str]) -> Exchange:
    return Exchange(path, list(fields.items()), 0, 0, "", [], signed=True)


def _listening(gather: ElementTree.Element) -> dict[str, Any]:
    modes = (gather.get("input") or "dtmf").split()
    digits = gather.get("numDigits")
    return {"speech": "speech" in modes, "keypad": "dtmf" in modes, "digits": int(digits) if digits else None}


def line_from_json(data: dict[str, Any]) -> Line:
    return Line(**json.loads(json.dumps(data)))
