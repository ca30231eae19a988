"""How long a caller waited, by stage, stored with each turn and shown on the call's page."""

from __future__ import annotations

import pytest
from django.test import Client

from calls.latency import PLAY_MS, RECOGNISER_MS, SAY_MS, STAGES, heard_after, stages_of, waits, with_voice
from calls.models import Turn
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.calls.network import Network
from tests.far_ends.days import wait_until


def test_a_turn_is_its_stages_added_up() -> None:
    spoken = stages_of(spoke=True, webhook_ms=200, model_ms=150)
    played = with_voice(spoken, speech_ms=40, played_first=True)

    assert list(spoken) == list(STAGES)
    assert (spoken["webhook"], spoken["model"]) == (50, 150)
    assert heard_after(played) - heard_after(spoken) == 40 + PLAY_MS - SAY_MS
    assert [wait.estimated for wait in waits(played)] == [True, True, False, False, False, True]
    assert stages_of(spoke=False, webhook_ms=5)["recogniser"] == 0
    assert heard_after({}) == 0


@pytest.mark.django_db
def test_each_turn_keeps_its_stages(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "i would like an appointment")
    network.press(line, "*")

    with inside(north):
        spoken, pressed = Turn.objects.filter(n__gt=0).order_by("n")
    assert spoken.stages["recogniser"] == RECOGNISER_MS
    assert spoken.stages["webhook"] == spoken.took_ms
    assert (pressed.stages["recogniser"], pressed.stages["start"]) == (0, SAY_MS)


def test_a_voice_that_was_asked_counts_too(speaking: Clinic) -> None:
    network = Network(speaking)
    line, _ = network.call()
    network.say(line, "i would like an appointment")

    with inside(speaking):
        wait_until(lambda: Turn.objects.get(n=1).stages["start"] == PLAY_MS)
        assert Turn.objects.get(n=1).stages["speech"] > 0


@pytest.mark.django_db
def test_the_calls_page_shows_them(north: Clinic, alice: User, client_of: object) -> None:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "i would like an appointment")
    with inside(north):
        path = Turn.objects.first().call.path

    client: Client = client_of(alice)  # type: ignore[operator]
    page = client.get(path).content.decode()

    assert "Turn 1: about 1.4 s" in page
    assert "Recogniser waits" in page
    assert "1000 ms, an estimate" in page
