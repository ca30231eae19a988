"""Who rings and leaves with nothing gets one text a day, where the clinic wants it."""

from __future__ import annotations

import pytest

from clinics.models import Clinic
from clinics.tenancy import inside
from notifications.models import Event, Messaging
from tasks.models import Task
from tests.calls.network import Network


@pytest.fixture
def wanted(north: Clinic) -> None:
    Messaging.objects.create(clinic=north, missed_call=True)


def told() -> list[Event]:
    return list(Event.objects.filter(kind="call.missed"))


def ring_and_leave(network: Network, *, says: str = "", caller: str = "+12025550142", test: bool = False) -> None:
    line, _ = network.call(caller=caller, test=test)
    if says:
        network.say(line, says)
    network.hang_up(line)


def test_a_number_is_told_once_however_often_it_rings_in_vain(north: Clinic, wanted: None) -> None:
    for _ in range(3):
        ring_and_leave(Network(north))
    ring_and_leave(Network(north), caller="+12025550143")

    events = told()
    assert len(events) == 2
    assert all("5550142" not in f"{event.key} {event.path}" for event in events)
    with inside(north):
        assert Task.objects.count() == 4  # each is called back all the same


@pytest.mark.parametrize("says", ["i need an appointment", "what is your address", "my chest hurts i can not breathe"])
def test_who_said_what_they_wanted_was_not_missed(north: Clinic, wanted: None, says: str) -> None:
    ring_and_leave(Network(north), says=says)

    assert told() == []


def test_a_withheld_number_and_a_test_call_are_told_nothing(north: Clinic, wanted: None) -> None:
    ring_and_leave(Network(north), caller="")
    ring_and_leave(Network(north), test=True)

    assert told() == []


def test_a_clinic_that_did_not_ask_for_it_tells_nobody(north: Clinic) -> None:
    ring_and_leave(Network(north))

    assert told() == []
