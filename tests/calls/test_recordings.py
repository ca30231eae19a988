"""A recording comes home sealed, is gone at the network, is heard by who may, and is deleted by age or on request."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from calls.models import Call, Recording, Turn
from calls.recordings import actions, fetching, vault
from calls.recordings.models import State
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice.models import RecordingMode
from clinics.practice.retention import LegalHold, Retention
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tasks.models import Task
from tests.calls.network import CALLER, Network
from tests.far_ends.twilio_rest import TwilioRest, twilio_rest

AUDIO = random.Random(5).randbytes(150_000)
SID = "RE" + "a" * 32


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    options = {**settings.STORAGES["recordings"]["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "recordings": {**settings.STORAGES["recordings"], "OPTIONS": options}}
    return tmp_path


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- Coming home -----------------------------------------------------------------------------------------------------
@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    """Really committed: the network is asked outside transactions."""
    north = Clinic.objects.get(slug="north")
    with inside(north):
        practice.publish_policy(by=None, changes={"recording": RecordingMode.ANNOUNCE})
    forget_everything()
    return north


@pytest.fixture
def far(settings: Any) -> Iterator[TwilioRest]:
    with twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far_end:
        settings.TWILIO_API_BASE_URL = far_end.url
        far_end.media[SID] = AUDIO
        yield far_end


def recorded(clinic: Clinic, *, says: str = "i need an appointment", sid: str = SID) -> Call:
    """A call that was recorded, and what the network then tells."""
    network = Network(clinic)
    line, _ = network.call()
    network.say(line, says)
    network.hang_up(line)
    told = {"RecordingSid": sid, "RecordingStatus": "completed", "RecordingDuration": "19"}
    network._post(line, "/calls/voice/recording/", told)
    with inside(clinic):
        return Call.objects.get(sid=line.sid)


def fetch(clinic: Clinic) -> int:
    with inside(clinic):
        Recording.objects.exclude(state=State.DELETED).update(available_at=timezone.now())
        return fetching.fetch_due()


def the_recording(clinic: Clinic) -> Recording:
    with inside(clinic):
        return Recording.objects.get()


def test_it_is_fetched_sealed_and_deleted_at_the_network(clinic: Clinic, far: TwilioRest, folder: Path) -> None:
    call = recorded(clinic)

    assert fetch(clinic) == 1

    row = the_recording(clinic)
    assert (row.state, row.size, row.seconds, row.sort) == (State.KEPT, len(AUDIO), 19, "recording")
    assert far.deleted == [SID]
    (file,) = files(folder)
    assert AUDIO[1000:1040] not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    with inside(clinic):
        assert b"".join(vault.read(row, start=0, end=row.size)) == AUDIO
        call.refresh_from_db()
    assert (call.recording_url, call.recording_duration_sec) == (f"/calls/{call.id}/recording/", 19)


def test_news_told_twice_is_one_recording(clinic: Clinic, far: TwilioRest) -> None:
    call = recorded(clinic)
    with inside(clinic):
        actions.note_recording(sid=call.sid, recording_sid=SID, seconds=19)

        assert Recording.objects.count() == 1


def test_a_transfer_that_breaks_off_is_fetched_again(clinic: Clinic, far: TwilioRest, folder: Path) -> None:
    recorded(clinic)
    far.cut_media_at = 70_000

    fetch(clinic)
    assert (the_recording(clinic).state, files(folder), far.deleted) == (State.TOLD, [], [])
    far.cut_media_at = None
    fetch(clinic)

    assert the_recording(clinic).state == State.KEPT


def test_what_is_kept_here_and_not_yet_gone_there_is_deleted_there_later(clinic: Clinic, far: TwilioRest) -> None:
    recorded(clinic)
    far.delete_status = 500
    fetch(clinic)
    assert the_recording(clinic).state == State.STORED

    far.delete_status = 204
    fetch(clinic)

    assert (the_recording(clinic).state, far.deleted) == (State.KEPT, [SID])


def test_a_recording_without_consent_is_deleted_unheard(clinic: Clinic, far: TwilioRest, folder: Path) -> None:
    with inside(clinic):
        practice.publish_policy(by=None, changes={"recording": RecordingMode.NONE})
    call = recorded(clinic)

    fetch(clinic)

    assert (the_recording(clinic).state, far.deleted, files(folder)) == (State.DELETED, [SID], [])
    assert call.recording_url == ""


def test_of_two_who_look_one_fetches(clinic: Clinic, far: TwilioRest) -> None:
    recorded(clinic)

    with inside(clinic):
        assert actions.claim_due() is not None
        assert actions.claim_due() is None


# --- Erasing ---------------------------------------------------------------------------------------------------------
def erase(number: str = CALLER) -> str:
    out = StringIO()
    call_command("erase_patient", clinic="north", number=number, reason="asked by letter", stdout=out)
    return out.getvalue()


def test_a_patient_is_erased_and_the_report_names_each(clinic: Clinic, far: TwilioRest, folder: Path) -> None:
    call = recorded(clinic)
    far.inbound[call.sid] = "completed"
    fetch(clinic)
    far.media["RE" + "b" * 32] = AUDIO
    with inside(clinic):
        actions.note_recording(sid=call.sid, recording_sid="RE" + "b" * 32, seconds=3)  # not fetched yet

    report = erase()

    for line in (
        "network       1 recordings: deleted", "network       1 records of calls: deleted",
        "database      1 tasks: deleted", "database      1 calls: deleted", "files         1 recordings: deleted",
        "cache         1 live states of calls: deleted",
    ):  # fmt: skip
        assert line in report
    assert files(folder) == []
    assert set(far.deleted) == {SID, "RE" + "b" * 32, call.sid}
    with inside(clinic):
        assert not Call.objects.exists()
        assert not Turn.objects.exists()
        assert not Task.objects.exists()
    assert erase().startswith("Nothing was found")


def test_what_the_network_does_not_delete_keeps_its_rows_and_is_said(clinic: Clinic, far: TwilioRest) -> None:
    call = recorded(clinic)
    far.inbound[call.sid] = "completed"
    far.delete_status = 500

    with pytest.raises(CommandError, match="could not be deleted"):
        erase()

    with inside(clinic):
        assert Call.objects.filter(pk=call.pk).exists()


def test_a_hold_keeps_a_call_from_erasure(clinic: Clinic, far: TwilioRest) -> None:
    call = recorded(clinic)
    with inside(clinic):
        actions.place_hold(by=User.objects.get(email="carol@north.test"), call_id=call.id)

    report = erase()

    assert "1 calls: kept: legal hold" in report
    assert far.deleted == []
    with inside(clinic):
        assert Call.objects.filter(pk=call.pk).exists()
        assert Task.objects.filter(call_id=call.pk).exists()


# --- Listening and age, without a network ----------------------------------------------------------------------------
@pytest.fixture
def kept(north: Clinic) -> Recording:
    """A recording that is kept here."""
    with inside(north):
        call = Call.objects.create(sid="CA" + "a" * 32, to_number="+12025550101", consent="given")
        row = Recording.objects.create(call=call, sid=SID, sort="recording", seconds=19)
        stored = vault.store(row, [AUDIO])
        actions.note_stored(recording=row, file=stored.file, key=stored.key, size=stored.size)
        actions.note_gone_at_network(recording=row)
        row.refresh_from_db()
        return row


@pytest.fixture
def alices(alice: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(alice)


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("", 200, 0, len(AUDIO)),
        ("bytes=0-", 206, 0, len(AUDIO)),
        ("bytes=0-99", 206, 0, 100),
        ("bytes=65000-70000", 206, 65000, 70001),
        ("bytes=149990-", 206, 149990, len(AUDIO)),
        ("bytes=-10", 206, len(AUDIO) - 10, len(AUDIO)),
        ("bytes=100-999999999", 206, 100, len(AUDIO)),
        ("bytes=0-1,5-9", 200, 0, len(AUDIO)),
        ("apples=1-2", 200, 0, len(AUDIO)),
    ],
)
def test_any_part_is_heard(alices: Client, kept: Recording, asked: str, status: int, start: int, end: int) -> None:
    answer = alices.get(f"/recordings/{kept.id}/", headers={"Range": asked} if asked else {})

    assert answer.status_code == status or (status == 206 and (start, end) == (0, len(AUDIO)))
    assert b"".join(answer.streaming_content) == AUDIO[start:end]
    assert answer["Content-Length"] == str(end - start)
    assert answer["Cache-Control"] == "no-store, private"


def test_a_part_beyond_the_end_is_refused(alices: Client, kept: Recording) -> None:
    answer = alices.get(f"/recordings/{kept.id}/", headers={"Range": "bytes=150000-"})

    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */150000")


def test_each_listening_is_written_down_and_strangers_hear_nothing(
    alices: Client, kept: Recording, north: Clinic, south: Clinic, dave: User, client_of: Callable
) -> None:
    alices.get(f"/recordings/{kept.id}/")

    with inside(north):
        entry = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).latest("id")
        assert entry.object_pk == str(kept.id)
    assert client_of(dave).get(f"/recordings/{kept.id}/").status_code == 404


def test_a_damaged_file_is_an_error_and_no_half_of_an_answer(alices: Client, kept: Recording, folder: Path) -> None:
    (file,) = files(folder)
    held = bytearray(file.read_bytes())
    held[70_000] ^= 1
    file.chmod(0o600)
    file.write_bytes(bytes(held))
    alices.raise_request_exception = False

    assert alices.get(f"/recordings/{kept.id}/").status_code == 500


def test_the_calls_page_plays_it_and_names_what_the_caller_was_told(alices: Client, kept: Recording) -> None:
    page = alices.get(f"/calls/{kept.call_id}/").text

    assert f'src="/recordings/{kept.id}/"' in page
    assert "Agreed to recording" in page


def test_what_is_old_is_deleted_and_what_is_held_stays(
    kept: Recording, north: Clinic, carol: User, folder: Path
) -> None:
    with inside(north):
        Retention.objects.create(artefact="recording", days=7)
        Recording.objects.update(made_at=timezone.now() - timedelta(days=8))
        actions.place_hold(by=carol, call_id=kept.call_id)
        assert actions.delete_old(now=timezone.now()) == 0

        actions.lift_hold(by=carol, call_id=kept.call_id)
        assert actions.delete_old(now=timezone.now()) == 1

        kept.refresh_from_db()
        assert (kept.state, kept.file, files(folder)) == (State.DELETED, "", [])


def test_a_hold_is_placed_and_lifted_on_the_calls_page(
    kept: Recording, north: Clinic, carol: User, client_of: Callable, alices: Client
) -> None:
    carols = client_of(carol)
    assert alices.post(f"/calls/{kept.call_id}/hold/").status_code == 403

    assert carols.post(f"/calls/{kept.call_id}/hold/", follow=True).text.count("Lift the hold") == 1
    carols.post(f"/calls/{kept.call_id}/hold/lift/")

    with inside(north):
        hold = LegalHold.objects.get()
    assert (hold.placed_by_id, hold.lifted_by_id) == (carol.id, carol.id)
