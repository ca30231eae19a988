"""Twilio for tests: the far end of the test phone, posting to the real webhooks in this process."""

from __future__ import annotations

from xml.etree import ElementTree

from django.db import connection
from django.test import Client

from calls.models import Turn
from calls.simulator.far_end import INCOMING, FarEnd, Heard, Line
from clinics.models import Clinic
from clinics.tenancy import inside

CALLER = "+12025550142"


class Network(FarEnd):
    """Places calls to one clinic. Everything is real but the socket."""

    def __init__(self, clinic: Clinic, *, dial_outcome: str = "completed") -> None:
        super().__init__(clinic, "http://testserver", dial_outcome=dial_outcome)
        self.client = Client(raise_request_exception=False)
        self.number = clinic.lines.earliest("id").number

    def call(self, *, caller: str = CALLER, test: bool = False) -> tuple[Line, Heard]:
        return self.ring(caller=caller, dialled=self.number, test=test)

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        before = connection.tenant
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        response = self.client.post(path, body, content_type=named.pop("HTTP_CONTENT_TYPE"), **named)
        connection.set_tenant(before)
        return response.status_code, response.content.decode()

    def _get(self, path: str, headers: dict[str, str]) -> tuple[int, str]:
        before = connection.tenant
        response = self.client.get(path, headers=headers)
        connection.set_tenant(before)
        return response.status_code, response.headers.get("Content-Type", "")

    def keys_of(self, line: Line) -> list[str]:
        """The sentences of the last reply, by their keys in the wording table."""
        with inside(self.clinic):
            turn = Turn.objects.filter(call__sid=line.sid).order_by("-n").first()
            return [sentence["key"] for sentence in turn.reply["say"]] if turn else []

    def say_once(self, line: Line, words: str) -> Heard:
        """One request with words, and nothing of what would follow it."""
        return self._act_once(line, words)

    def _act_once(self, line: Line, words: str) -> Heard:
        return self._once(line, line.action, {"SpeechResult": words, "Confidence": "0.9"})

    def after_dial(self, line: Line, outcome: str) -> Heard:
        return self._once(line, line.action, {"DialCallStatus": outcome})

    def ring_again(self, line: Line) -> Heard:
        return self._once(line, INCOMING, {"CallStatus": "ringing"})

    def _once(self, line: Line, path: str, fields: dict[str, str]) -> Heard:
        exchange = self._post(line, path, {"CallStatus": "in-progress", **fields})
        heard = Heard(exchanges=[exchange])
        if exchange.status == 200:
            root = ElementTree.fromstring(exchange.twiml)
            heard.sentences = [say.text or "" for say in root.iter("Say")]
            gather = root.find("Gather")
            if gather is not None:
                line.action = gather.get("action", "")
        return heard
