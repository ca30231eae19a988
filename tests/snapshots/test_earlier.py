"""A clinic as an earlier release left it, patients included, becomes as one that was opened today."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from calls.models import Call, Turn
from clinics.fleet.upgrading import Patience, upgrade
from clinics.tenancy import inside
from clinics.versions import find_missing
from tasks.models import Task
from tests.backups.conftest import bare_clinic

SNAPSHOTS = sorted(Path(__file__).parent.glob("*.sql"))
COLUMNS = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s"
INDEXES = "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = %s"
CONSTRAINTS = """
SELECT r.relname, c.conname, c.contype FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
JOIN pg_namespace n ON n.oid = r.relnamespace WHERE n.nspname = %s AND c.contype <> 'n'"""
"""Without NOT NULL: the snapshot's note was written by nobody, since nobody worked there."""


def shape(schema: str) -> set[tuple[Any, ...]]:
    """Every column, index and constraint of a schema."""
    found: set[tuple[Any, ...]] = set()
    with connection.cursor() as cursor:
        for asked in (COLUMNS, INDEXES, CONSTRAINTS):
            cursor.execute(asked, [schema])
            found.update(cursor.fetchall())
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.stem)
def test_a_populated_schema_of_an_earlier_release_is_brought_to_today(path: Path) -> None:
    clinic = bare_clinic("older")
    with connection.cursor() as cursor:
        cursor.execute(path.read_text())
    assert find_missing("older")

    assert upgrade(clinic, Patience()) == "done"

    assert find_missing("older") == ""
    assert shape("older") ^ shape("north") == set()
    with inside(clinic):
        assert Call.objects.of_number("+12025550167").count() == 1
        assert Turn.objects.get().words == "my name is Quorndale"
        task = Task.objects.found_by("quorn").get()
        assert (task.patient_name, task.date_of_birth) == ("Quorndale", date(1937, 11, 19))


def test_there_is_a_snapshot() -> None:
    assert SNAPSHOTS
