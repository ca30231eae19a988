"""Four levels, and at each of them a caller gets through with what matters."""

from __future__ import annotations

import pytest
from django.test import Client

from calls.dialogue.levels import FALLBACKS, NEEDS, Level, level_of, worse
from calls.models import Call
from clinics.models import Clinic, Provider
from clinics.people.models import User
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Task
from tests.calls.network import Network

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("able", "level"),
    [
        ({"model", "recognition", "menu"}, Level.FULL),
        ({"recognition", "menu"}, Level.RULES),
        ({"model", "menu"}, Level.KEYPAD),
        ({"menu"}, Level.KEYPAD),
        (set(), Level.RECORD),
    ],
)
def test_the_level_is_the_best_whose_needs_are_met(able: set[str], level: Level) -> None:
    assert level_of(able) is level


def test_every_level_and_every_thing_outside_has_its_line() -> None:
    assert list(NEEDS) == list(Level)
    assert worse(Level.FULL, Level.KEYPAD) is worse(Level.KEYPAD, Level.FULL) is Level.KEYPAD
    assert set(FALLBACKS) >= {"model", "speech", "recognition", "sms", "store"}


@pytest.fixture
def deaf(north: Clinic) -> Network:
    """Nobody recognises speech: operators have taken the recogniser out of use."""
    Provider.objects.filter(capability="recognition").update(active=False)
    forget_everything()
    return Network(north)


def test_without_a_recogniser_the_keypad_answers(deaf: Network) -> None:
    line, heard = deaf.call()

    document = heard.exchanges[0].twiml
    assert 'input="dtmf"' in document
    assert "Press 1 for an appointment" in document
    with inside(deaf.clinic):
        assert Call.objects.get(sid=line.sid).level == Level.KEYPAD


@pytest.mark.parametrize(("key", "kind"), [("1", "appointment"), ("5", "callback"), ("3", "refill")])
def test_a_request_is_taken_by_keys(deaf: Network, key: str, kind: str) -> None:
    line, _ = deaf.call()
    for digits in (key, *(["03041982", "1"] if kind != "callback" else []), "1", "2"):
        deaf.press(line, digits)

    with inside(deaf.clinic):
        task = Task.objects.get()
        assert (task.kind, task.callback_number) == (kind, "+12025550142")
        assert Call.objects.get().outcome == "task"
    assert line.over


def test_another_number_is_taken_by_keys(deaf: Network) -> None:
    line, _ = deaf.call()
    for digits in ("5", "2", "2125550183", "1", "2"):
        deaf.press(line, digits)

    with inside(deaf.clinic):
        assert Task.objects.get().callback_number == "+12125550183"


def test_nine_sounds_the_alarm_before_a_word_is_said(deaf: Network) -> None:
    line, _ = deaf.call()

    heard = deaf.press(line, "9")

    with inside(deaf.clinic):
        escalation = Escalation.objects.get()
    assert (escalation.level, escalation.reason) == ("emergency", "emergency")
    assert "dial 9 1 1" in heard.exchanges[0].twiml


def test_nine_inside_a_number_is_a_digit(deaf: Network) -> None:
    line, _ = deaf.call()
    deaf.press(line, "1")

    deaf.press(line, "9")

    with inside(deaf.clinic):
        assert not Escalation.objects.filter(level="emergency").exists()


def test_zero_reaches_a_person(deaf: Network) -> None:
    line, _ = deaf.call()

    heard = deaf.press(line, "0")

    assert "<Dial" in heard.exchanges[0].twiml


def test_a_test_call_is_answered_at_the_level_it_asks_for_and_a_real_one_is_not(north: Clinic) -> None:
    network = Network(north)
    for test in (True, False):
        line, heard = network.ring(caller="+12025550142", dialled=network.number, test=test, level="keypad")
        assert ('input="dtmf"' in heard.exchanges[0].twiml) is test
        with inside(north):
            assert Call.objects.get(sid=line.sid).level == (Level.KEYPAD if test else Level.RULES)


def test_the_level_lasts_for_the_whole_call(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.ring(caller="+12025550142", dialled=network.number, level="keypad")
    forget_everything()

    heard = network.press(line, "1")

    assert 'input="dtmf"' in heard.exchanges[0].twiml


def test_the_clinics_page_and_the_calls_page_show_the_level(deaf: Network, carol: User, client_of: object) -> None:
    deaf.call()
    page: Client = client_of(carol)  # type: ignore[operator]

    assert "Keypad menu" in page.get("/settings/voice/").content.decode()
    with inside(deaf.clinic):
        path = Call.objects.get().path
    assert "Keypad menu" in page.get(path).content.decode()


def test_the_test_phone_offers_every_level(north: Clinic, alice: User, client_of: object) -> None:
    page = client_of(alice).get("/phone/").content.decode()  # type: ignore[operator]

    for level in Level:
        assert f'value="{level}"' in page
        assert level.label in page


def test_at_the_last_level_a_message_is_taken_and_a_task_written(north: Clinic) -> None:
    network = Network(north)
    line, heard = network.ring(caller="+12025550142", dialled=network.number, level="record")
    assert "<Record" in heard.exchanges[0].twiml
    recorded = {"RecordingUrl": "https://api.twilio.com/x", "RecordingSid": "RE" + "1" * 32, "RecordingDuration": "7"}

    said = network._once(line, f"/calls/voice/{line.call_id or _call_of(north, line.sid)}/turn/1/", recorded)

    with inside(north):
        assert [task.kind for task in Task.objects.all()] == ["callback"]
        assert Call.objects.get().outcome == "task"
    assert "<Hangup" in said.exchanges[0].twiml


def _call_of(clinic: Clinic, sid: str) -> str:
    with inside(clinic):
        return str(Call.objects.get(sid=sid).id)
