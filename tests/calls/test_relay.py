"""A streamed call: the same dialogue over a socket, and every way out of it ends in a document that goes on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from xml.etree import ElementTree

import pytest
import uvicorn
from django.db import connection, connections
from websockets.exceptions import InvalidStatus

from calls.models import Call, Turn
from calls.relay import messages, session
from calls.relay.document import socket_address
from calls.relay.messages import Key, Malformed, Prompt
from calls.relay.socket import Relay
from calls.simulator.far_end import Line
from clinics.models import Clinic
from clinics.practice import actions as practice
from clinics.remembered import forget_everything
from clinics.telephone import public_url, signature
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Task
from tests.calls.network import Network
from tests.far_ends.conversation_relay import RelayEnd, relay_end

ANSWERS = {"first and last name": "maria alvarez", "it is about": "a question about my visit"}
Dial = Callable[..., AbstractContextManager[RelayEnd]]


# --- What may be said on the wire ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "3", "{}", '{"type": 3}', '{"type": "dtmf", "digit": "12"}', '{"type": "dtmf"}',
     '{"type": "prompt", "voicePrompt": ["a"]}', '{"type": "prompt", "voicePrompt": "' + "a" * 40_000 + '"}'],
)  # fmt: skip
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        messages.read(text)


def test_messages_are_tamed() -> None:
    assert messages.read('{"type": "prompt", "voicePrompt": "hi", "lang": "en-US", "last": true}') == Prompt("hi", True)
    assert messages.read('{"type": "prompt", "voicePrompt": "hi"}') == Prompt("hi", False)
    assert messages.read('{"type": "dtmf", "digit": "#"}') == Key("#")


# --- Over a real socket ----------------------------------------------------------------------------------------------
@pytest.fixture
def port() -> Iterator[int]:
    """The endpoint under uvicorn in a thread."""
    relay = Relay()

    async def application(scope, receive, send) -> None:
        if scope["type"] == "websocket":
            await relay(scope, receive, send)

    config = uvicorn.Config(application, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)
    relay._threads.shutdown()


@pytest.fixture
def network(transactional_db: None) -> Iterator[Network]:
    north = Clinic.objects.get(slug="north")
    with inside(north):
        practice.publish_policy(by=None, changes={"streaming": True})
    forget_everything()
    yield Network(north)
    connection.set_schema_to_public()
    connections.close_all()


def connected(network: Network) -> tuple[Line, str]:
    """A call that rings, and the document that connects it to the socket."""
    line, heard = network.call()
    assert "<ConversationRelay" in heard.exchanges[0].twiml
    return line, heard.exchanges[0].twiml


def path_of(twiml: str) -> str:
    url = ElementTree.fromstring(twiml).find("Connect/ConversationRelay").get("url")
    assert url.startswith(("ws://", "wss://"))
    return "/" + url.split("/", 3)[3]


@pytest.fixture
def dial(port: int, network: Network) -> Dial:
    """Connects as Twilio does, to the address of the document."""

    def connect(line: Line, twiml: str, *, signed: str | None = None, token: str = "") -> AbstractContextManager:
        path = path_of(twiml)
        url = socket_address(public_url(network.clinic, path))
        good = signature(url, {}, token=token or network.account.token)
        return relay_end(
            port=port, host="north.localhost", path=path, signed=good if signed is None else signed,
            account=network.account.sid, call_sid=line.sid,
        )  # fmt: skip

    return connect


def after(network: Network, line: Line, twiml: str, handed: str = "") -> str:
    """The session is over: what the network is told to do next."""
    path = "/" + ElementTree.fromstring(twiml).find("Connect").get("action").split("/", 3)[3]
    fields = {"CallStatus": "in-progress", "SessionStatus": "ended", "SessionDuration": "9", "SessionId": "VX0"}
    exchange = network._post(line, path, {**fields, **({"HandoffData": handed} if handed else {})})
    assert exchange.status == 200
    return exchange.twiml


def turns(network: Network, line: Line) -> int:
    with inside(network.clinic):
        return Turn.objects.filter(call__sid=line.sid).count()


def test_a_whole_request_is_taken_over_the_socket(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        greeting = end.setup().heard
        assert "Northside Clinic" in greeting[0]
        assert any("9 1 1" in sentence for sentence in end.uninterrupted)

        end.says("i need someone to call me back")
        for _ in range(12):
            if "anything else" in end.heard[-1]:
                break
            end.says(next((said for asked, said in ANSWERS.items() if asked in end.heard[-1]), "yes"))

        assert end.faults == []
    with inside(network.clinic):
        assert Task.objects.get(call_id=Call.objects.get(sid=line.sid).id).kind == "callback"


def test_an_emergency_ends_the_session_and_the_document_connects_the_line(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        handed = end.says("my chest hurts and i can not breathe").ended

    document = after(network, line, twiml, handed)

    assert json.loads(handed) == {"turn": 1}
    assert "dial 9 1 1" in document
    assert "<Number>+12025550199</Number>" in document
    with inside(network.clinic):
        assert Escalation.objects.get(level="emergency").heard == 1


def test_half_a_sentence_alarms_before_it_is_finished(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        end.says("my chest hurts and i can not breathe", last=False)
        until = time.monotonic() + 10
        with inside(network.clinic):
            while not Escalation.objects.exists() and time.monotonic() < until:
                time.sleep(0.02)
            assert Escalation.objects.get().level == "emergency"
    assert turns(network, line) == 1


def test_a_caller_may_interrupt_and_press_keys(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup().interrupts()

        handed = end.presses("0").ended

    assert "<Dial" in after(network, line, twiml, handed)
    with inside(network.clinic):
        assert Turn.objects.get(call__sid=line.sid, n=1).digits == "0"


def test_another_language_is_spoken_and_listened_to(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        end.says("español por favor")
        assert end.languages == ["es-US"]
        assert "español" in " ".join(end.heard).lower() or end.heard
        assert end.says("necesito una cita", lang="es-US").faults == []


def test_when_the_socket_dies_the_call_goes_on_by_gather_where_it_was(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        asked = end.says("i need someone to call me back").heard

    document = after(network, line, twiml)

    gather = ElementTree.fromstring(document).find("Gather")
    assert asked[-1] in "".join(say.text for say in gather.iter("Say"))
    line.action = gather.get("action")
    assert line.action.endswith("/turn/2/")
    network.say(line, "maria alvarez")
    assert turns(network, line) == 3


def test_a_caller_who_is_silent_is_asked_again(network: Network, dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "WORDS_A_SECOND", 1000.0)
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()

        again = end.listen(seconds=15).heard

    assert again
    assert turns(network, line) == 2


def test_a_turn_that_fails_ends_in_a_human_line(network: Network, dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("calls.conversation.decide", broken)
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        handed = end.says("hello").ended

    assert json.loads(handed) == {"failed": True}
    assert "<Number>+12025550199</Number>" in after(network, line, twiml, handed)


@pytest.mark.parametrize("forged", ["", "forged", "ü"])
def test_an_upgrade_that_twilio_did_not_sign_is_refused(network: Network, dial: Dial, forged: str) -> None:
    line, twiml = connected(network)

    with pytest.raises((InvalidStatus, UnicodeEncodeError)), dial(line, twiml, signed=forged):
        pass

    with pytest.raises(InvalidStatus), dial(line, twiml, token="another token"):
        pass


def test_a_session_about_another_call_hears_nothing(
    network: Network, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calls.relay.socket.LAST_SECONDS", 0.1)
    line, twiml = connected(network)
    line.sid = "CA" + "9" * 32
    with dial(line, twiml) as end:
        assert end.setup().heard == []


def test_nonsense_on_the_wire_is_left_out_and_too_much_of_it_ends_the_session(network: Network, dial: Dial) -> None:
    line, twiml = connected(network)
    with dial(line, twiml) as end:
        end.setup()
        end.send_raw("nonsense")
        assert end.says("i need an appointment").heard

        for _ in range(session.MOST_MALFORMED):
            end.send_raw("{}")
        assert end.listen().ended == ""


def test_calls_at_once_do_not_hear_each_other(network: Network, dial: Dial) -> None:
    calls = [connected(network) for _ in range(6)]

    def talk(call: tuple[Line, str]) -> list[str]:
        with dial(*call) as end:
            end.setup()
            return end.says("what is your address").heard

    with ThreadPoolExecutor(6) as callers:
        heard = list(callers.map(talk, calls))

    assert all("1 Main Street" in " ".join(words) for words in heard)
    assert [turns(network, line) for line, _ in calls] == [2] * 6


def test_a_clinic_that_does_not_stream_and_a_test_call_use_the_ordinary_road(network: Network) -> None:
    _, heard = network.call(test=True)
    assert "<Gather" in heard.exchanges[0].twiml

    with inside(network.clinic):
        practice.publish_policy(by=None, changes={"streaming": False})
    forget_everything()
    _, heard = network.call()
    assert "<Gather" in heard.exchanges[0].twiml
