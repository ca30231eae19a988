"""A message after the tone: danger in its words alarms where they may be written down, and somebody listens to each."""

# ruff: noqa: F811
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from calls.models import Call, Recording
from calls.recordings import fetching
from calls.recordings.models import State
from calls.simulator.far_end import Line
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice.hours import Week
from clinics.practice.models import Answers
from clinics.remembered import forget_everything
from clinics.telephone import public_url, signature
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Priority, Task
from tests.calls.network import Network
from tests.calls.test_recordings import AUDIO, SID, far, folder  # noqa: F401  (fixtures)
from tests.far_ends.twilio_rest import TwilioRest
from tests.notifications.conftest import post_to
from tests.providers.conftest import sign

TRANSCRIPT = "TR" + "a" * 32


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    north = Clinic.objects.get(slug="north")
    with inside(north):
        practice.publish_policy(by=None, changes={"answers": Answers.OFF, "spanish": False})
        practice.set_hours(by=None, week=Week())
    forget_everything()
    return north


@pytest.fixture
def signed(clinic: Clinic) -> Clinic:
    sign(clinic, "twilio")
    return clinic


def message(clinic: Clinic, words: str | None = None, *, status: str = "completed") -> tuple[Line, str]:
    """A caller leaves a message, which the network records and, with `words`, writes down."""
    network = Network(clinic)
    line, heard = network.call()
    network.leave_message(line, seconds=23)
    network.hang_up(line)
    told = {"RecordingSid": SID, "RecordingStatus": "completed", "RecordingDuration": "23"}
    network._post(line, "/calls/voice/recording/", told)
    if words is not None:
        assert tell(network, line, words, status=status) == 204
    return line, heard.exchanges[0].twiml


def tell(network: Network, line: Line, words: str, *, status: str = "completed", signed: str = "") -> int:
    url = public_url(network.clinic, "/calls/voice/transcript/")
    params = {
        "CallSid": line.sid, "AccountSid": network.account.sid, "RecordingSid": SID, "TranscriptionSid": TRANSCRIPT,
        "TranscriptionStatus": status, "TranscriptionText": words, "From": line.caller, "To": line.dialled,
        "Direction": "inbound", "CallStatus": "completed", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return post_to(url, params, signed or signature(url, params, token=network.account.token)).status_code


def record_of(twiml: str) -> ElementTree.Element:
    return ElementTree.fromstring(twiml).find("Record")


# --- Danger ----------------------------------------------------------------------------------------------------------
def test_where_the_clinic_has_an_agreement_the_words_are_asked_for(signed: Clinic) -> None:
    _, twiml = message(signed)

    verb = record_of(twiml)
    assert verb.get("transcribe") == "true"
    assert verb.get("transcribeCallback").endswith("/calls/voice/transcript/")
    assert int(verb.get("maxLength")) <= 120


def test_without_an_agreement_nobody_writes_them_down_and_the_caller_hears_of_911_first(clinic: Clinic) -> None:
    _, twiml = message(clinic)

    assert record_of(twiml).get("transcribe") is None
    said = ElementTree.fromstring(twiml).find("Say").text
    assert said.index("dial 9 1 1") < said.index("leave your name")


def test_danger_in_a_message_alarms(signed: Clinic) -> None:
    message(signed, "this is maria alvarez my chest hurts and i can not breathe please call me")

    with inside(signed):
        alarm = Escalation.objects.get(level="emergency")
        assert alarm.from_number == "+12025550142"


def test_a_red_flag_in_a_message_is_told_as_urgent(signed: Clinic) -> None:
    message(signed, "my baby is six weeks old and has a fever of one hundred and one")

    with inside(signed):
        assert Escalation.objects.get().level in ("urgent", "emergency")


@pytest.mark.parametrize(
    ("words", "status"), [("i would like to move my appointment", "completed"), ("", "failed"), ("", "in-progress")]
)
def test_a_message_without_danger_alarms_nobody_and_still_waits_to_be_heard(
    signed: Clinic, words: str, status: str
) -> None:
    message(signed, words, status=status)

    with inside(signed):
        assert not Escalation.objects.exists()
        assert "not yet listened to" in Task.objects.get().summary


def test_words_that_nobody_signed_are_refused(signed: Clinic) -> None:
    line, _ = message(signed)

    assert tell(Network(signed), line, "my chest hurts and i can not breathe", signed="forged") == 403

    with inside(signed):
        assert not Escalation.objects.exists()


def test_what_the_network_wrote_down_is_deleted_there(signed: Clinic, far: TwilioRest) -> None:
    far.media[SID] = AUDIO
    far.transcripts.add(TRANSCRIPT)
    message(signed, "i would like to move my appointment")

    with inside(signed):
        fetching.fetch_due()

    assert set(far.deleted) == {SID, TRANSCRIPT}


def test_words_that_come_after_the_recording_is_home_are_deleted_too(signed: Clinic, far: TwilioRest) -> None:
    far.media[SID] = AUDIO
    far.transcripts.add(TRANSCRIPT)
    line, _ = message(signed)
    with inside(signed):
        fetching.fetch_due()
        assert Recording.objects.get().state == State.KEPT

    tell(Network(signed), line, "i would like to move my appointment")
    with inside(signed):
        fetching.fetch_due()
        assert Recording.objects.get().state == State.KEPT
    assert set(far.deleted) == {SID, TRANSCRIPT}


def test_erasing_a_patient_takes_the_written_words_along(signed: Clinic, far: TwilioRest) -> None:
    far.media[SID] = AUDIO
    far.transcripts.add(TRANSCRIPT)
    line, _ = message(signed, "i would like to move my appointment")
    far.inbound[line.sid] = "completed"

    out = StringIO()
    call_command("erase_patient", clinic="north", number="+12025550142", reason="asked by letter", stdout=out)

    assert "network       1 written messages: deleted" in out.getvalue()
    assert set(far.deleted) == {SID, TRANSCRIPT, line.sid}


# --- Listening -------------------------------------------------------------------------------------------------------
def test_a_message_is_a_pressing_task_until_somebody_has_listened(clinic: Clinic) -> None:
    message(clinic)

    with inside(clinic):
        task = Task.objects.get()
        assert (task.priority, task.kind) == (Priority.HIGH, "callback")
        assert "not yet listened to" in task.summary


def test_it_is_due_half_an_open_hour_after_it_came(north: Clinic) -> None:
    with inside(north):
        practice.publish_policy(by=None, changes={"answers": Answers.OFF})
    network = Network(north, dial_outcome="no-answer")
    line, _ = network.call()
    network.leave_message(line, seconds=23)

    with inside(north):
        assert Task.objects.get().due_at - timezone.now() <= timedelta(minutes=30)


def test_listening_to_it_says_so_and_looking_does_not(
    clinic: Clinic,
    far: TwilioRest,
    client_of: Callable[[User], Client],
) -> None:
    far.media[SID] = AUDIO
    message(clinic)
    with inside(clinic):
        fetching.fetch_due()
        row, alice = Recording.objects.get(), User.objects.get(email="alice@north.test")
    alices = client_of(alice)

    alices.head(f"/recordings/{row.id}/")
    with inside(clinic):
        assert "not yet listened to" in Task.objects.get().summary
    b"".join(alices.get(f"/recordings/{row.id}/").streaming_content)

    with inside(clinic):
        task = Task.objects.get()
        assert task.summary.endswith("Voicemail, 23 seconds")
        assert (task.details["reason"], task.priority) == ("Voicemail, 23 seconds", Priority.NORMAL)
        assert Recording.objects.get().listened_at is not None
        assert Call.objects.get().recording_duration_sec == 23
