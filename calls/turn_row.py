"""The row of a turn in one plain statement.

A caller waits for this one: building it through the ORM costs more than PostgreSQL needs to write it
(docs/benchmarks.md). The statement names the clinic's schema itself, so it needs no search path and is planned once.
Columns and conversions come from the model, so a new field needs nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

from django.db import connection, models
from django.utils import timezone

from calls.models import Turn


def insert(**values: Any) -> None:
    """Write a new turn; raise IntegrityError when its number is taken. What is not given has the model's default."""
    row = [write(values[name]) if name in values else write(missing()) for name, write, missing in _columns()]
    with connection.planned_cursor() as cursor:
        cursor.execute(_statement(connection.schema_name), row)


@cache
def _columns() -> tuple[tuple[str, Callable[[Any], Any], Callable[[], Any]], ...]:
    """Of each column the attribute of the model, how its value is written, and the value where none is given."""
    return tuple((field.attname, _writer(field), _default(field)) for field in _fields())


def _fields() -> list[models.Field[Any, Any]]:
    return [field for field in Turn._meta.concrete_fields if not field.primary_key]


def _writer(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """What `get_db_prep_save` comes to, without the way there."""
    match field:
        case models.JSONField(encoder=None):
            return json.dumps
        case models.CharField() | models.TextField():
            return str
        case models.IntegerField() | models.FloatField() | models.DateTimeField() | models.ForeignKey():
            return _as_it_is
        case _:
            return partial(field.get_db_prep_save, connection=connection)


def _default(field: models.Field[Any, Any]) -> Callable[[], Any]:
    return timezone.now if getattr(field, "auto_now_add", False) else field.get_default


def _as_it_is(value: Any) -> Any:
    return value


@lru_cache(maxsize=4096)
def _statement(schema: str) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields())
    values = ", ".join(["%s"] * len(_fields()))
    table = f"{quote(schema)}.{quote(Turn._meta.db_table)}"
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608  (names out of the model, no values)
