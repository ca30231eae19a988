"""One clinic is lost and comes back whole; its neighbours do not change by a byte, and nobody is told anything."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_exists

from clinics.backups import bringing_back, restoring, taking
from clinics.backups.archive import Damaged
from clinics.backups.checking import prove
from clinics.backups.erasing import erase
from clinics.backups.models import Backup
from clinics.models import Clinic, PhoneLine
from clinics.practice.trail import chain
from clinics.tenancy import inside
from escalations.climbing import climb_everywhere
from escalations.models import Escalation, Rung
from notifications.models import Delivery, Event
from notifications.sweeping import sweep_once
from tests.backups.conftest import everything_of, patients
from tests.far_ends.twilio_rest import TwilioRest
from tests.sealing.test_fields import NAME, a_task

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_dropped_clinic_comes_back_beside_untouched_neighbours(
    east: Clinic, north: Clinic, south: Clinic, far: TwilioRest, tmp_path: Path
) -> None:
    path = tmp_path / taking.backup(east, tmp_path).file
    was, neighbours = prove(path), [everything_of(north), everything_of(south)]
    assert NAME.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    erase(east)
    assert not schema_exists("east")
    assert not Clinic.objects.filter(slug="east").exists()

    restored = restoring.restore(path)

    assert patients(restored.clinic) == [NAME]
    assert restored.clinic.suspended_at is not None
    assert (restored.rows, restored.clinic.pk) == (was.rows, east.pk)
    assert (Path(tmp_path) / "media" / "east" / "notice.txt").read_text() == "hello"
    assert [everything_of(north), everything_of(south)] == neighbours

    Clinic.objects.filter(pk=east.pk).update(suspended_at=None)
    _everything_that_sends()
    assert far.sent() == []
    with inside(restored.clinic):
        verified = chain.verify()
        assert verified.fault is None
        assert Escalation.objects.get().status == "open"


def _everything_that_sends() -> None:
    """With every wait over, two passes of the sweeper and of the ladders."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE east.escalations_rung SET due_at = now()")
        cursor.execute("UPDATE public.notifications_delivery SET available_at = now()")
        cursor.execute("UPDATE public.notifications_event SET available_at = now()")
    for _ in range(2):
        climb_everywhere()
        sweep_once(workers=1, grace_seconds=0)


def test_without_the_restore_the_same_would_have_been_texted(east: Clinic, far: TwilioRest) -> None:
    """What the test above counts as silence is silence about something."""
    _everything_that_sends()

    assert far.sent() != []


def test_a_clinic_goes_back_and_what_was_sent_since_stays_sent(east: Clinic, far: TwilioRest, tmp_path: Path) -> None:
    made = taking.backup(east, tmp_path)
    _everything_that_sends()
    sent = len(far.sent())
    with inside(east):
        a_task(patient_name="Written Afterwards")
    with pytest.raises(CommandError, match="--confirm east"):
        call_command("restore_clinic", tmp_path / made.file)

    said = StringIO()
    call_command("restore_clinic", tmp_path / made.file, confirm="east", open=True, stdout=said)

    assert "It is served again." in said.getvalue()
    assert patients(east) == [NAME]
    _everything_that_sends()
    assert len(far.sent()) == sent
    assert Delivery.objects.filter(clinic=east, channel="sms", state="sent").exists()
    assert not Event.objects.filter(clinic=east, state="pending").exists()
    with inside(east):
        assert not Rung.objects.waiting().exists()


def test_a_restore_that_fails_leaves_the_clinic_as_it_was(
    east: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / taking.backup(east, tmp_path).file
    with inside(east):
        a_task(patient_name="Written Afterwards")
    before = everything_of(east)

    def fail(*args: object) -> None:
        raise bringing_back.Taken("a line")

    monkeypatch.setattr(restoring, "bring_back", fail)
    with pytest.raises(bringing_back.Taken):
        restoring.restore(path, settle=0)

    Clinic.objects.filter(pk=east.pk).update(suspended_at=None)
    assert everything_of(east) == before
    assert not schema_exists("east_before_restoring")


def test_a_number_that_is_anothers_by_now_stops_the_restore(east: Clinic, north: Clinic, tmp_path: Path) -> None:
    path = tmp_path / taking.backup(east, tmp_path).file
    erase(east)
    PhoneLine.objects.create(clinic=north, number="+12025550155")

    with pytest.raises(bringing_back.Taken, match="phoneline"):
        restoring.restore(path)

    assert not schema_exists("east")
    assert not Clinic.objects.filter(slug="east").exists()


def test_a_backup_is_proved_by_bringing_it_back_elsewhere(north: Clinic, tmp_path: Path) -> None:
    said = StringIO()
    call_command("backup_clinic", "north", to=tmp_path, stdout=said)
    made = Backup.objects.get()

    call_command("verify_backup", tmp_path / made.file, restore=True, stdout=said)

    assert f"{made.file}: came back whole" in said.getvalue()
    made.refresh_from_db()
    assert (made.verified_at is not None, made.restored) == (True, True)

    data = bytearray((tmp_path / made.file).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_backup", tmp_path / "bad", stderr=said)
    with pytest.raises(Damaged):
        prove(tmp_path / "bad")
