"""A clinic's shared rows out of a backup: what is missing is written again, what is there stays as it is.

The outbox knows what was sent after the backup was made, and people have said STOP since. So no row that is there is
touched, and whatever of the brought back has not been sent is stilled in the same transaction: nobody is told twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection

from clinics.backups.shared_rows import Shared

STRICT = "clinics."
"""Rows of these tables must be there afterwards: hosts, numbers, agreements and keys. History may have gaps."""


class Taken(Exception):
    """A row of the clinic's cannot be written again: its number, host or key is another clinic's by now."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How many rows were written, and how many could not be because their numbers belong to others."""

    written: int
    left_out: int


def bring_back(one: Shared, data: Iterator[bytes], clinic_id: int, cursor: Any) -> Brought:
    """Write the rows of one table that are missing. Raises `Taken`."""
    lines = _Lines(data)
    columns: list[str] = json.loads(lines.first())
    _fill_aside(one, columns, lines, cursor)
    kept = [column for column in columns if column in set(one.columns)]
    names = ", ".join(_q(column) for column in kept)
    cursor.execute(
        f"INSERT INTO public.{_q(one.table)} ({names}) SELECT {names} FROM aside a"  # noqa: S608
        f" WHERE {_parents_are_there(one)} ON CONFLICT DO NOTHING"
    )
    written = cursor.rowcount
    cursor.execute(f"SELECT count(*) FROM aside a WHERE NOT ({_is_there(one)})", [clinic_id] * len(_names(one)))  # noqa: S608
    left_out = cursor.fetchone()[0]
    if left_out and one.label.startswith(STRICT):
        raise Taken(f"{left_out} rows of {one.label} belong to another clinic by now.")
    _raise_sequence(one, cursor)
    return Brought(written, left_out)


def _fill_aside(one: Shared, columns: list[str], lines: _Lines, cursor: Any) -> None:
    """The rows as they were kept, in a table that this transaction alone sees."""
    cursor.execute("DROP TABLE IF EXISTS aside")
    cursor.execute(f"CREATE TEMP TABLE aside (LIKE public.{_q(one.table)} INCLUDING DEFAULTS) ON COMMIT DROP")
    for gone in [column for column in columns if column not in set(one.columns)]:
        cursor.execute(f"ALTER TABLE aside ADD COLUMN {_q(gone)} text")  # a column that this release has no more
    with cursor.copy(f"COPY aside ({', '.join(_q(column) for column in columns)}) FROM STDIN") as copy:
        for piece in lines.rest():
            copy.write(piece)


def _relations(one: Shared) -> list[tuple[str, str, str]]:
    """Column, table and key of what a row points to."""
    fields = [field for field in apps.get_model(one.label)._meta.concrete_fields if field.is_relation]
    return [(field.column, field.related_model._meta.db_table, field.related_model._meta.pk.column) for field in fields]


def _parents_are_there(one: Shared) -> str:
    asked = [
        f"(a.{_q(column)} IS NULL OR EXISTS (SELECT FROM public.{_q(table)} p WHERE p.{_q(key)} = a.{_q(column)}))"
        for column, table, key in _relations(one)
    ]
    return " AND ".join(asked) or "true"


def _is_there(one: Shared) -> str:
    """By its key or another name that only it can have, and this clinic's."""
    return " OR ".join(
        f"EXISTS (SELECT FROM public.{_q(one.table)} p WHERE p.{_q(name)} = a.{_q(name)} AND {one.mine_as('p.')})"
        for name in _names(one)
    )


def _names(one: Shared) -> list[str]:
    return [field.column for field in apps.get_model(one.label)._meta.concrete_fields if field.unique]


def _raise_sequence(one: Shared, cursor: Any) -> None:
    """So that the next row gets a number of its own."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f"public.{_q(one.table)}", one.key])
    sequence = cursor.fetchone()[0]
    if sequence:
        cursor.execute(
            f"SELECT setval(%s, greatest((SELECT max({_q(one.key)}) FROM public.{_q(one.table)}),"  # noqa: S608
            f" (SELECT last_value FROM {sequence})))",
            [sequence],
        )


def _q(name: str) -> str:
    return connection.ops.quote_name(name)


class _Lines:
    """The first line of a stream of pieces, and what follows it."""

    def __init__(self, data: Iterator[bytes]) -> None:
        self._data, self._held = data, b""

    def first(self) -> bytes:
        while b"\n" not in self._held:
            self._held += next(self._data)
        line, _, self._held = self._held.partition(b"\n")
        return line

    def rest(self) -> Iterator[bytes]:
        if self._held:
            yield self._held
        yield from self._data
