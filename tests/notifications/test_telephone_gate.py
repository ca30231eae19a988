"""The telephone network stands behind the one gate: what carries a patient's number needs an agreement, and nothing
leaves for another host. All of it is looked at at the sockets of far ends on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from twilio.rest import Client

from clinics.providers import door, gate
from clinics.providers.gate import Carries, NotAllowed, passage
from notifications import network
from notifications.network import NotAsked
from notifications.policy import Outcome, Result
from tests.far_ends.days import FarEnd, open_to_all
from tests.far_ends.twilio_rest import TwilioRest
from tests.notifications.conftest import Outbox
from tests.product.canaries import Patient, number_pattern
from tests.providers.conftest import sign

pytestmark = pytest.mark.usefixtures("no_nudge")

PATIENT = Patient()
STAFF = "+12025550161"


@pytest.fixture(autouse=True)
def _unsigned(outbox: Outbox) -> Iterator[None]:
    yield
    outbox.north.agreements.all().delete()


def text(outbox: Outbox, to: str, carries: Carries) -> Outcome:
    return network.post_message(
        outbox.north, to=to, sender={"from_": "+12025550101"}, body="There is news.", status_url="https://here.example/",
        valid=60, carries=carries,
    )  # fmt: skip


@pytest.mark.parametrize("signed", ["", "elevenlabs", "twilio-recognition"])
def test_a_patients_number_reaches_the_network_only_under_an_agreement(
    outbox: Outbox, far: TwilioRest, signed: str
) -> None:
    if signed:
        sign(outbox.north, signed)

    outcome = text(outbox, PATIENT.callback, Carries.PATIENT)

    assert (outcome.result, outcome.code) == (Result.REFUSED, "no_agreement")
    with pytest.raises(NotAsked, match="no_agreement"):
        network.messages_to(outbox.north, to=PATIENT.callback, since=None, carries=Carries.PATIENT)
    assert far.connections == 0


@pytest.mark.parametrize("signed", ["twilio", "Twilio", "twilio-sms"])
def test_an_agreement_with_the_network_is_for_its_texts_too(outbox: Outbox, far: TwilioRest, signed: str) -> None:
    sign(outbox.north, signed)

    assert text(outbox, PATIENT.callback, Carries.PATIENT).result is Result.SENT
    assert [item.form["To"] for item in far.sent()] == [PATIENT.callback]


def test_another_clinics_agreement_counts_for_nothing(outbox: Outbox, far: TwilioRest) -> None:
    row = sign(outbox.south, "twilio")
    try:
        assert text(outbox, PATIENT.callback, Carries.PATIENT).code == "no_agreement"
    finally:
        row.delete()
    assert far.connections == 0


def test_an_alarm_leaves_without_one_and_carries_no_patient(outbox: Outbox, far: TwilioRest, phones: dict) -> None:
    alarm = outbox.announce(
        "escalation.step", audience=[outbox.person("bob").pk], channels=["sms", "voice"], about=uuid.uuid4()
    )
    outbox.deliver()

    assert outbox.states(alarm) == {"sms": ["sent"], "voice": ["sent"]}
    posted = " ".join(" ".join(post.form.values()) for post in far.posts)
    assert STAFF[:10] in posted
    assert number_pattern(PATIENT.caller) not in posted


def test_nothing_leaves_for_it_without_a_passage(far: TwilioRest) -> None:
    with pytest.raises(NotAllowed, match="no passage"):
        door.session(gate.telephone()).post(f"{far.url}/2010-04-01/Accounts/AC0/Messages.json", data=PATIENT.callback)

    assert far.connections == 0


def test_nothing_leaves_for_another_host(outbox: Outbox, far: TwilioRest) -> None:
    way = passage(outbox.north, gate.telephone(), Carries.FIXED)
    with open_to_all(FarEnd()) as stranger:
        http = network.Http(way)
        client = Client("AC" + "0" * 32, "token", http_client=http)
        client.api.base_url = stranger.url
        with door.through(way), pytest.raises(NotAllowed, match="not the one"):
            client.messages.create(to=PATIENT.callback, from_="+12025550101", body=PATIENT.reason)
        with door.through(way), pytest.raises(NotAllowed, match="not the one"):
            door.session(way.provider, whole=False).get(stranger.url)

        assert stranger.connections == far.connections == 0


def test_the_libraries_own_variables_lead_nowhere_else(
    outbox: Outbox, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_to_all(FarEnd()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("TWILIO_REGION", "au1")
        monkeypatch.setenv("TWILIO_EDGE", "sydney")

        assert text(outbox, STAFF, Carries.FIXED).result is Result.SENT

        assert proxy.connections == 0
    assert far.connections == 1
