"""The row of a turn, with what the turn changes on its call, in one plain statement.

A caller waits for this one: building it through the ORM costs more than PostgreSQL needs to write it
(docs/benchmarks.md). The statement names the clinic's schema itself, so it needs no search path and is planned once.
Columns and conversions come from the model, so a new field needs nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from django.db import connection, models
from django.utils import timezone

from calls.models import Call, Turn, rules_of
from clinics.sealing.fields import SealedField
from clinics.sealing.indexes import WordIndex, word_digests
from clinics.sealing.keys import Keys, keys_of
from escalations.models import Escalation, Half


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row belongs: its clinic's schema and keys, and what names the row for its seals."""

    schema: str
    keys: Keys
    row: str


Change = Callable[[Mapping[str, Any], _Place], Any]


def write(turn: Mapping[str, Any], of_call: Mapping[str, str], *, asks: bool = False) -> bool:
    """Write a new turn and these columns of its call; raise IntegrityError when the turn's number is taken.

    What is not given of a turn has the model's default. Returns, where one `asks`, whether the call has an alarm of a
    sentence that was not finished: in the same statement, because a question of its own would cost each turn more.
    """
    schema, columns = connection.schema_name, _columns()
    place = _Place(schema, keys_of(schema), f"{turn['call_id']} {turn['n']}")
    told = {name: turn[name] if name in turn else missing() for name, _, missing in columns}
    row = [change(told, place) for _, change, _ in columns]
    changes = [*map(str, of_call.values()), turn["call_id"]] if of_call else []
    with connection.planned_cursor() as cursor:
        cursor.execute(_statement(schema, tuple(of_call), asks=asks), [*changes, *row])
        return asks and cursor.fetchone()[0]


@cache
def _columns() -> tuple[tuple[str, Change, Callable[[], Any]], ...]:
    """Of each column the attribute of the model, what its value is sent as, and the value where none is given."""
    return tuple((field.attname, _writer(field), _default(field)) for field in _fields())


def _fields() -> list[models.Field[Any, Any]]:
    return [field for field in Turn._meta.concrete_fields if not field.primary_key]


def _writer(field: models.Field[Any, Any]) -> Change:
    """What a column of the row is sent as, by all its values and where the row belongs."""
    name = field.attname
    match field:
        case SealedField():
            return lambda told, place: field.sealed_as(told[name], place.schema, place.row, place.keys.ring)
        case WordIndex():
            return lambda told, place: _array(word_digests(rules_of(told["findings"]), place.keys.index_keys[0]))
    plain = _plain(field)
    return lambda told, place: plain(told[name])


def _array(numbers: list[int]) -> str:
    """As PostgreSQL writes an array; psycopg looks at each number to find out how large all of them are."""
    return f"{{{','.join(map(str, numbers))}}}"


def _plain(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
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
def _statement(schema: str, of_call: tuple[str, ...], *, asks: bool) -> str:
    """Names come out of the models, values never do."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields())
    values = ", ".join("%s::integer[]" if isinstance(field, WordIndex) else "%s" for field in _fields())
    insert = f"INSERT INTO {_table(schema, Turn)} AS written ({columns}) VALUES ({values})"  # noqa: S608
    if asks:
        half = f"call_id = written.call_id AND half = '{Half.UNFINISHED.value}'"
        insert += f" RETURNING EXISTS (SELECT FROM {_table(schema, Escalation)} WHERE {half})"
    if not of_call:
        return insert
    changes = ", ".join(f"{quote(Call._meta.get_field(name).column)} = %s" for name in of_call)
    return f"WITH changed AS (UPDATE {_table(schema, Call)} SET {changes} WHERE id = %s) {insert}"  # noqa: S608


def _table(schema: str, model: type[models.Model]) -> str:
    return f"{connection.ops.quote_name(schema)}.{connection.ops.quote_name(model._meta.db_table)}"
