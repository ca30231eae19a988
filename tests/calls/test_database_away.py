"""PostgreSQL is away, the web process is not: callers are told what they must know before Twilio gives up."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.dialogue.wording import speak
from clinics.models import Clinic
from clinics.practice import policies
from tests.far_ends.gate import Gate
from tests.notifications.machines import wait_for
from tests.product.house import House

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

EMERGENCY = "my chest hurts and i can't breathe"


@pytest.fixture
def gate() -> Iterator[Gate]:
    with tempfile.TemporaryDirectory() as folder, Gate(Path(folder)) as gate:
        yield gate


@pytest.fixture
def house(transactional_db: None, gate: Gate) -> Iterator[House]:
    """A web process that reaches PostgreSQL through the gate."""
    with House.opened(parts=["web"], DATABASE_URL=gate.url) as house:
        yield house


def test_a_caller_in_danger_is_answered_before_twilio_gives_up(north: Clinic, house: House, gate: Gate) -> None:
    """The far end gives up after Twilio's fifteen seconds, and then nobody is told anything."""
    caller = house.caller(north)
    lines = [caller.call()[0] for _ in range(2)]
    gate.shut()
    time.sleep(policies.SECONDS)  # nothing that the process remembers is fresh any more: it asks for all of it

    for line in lines:
        heard = caller.say(line, EMERGENCY)
        assert speak("greet.emergency", "en", emergency="9 1 1").text in " ".join(heard.sentences)


def test_calls_go_on_when_postgresql_is_back(north: Clinic, house: House, gate: Gate) -> None:
    caller = house.caller(north)
    line = caller.call()[0]
    gate.shut()
    caller.call()
    gate.open()

    wait_for(lambda: "turn" in caller.call()[0].action, "a new call is answered as ever")
    heard = caller.say(line, "i need a refill of metformin")
    assert heard.faults == []
    assert speak("ask.pharmacy", "en").text in " ".join(heard.sentences)
