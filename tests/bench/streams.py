"""Streamed calls: what we add between the caller's words on the socket and the first word of the answer on it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

from calls.relay.document import socket_address
from calls.simulator.far_end import INCOMING, Line
from clinics.models import Clinic
from clinics.practice import actions
from clinics.telephone import public_url, signature
from clinics.tenancy import inside
from tests.bench.callers import SCRIPT, Times, Wire, play
from tests.far_ends.conversation_relay import relay_end


def measure(clinic: Clinic, port: int, *, callers: int, rounds: int, pause: float) -> Times:
    """So many callers at once on sockets of their own; the greeting and the end are not timed."""
    with _streaming(clinic):
        time.sleep(6)  # the server believes the version before for five seconds
        return play(streamed_call, clinic, port, callers=callers, rounds=rounds, pause=pause)


@contextmanager
def _streaming(clinic: Clinic) -> Iterator[None]:
    """Only for this row: the ones after it are about calls without a socket."""
    _publish(clinic, streaming=True)
    try:
        yield
    finally:
        _publish(clinic, streaming=False)


def _publish(clinic: Clinic, *, streaming: bool) -> None:
    with inside(clinic):
        actions.publish_policy(by=None, changes={"streaming": streaming})


def streamed_call(wire: Wire, number: str, pause: float) -> None:
    """A whole call over one socket, every answer timed from its prompt to its last token."""
    line = Line(sid=f"CA{secrets.token_hex(16)}", caller="+12025550142", dialled=number, test=False)
    document = ElementTree.fromstring(wire._post(line, INCOMING, {"CallStatus": "ringing"}).twiml)
    relay = document.find("Connect/ConversationRelay")
    if relay is None:
        wire.times.failed += 1
        return
    path = "/" + relay.get("url", "").split("/", 3)[3]
    signed = signature(socket_address(public_url(wire.clinic, path)), {}, token=wire.account.token)
    host = f"{wire.clinic.slug}.localhost"
    with relay_end(
        port=wire.server.port or 0, host=host, path=path, signed=signed, account=wire.account.sid, call_sid=line.sid
    ) as end:
        end.setup()
        for words in SCRIPT:
            time.sleep(pause)
            began = time.perf_counter()
            end.says(words)
            if end.ended is not None:
                return
            wire.times.answers.append(time.perf_counter() - began)
            wire.times.failed += bool(end.faults) or not end.heard
