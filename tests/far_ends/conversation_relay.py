"""Twilio's ConversationRelay on loopback: connects, signs, tells what a caller does, and plays only what may be played.

After Twilio's page on WebSocket messages: `setup` comes first; a voice begins only with a token that is the `last`; a
message that is not on the page is answered with error 64107; `end` closes the session and its handoff data comes back
with the request to the `<Connect>` action.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"type", "token", "last"}, {"lang", "interruptible", "preemptible"}),
    "play": ({"type", "source"}, {"loop", "preemptible", "interruptible"}),
    "sendDigits": ({"type", "digits"}, set()),
    "language": ({"type"}, {"ttsLanguage", "transcriptionLanguage"}),
    "end": ({"type"}, {"handoffData"}),
}
"""Of each message that may be sent to the network: the fields it needs and those it may have."""


@dataclass
class RelayEnd:
    """One session. `heard`: the sentences of the last answer; `ended`: what was handed over, None while it goes on."""

    websocket: ClientConnection
    account: str
    call_sid: str
    heard: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    uninterrupted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ended: str | None = None

    def setup(self, **changed: str) -> RelayEnd:
        self._send(
            type="setup", sessionId="VX" + "0" * 32, accountSid=self.account, parentCallSid="", callSid=self.call_sid,
            **{"from": "+12025550142", "to": "+12025550101"}, forwardedFrom="", callType="PSTN", callerName="",
            direction="inbound", callStatus="RINGING", customParameters={}, **changed,
        )  # fmt: skip
        return self.listen()

    def says(self, words: str, *, last: bool = True, lang: str = "en-US") -> RelayEnd:
        self._send(type="prompt", voicePrompt=words, lang=lang, last=last)
        return self.listen() if last else self

    def presses(self, digits: str) -> RelayEnd:
        for digit in digits:
            self._send(type="dtmf", digit=digit)
        return self.listen()

    def interrupts(self) -> RelayEnd:
        self._send(type="interrupt", utteranceUntilInterrupt="Northside", durationUntilInterruptMs=460)
        return self

    def send_raw(self, text: str) -> None:
        self.websocket.send(text)

    def listen(self, *, seconds: float = 20.0) -> RelayEnd:
        """Until the voice may begin, or the session ends."""
        self.heard, said = [], False
        while not said and self.ended is None:
            try:
                message = json.loads(self.websocket.recv(timeout=seconds))
            except ConnectionClosed:
                self.ended = self.ended or ""
                return self
            self._check(message)
            match message["type"]:
                case "text":
                    self.heard.append(message["token"].strip())
                    if message.get("interruptible") is False:
                        self.uninterrupted.append(message["token"].strip())
                    said = message["last"]
                case "language":
                    self.languages.append(message["ttsLanguage"])
                case "end":
                    self.ended = message.get("handoffData", "")
                    self.websocket.close()
        return self

    def _check(self, message: dict[str, Any]) -> None:
        needed, allowed = FIELDS.get(message.get("type", ""), (set(), set()))
        if not needed or needed - message.keys() or message.keys() - needed - allowed:
            self.faults.append(f"64107: {sorted(message)}")
            self._send(type="error", description="Invalid message received")

    def _send(self, **message: object) -> None:
        self.websocket.send(json.dumps(message))


@contextmanager
def relay_end(*, port: int, host: str, path: str, signed: str, account: str, call_sid: str) -> Iterator[RelayEnd]:
    """A session with the server on this machine, asked for as the clinic's `host`. A refusal raises `InvalidStatus`."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=20)
    headers = {"X-Twilio-Signature": signed}
    with connect(f"ws://{host}{path}", sock=sock, additional_headers=headers, compression=None) as websocket:
        yield RelayEnd(websocket, account, call_sid)
