"""A clinic leaves with everything it owns, and nothing of it stays but the report of that."""

from __future__ import annotations

import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_exists

from clinics.backups.models import ClosedClinic
from clinics.backups.shared_rows import shared_tables
from clinics.models import Agreement, Clinic, DataKey
from clinics.tenancy import inside
from tests.backups.conftest import everything_of
from tests.conftest import PASSWORD
from tests.sealing.test_fields import NAME

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_clinic_takes_its_own_along_and_is_erased(east: Clinic, north: Clinic, tmp_path: Path) -> None:
    Agreement.objects.create(clinic=east, provider="twilio", signed_on="2026-01-02", document="drawer 3")
    target, said, neighbour = tmp_path / "east.zip", StringIO(), everything_of(north)

    call_command("export_clinic", "east", to=target, stdout=said)

    with zipfile.ZipFile(target) as packed:
        tasks = [json.loads(line) for line in packed.read("tasks.task.jsonl").splitlines()]
        people, contents = packed.read("people.jsonl").decode(), json.loads(packed.read("contents.json"))
        assert packed.read("files/default/notice.txt") == b"hello"
        assert "password" not in people
    assert [(task["patient_name"], task["date_of_birth"]) for task in tasks] == [(NAME, "1937-11-19")]
    assert "search_index" not in tasks[0]
    assert "eve@east.test" in people
    assert contents["rows"]["tasks.task"] == 1
    assert target.stat().st_mode & 0o077 == 0

    for why, options in (("suspend it first", {}), ("another clinic", {"confirm": "west"})):
        with pytest.raises(CommandError, match=why):
            call_command("close_clinic", "east", exported=target, **{"confirm": "east", **options})
    Clinic.objects.filter(pk=east.pk).update(suspended_at="2026-01-02T00:00Z")
    call_command("close_clinic", "east", exported=target, confirm="east", by="Olga", stdout=said)

    assert not schema_exists("east")
    with connection.cursor() as cursor:
        for one in shared_tables():
            cursor.execute(f'SELECT count(*) FROM public."{one.table}" WHERE {one.mine}', [east.pk])
            assert cursor.fetchone()[0] == 0, one.label
    assert not (tmp_path / "media" / "east").exists()
    assert everything_of(north) == neighbour
    report = ClosedClinic.objects.get(public_id=east.public_id).report
    assert report["erased"]["schema"]["tasks_task"] == 1
    assert report["erased"]["shared"]["clinics.datakey"] == 1
    assert report["agreements"][0]["document"] == "drawer 3"
    assert NAME not in json.dumps(report)


def test_an_export_of_another_clinic_closes_nothing(north: Clinic, south: Clinic, tmp_path: Path) -> None:
    call_command("export_clinic", "south", to=tmp_path / "south.zip", stdout=StringIO())
    Clinic.objects.filter(pk=north.pk).update(suspended_at="2026-01-02T00:00Z")

    for exported in (tmp_path / "south.zip", tmp_path / "none.zip"):
        with pytest.raises(CommandError, match="export"):
            call_command("close_clinic", "north", exported=exported, confirm="north")

    assert schema_exists("north")


def test_every_shared_table_with_a_clinic_in_it_is_known() -> None:
    """By the database's own foreign keys, not by ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
            " WHERE n.nspname = 'public' AND c.contype = 'f' AND c.confrelid = 'public.clinics_clinic'::regclass"
        )
        pointing = {table for (table,) in cursor.fetchall()}

    upkeep = {"clinics_backup", "clinics_backuptry", "clinics_upgrade", "clinics_backfilling"}
    upkeep |= {"clinics_groupmember", "clinics_fleetstep", "clinics_clinicphase"}
    assert pointing - {one.table for one in shared_tables()} == upkeep


def test_no_secret_is_exported(north: Clinic, tmp_path: Path) -> None:
    with inside(north):
        from clinics.people.models import User

        password = User.objects.first().password
    call_command("export_clinic", "north", to=tmp_path / "north.zip", stdout=StringIO())

    with zipfile.ZipFile(tmp_path / "north.zip") as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
    wrapped = DataKey.objects.filter(clinic=north).values_list("wrapped", flat=True).first() or "x" * 40
    assert password.encode() not in everything
    assert wrapped.encode() not in everything
    assert PASSWORD.encode() not in everything
