"""Sealing what a table holds in plain text, for migrations: new columns first, then the data, then the old ones go.

A migration must not change with the models, so everything it needs is in its plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, migrations, models

from clinics.sealing import indexes, keys
from clinics.sealing.fields import SealedField, bound_to, encoded

BATCH = 200
JSONB = 3802
"""PostgreSQL's number for the type, which comes as text out of a plain cursor."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """How one table is sealed: the new column of each old one, the names they are bound to, and what is made of them.

    `bound_as` gives the row's identity from its old values; `made` gives further columns from them and the index key.
    """

    table: str
    columns: Mapping[str, str]
    bound_as: Callable[[Row], str]
    reads: tuple[str, ...] = ()
    made: Mapping[str, Callable[[Row, bytes], Any]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """The new column that is NULL as long as a row is not sealed."""
        return next(iter(self.columns.values()))


def seal(*plans: Plan) -> Callable[[Any, Any], None]:
    """A step that seals every row of these tables that is not sealed yet; may be interrupted and run again."""

    def run(apps: Any, schema_editor: Any) -> None:
        keys.keys_of(connection.schema_name)  # a new clinic draws its key here, before anybody waits for it
        for plan in plans:
            while _seal_batch(plan):
                pass

    return run


def seal_the_rest(*plans: Plan) -> Callable[[Any, Any], None]:
    """The same under a lock, in the transaction that takes the old columns away: rows that came in meanwhile."""
    sealing = seal(*plans)

    def run(apps: Any, schema_editor: Any) -> None:
        with connection.cursor() as cursor:
            for plan in plans:
                cursor.execute(f"LOCK TABLE {plan.table} IN ACCESS EXCLUSIVE MODE")
        sealing(apps, schema_editor)

    return run


def number_index(column: str) -> Callable[[Row, bytes], bytes]:
    return lambda row, key: indexes.digest(row[column], key)


def _seal_batch(plan: Plan) -> int:
    names = ["id", *dict.fromkeys([*plan.reads, *plan.columns])]
    wanted = f"SELECT {', '.join(names)} FROM {plan.table} WHERE {plan.mark} IS NULL ORDER BY id LIMIT {BATCH}"  # noqa: S608
    assigned = ", ".join(f"{column} = %s" for column in [*plan.columns.values(), *plan.made])
    with connection.cursor() as cursor:
        cursor.execute(wanted)
        read = [json.loads if column.type_code == JSONB else _as_it_is for column in cursor.description]
        rows = [
            {name: change(value) for name, change, value in zip(names, read, values, strict=True)}
            for values in cursor.fetchall()
        ]
        if rows:
            sealed = [[*_values(plan, row), row["id"]] for row in rows]
            cursor.executemany(f"UPDATE {plan.table} SET {assigned} WHERE id = %s", sealed)  # noqa: S608
    return len(rows)


def _values(plan: Plan, row: Row) -> list[Any]:
    schema = connection.schema_name
    known = keys.keys_of(schema)
    identity = plan.bound_as(row)
    values: list[Any] = []
    for name in plan.columns:
        about = bound_to(schema, plan.table, name, identity)
        values.append(known.ring.seal(encoded(_plain(row[name])), about=about))
    return values + [make(row, known.index_keys[0]) for make in plan.made.values()]


def _as_it_is(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def add_columns(model: str, **fields: models.Field) -> list[Any]:
    """Operations that add nullable columns, the sealed ones as `sealed_NAME`; an index has its own name at once."""
    return [migrations.AddField(model, _name(name, one), _nullable(one)) for name, one in fields.items()]


def swap_columns(model: str, table: str, **fields: models.Field) -> list[Any]:
    """Operations that take the plain columns away and put the sealed ones, filled by now, in their place."""
    operations: list[Any] = []
    for name, one in fields.items():
        if _name(name, one) != name:
            operations += [migrations.RemoveField(model, name), migrations.RenameField(model, f"sealed_{name}", name)]
        filled = migrations.RunSQL(f'ALTER TABLE {table} ALTER COLUMN "{name}" SET NOT NULL')
        final = migrations.AlterField(model, name, one)
        operations.append(migrations.SeparateDatabaseAndState([filled], [final]))
    return operations


def _name(name: str, field: models.Field) -> str:
    return f"sealed_{name}" if isinstance(field, SealedField) else name


def _nullable(field: models.Field) -> models.Field:
    _, _, args, kwargs = field.deconstruct()
    kwargs.pop("default", None)
    return type(field)(*args, **{**kwargs, "null": True})


_WORD = re.compile(r"[a-z0-9]+")


def word_index(column: str) -> Callable[[Row, bytes], list[int]]:
    """The index of a column that holds folded words with spaces between them."""
    return lambda row, key: indexes.word_digests(indexes.beginnings(_WORD.findall(row[column])), key)
