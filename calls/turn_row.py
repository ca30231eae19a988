"""The row of a turn in one plain statement.

A caller waits for this one: building it through the ORM costs more than PostgreSQL needs to write it
(docs/benchmarks.md). Columns and conversions come from the model, so a new field needs nothing here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field

from calls.models import Turn


def insert(turn: Turn) -> None:
    """Write a new turn; raise IntegrityError when its number is taken. Sends no signals and leaves `pk` unset."""
    values = [field.get_db_prep_save(field.pre_save(turn, add=True), connection) for field in _fields()]
    with connection.cursor() as cursor:
        cursor.execute(_statement(), values)


@cache
def _fields() -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in Turn._meta.concrete_fields if not field.primary_key)


@cache
def _statement() -> str:
    columns = ", ".join(connection.ops.quote_name(field.column) for field in _fields())
    table = connection.ops.quote_name(Turn._meta.db_table)
    values = ", ".join(["%s"] * len(_fields()))
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608  (names out of the model, no values)
