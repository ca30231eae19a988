"""Backups that happen by themselves: each clinic in its night, one at a time, read back, and loud in failing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from clinics.backups import nightly, taking
from clinics.backups.models import Backup, BackupTry
from clinics.fleet.board import board
from clinics.models import Clinic
from cliniqai.celery import BEAT, app
from cliniqai.environment import Backups
from notifications.watching.measuring import measure
from notifications.watching.policy import troubles
from tests.notifications.machines import Program, environment, own_valkey, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NOON = datetime(2031, 3, 4, 17, tzinfo=UTC)
NIGHT = datetime(2031, 3, 5, 8, tzinfo=UTC)  # three in New York, two in Chicago


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    settings.BACKUPS = Backups(folder, days=2, weeks=1)
    return folder


def standing(clinic: Clinic) -> tuple[str, bool]:
    columns, lines = board()
    (line,) = [line for line in lines if line.clinic == clinic]
    cell = line.cells[columns.index("Backup")]
    return cell.text, cell.red


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_night_keeps_every_clinic_once_and_proves_it(place: Path, north: Clinic, south: Clinic) -> None:
    Clinic.objects.filter(pk=south.pk).update(suspended_at=timezone.now())

    app.loader.import_default_modules()
    app.tasks[BEAT["backups"]["task"]]()

    assert len(files(place)) == 2
    assert set(Backup.objects.values_list("clinic", "restored")) == {(north.pk, True), (south.pk, True)}
    assert not BackupTry.objects.exclude(failures=0, code="").exists()
    assert standing(north) == ("fresh and proved", False)
    assert nightly.keep_due() == 0, "of this night already"


def test_without_a_place_nothing_is_kept_and_a_check_says_so(settings: Any) -> None:
    settings.BACKUPS = None

    assert nightly.keep_due() == 0
    assert not BackupTry.objects.exists()
    assert "clinics.W005" in {one.id for one in run_checks(tags=["security"], include_deployment_checks=True)}


def test_one_process_at_a_time_keeps(place: Path) -> None:
    with psycopg.connect(**_parameters()) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('nightly backups'))")
        assert nightly.keep_due() == 0
        other.execute("SELECT pg_advisory_unlock_all()")
        assert nightly.keep_due() == 2


def _parameters() -> dict[str, Any]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port") if known.get(name)}


def test_each_clinic_waits_for_its_own_night(place: Path, north: Clinic, south: Clinic) -> None:
    Clinic.objects.filter(pk=south.pk).update(timezone="Pacific/Honolulu")
    Clinic.objects.filter(pk=north.pk).update(timezone="America/New_York")
    for clinic in (north, south):
        BackupTry.objects.create(clinic=clinic, made_at=NIGHT - timedelta(hours=20))

    assert nightly.keep_due(now=NIGHT - timedelta(hours=5)) == 0
    assert nightly.keep_due(now=NIGHT) == 1
    assert Backup.objects.get().clinic == north


def test_a_pass_that_is_over_begins_no_further_clinic(place: Path) -> None:
    assert nightly.keep_due(budget_seconds=0.001) == 1
    assert nightly.keep_due(budget_seconds=0.001) == 1
    assert nightly.keep_due(budget_seconds=0.001) == 0


def test_old_ones_go_and_what_lies_elsewhere_stays(place: Path, north: Clinic, tmp_path: Path) -> None:
    elsewhere = taking.backup(north, tmp_path / "elsewhere")
    Backup.objects.update(made_at=timezone.now() - timedelta(days=90), verified_at=Now())
    for days in (9, 8, 7):
        old = taking.backup(north, place)
        Backup.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=days), verified_at=Now())
    by_hand = taking.backup(north, place)  # which nobody has read back
    Backup.objects.filter(pk=by_hand.pk).update(made_at=timezone.now() - timedelta(days=60))
    kept_before = old.file

    nightly.keep_due()

    of_north = set(Backup.objects.filter(clinic=north).values_list("file", flat=True))
    newest = Backup.objects.filter(clinic=north).first().file
    assert of_north == {newest, kept_before, by_hand.file, elsewhere.file}  # two days, and this week's is one of them
    assert {name for name in files(place) if name.startswith("north-")} == of_north - {elsewhere.file}


# --- What fails ------------------------------------------------------------------------------------------------------
def test_a_place_that_is_not_there_is_said_and_not_made(place: Path, north: Clinic, south: Clinic) -> None:
    place.rmdir()

    assert nightly.keep_due() == 0

    assert not place.exists()
    tried = BackupTry.objects.get()
    assert (tried.failures, tried.code, tried.made_at) == (1, "BACKUP_DIR is not there", None)
    assert standing(tried.clinic) == ("failed: BACKUP_DIR is not there; last made never", True)


@pytest.fixture
def small(place: Path) -> Iterator[Path]:
    """A disk of 64 KB where the backups go."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("Nobody may mount a disk here, so none can be full.")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_said_leaves_nothing_half_and_is_an_incident(small: Path, north: Clinic) -> None:
    assert nightly.keep_due() == 0

    assert files(small) == []
    tried = BackupTry.objects.get()
    assert (tried.failures, tried.code) == (1, "No space left on device")
    assert standing(tried.clinic)[1]
    assert "backups" not in {one.name for one in troubles(measure())}

    assert nightly.keep_due(now=timezone.now() + timedelta(minutes=1)) == 0, "the other clinic fails as well"
    assert BackupTry.objects.filter(failures=1).count() == 2
    assert nightly.keep_due(now=timezone.now() + timedelta(minutes=6)) == 0
    assert "backups" in {one.name for one in troubles(measure())}

    subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
    assert nightly.keep_due(now=timezone.now() + timedelta(hours=3)) == 2
    assert standing(north) == ("fresh and proved", False)
    assert "backups" not in {one.name for one in troubles(measure())}


def test_a_disk_that_became_read_only_is_said(small: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)

    assert nightly.keep_due() == 0
    assert BackupTry.objects.get().code == "Read-only file system"


def test_a_backup_that_does_not_open_is_none(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = taking.backup

    def spoiled(clinic: Clinic, folder: Path) -> Backup:
        made = whole(clinic, folder)
        data = bytearray((folder / made.file).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / made.file).write_bytes(data)
        return made

    monkeypatch.setattr(taking, "backup", spoiled)

    assert nightly.keep_due() == 0

    assert (files(place), Backup.objects.count()) == ([], 0)
    assert "does not open" in BackupTry.objects.get().code


# A worker that keeps what is due, and says when it is in the middle of the second clinic.
KEEPER = """
import sys, time, django
django.setup()
from clinics.backups import nightly, taking
tar, count = taking._tar, 0
def slow(*given):
    global count
    count += 1
    if count == 2:
        given[0]._file.flush()
        print("in the middle", flush=True)
        time.sleep(60)
    tar(*given)
taking._tar = slow
nightly.keep_due()
"""


def test_a_keeper_killed_in_the_middle_is_followed_by_one_that_does_the_rest(place: Path, north: Clinic) -> None:
    with own_valkey() as valkey:
        keeper = Program(
            "-c", KEEPER, env=environment(valkey, BACKUP_DIR=str(place), DATA_DIR=str(place.parent / "data"))
        )
        try:
            wait_for(lambda: "in the middle" in keeper.said(), "it is in the middle", seconds=60, also=keeper)
            assert nightly.keep_due() == 0, "it has the lock"
            half = [name for name in files(place) if name.endswith(taking.UNFINISHED)]
            taking.clear_unfinished(place)
            assert [name for name in files(place) if name.endswith(taking.UNFINISHED)] == half != []
        finally:
            keeper.kill()
    cut = BackupTry.objects.get(failures=1)
    BackupTry.objects.filter(pk=cut.pk).update(began_at=timezone.now() - timedelta(hours=2))
    assert standing(cut.clinic) == ("failed: interrupted; last made never", True)

    wait_for(lambda: nightly.keep_due() == 1, "PostgreSQL has noticed, and the rest is kept", seconds=20)

    assert sorted(Backup.objects.values_list("clinic__slug", flat=True)) == ["north", "south"]
    assert len(files(place)) == 2, "the half one is gone"
    assert not BackupTry.objects.exclude(failures=0, code="").exists()
