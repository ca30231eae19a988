"""Whoever steals the tables reads no patient in them: calls full of canaries, then every column of every table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from calls.models import Turn
from clinics.models import Clinic
from clinics.tenancy import inside
from tests.product.canaries import Patient, hits
from tests.product.conftest import calls_at, no_old_cache, patient  # noqa: F401  (fixtures)


@pytest.mark.django_db
def test_no_table_holds_a_patients_name_number_or_word_in_plain(
    north: Clinic,
    patient: Patient,  # noqa: F811
    calls_at: Callable[[Clinic], dict[str, UUID]],  # noqa: F811
) -> None:
    calls_at(north)

    with inside(north):
        told = " ".join(str((turn.words, turn.reply, turn.state, turn.call.from_number)) for turn in Turn.objects.all())
    assert set(hits(told, patient)) == set(patient.patterns)  # the calls were heard and the search works
    found = {table: hits(dump, patient) for table, dump in tables("north", "public")}
    assert len(found) > 30
    assert {table: names for table, names in found.items() if names} == {}


def tables(*schemas: str) -> list[tuple[str, bytes]]:
    """Every table with all its rows: as text, and the bytes of its binary columns."""
    found: list[tuple[str, bytes]] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", [list(schemas)])
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{schema}"."{table}"')
            found.append((f"{schema}.{table}", b"\n".join(_bytes(row) for row in cursor.fetchall())))
    return found


def _bytes(row: tuple[Any, ...]) -> bytes:
    return b"\n".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row)
