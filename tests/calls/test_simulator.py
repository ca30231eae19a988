"""The test phone's far end: what it does when our server is away, what was understood, and who rings the duty phone."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from django.test import Client

from calls.models import Call
from calls.simulator.far_end import FALLBACK
from calls.simulator.outcome import understood_in
from calls.simulator.phone import SCENARIOS
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from cliniqai.logs import TypesAndPlaces
from tests.calls.network import Network
from tests.conftest import client_on

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def test_when_our_server_gives_no_answer_the_fallback_speaks_and_connects_the_clinic(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network.server_down = True

    heard = network.say(line, "i need a refill")

    lost, fallback, *_ = heard.exchanges
    assert (lost.status, fallback.path, fallback.status) == (0, FALLBACK, 200)
    assert "connecting you to the clinic" in heard.sentences[0]
    assert "+12025550199" in fallback.twiml
    with inside(north):
        assert Call.objects.get(sid=line.sid).turns.count() == 1


def test_what_was_understood_is_told_with_its_findings(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    with inside(north):
        call = Call.objects.get(sid=line.sid).pk
        assert understood_in(call) is None

    network.say_once(line, "i need a refill of lisinopril and i can't breathe")

    with inside(north):
        told = understood_in(call)
    assert told["words"] == "i need a refill of lisinopril and i can't breathe"
    assert told["confidence"] == "90%"
    assert "emergency" in [kind for kind, _, _ in told["findings"]]


def test_the_duty_phone_is_included_only_by_who_may_run_drills(alice: User, carol: User, client_of: SignIn) -> None:
    def ring(user: User) -> int:
        client = client_of(user)
        client.defaults["SERVER_PORT"] = "1"
        return client.post("/phone/calls/", {"duty": True}, content_type="application/json").status_code

    assert ring(alice) == 403
    assert ring(carol) == 502  # no server answers at the port of this test


@pytest.mark.parametrize(("name", "lines"), SCENARIOS)
def test_every_scenario_is_understood_to_its_end(name: str, lines: str, north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call(test=True)

    for step in lines.split("\n"):
        assert not line.over, (name, step)
        keys = re.fullmatch(r"\[press ([0-9*#]+)\]", step)
        if keys:
            heard = network.press(line, keys[1])
        elif step == "[silence]":
            heard = network.stay_silent(line)
        else:
            heard = network.say(line, step)
        assert heard.faults == []

    with inside(north):
        assert Call.objects.get(sid=line.sid).test


def test_every_answer_and_every_line_of_the_log_carry_one_reference(
    north: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    given = client_on(north).get("/tasks/", HTTP_X_REQUEST_ID="evil\r\nX: y")

    assert re.fullmatch(r"[0-9a-f]{12}", given["X-Request-ID"])
    assert client_on(north).get("/nowhere/")["X-Request-ID"] != given["X-Request-ID"]
    record = logging.LogRecord("any", logging.INFO, "", 0, "outside", (), None)
    assert TypesAndPlaces("%(reference)s %(message)s").format(record) == "- outside"
