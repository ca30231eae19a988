"""The rows that the two clinics were built with, kept aside and put back after a test that committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from clinics.remembered import forget_everything

KEPT = "baseline"
TRAIL = ("auditlog_logentry", "practice_auditseal")
Table = tuple[str, str]
_schemas: list[str] = []
_tables: list[Table] = []
_filled: list[Table] = []
"""Those of them that were built with rows."""

GROWN = """
WITH RECURSIVE grown AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY(%s) AND c.relkind = 'r' AND n.nspname || '.' || c.relname <> ALL(%s)
    AND pg_relation_size(c.oid) > 0
  UNION SELECT f.conrelid FROM pg_constraint f JOIN grown ON f.confrelid = grown.oid WHERE f.contype = 'f'
)
SELECT n.nspname, c.relname FROM grown JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
"""
"""The tables that were built empty and have a page, if only for rows that are gone, and all that refer to them."""
DIFFERS = """
SELECT {n} WHERE EXISTS (
  (SELECT one::text FROM {live} one EXCEPT ALL SELECT one::text FROM {kept} one)
  UNION ALL (SELECT one::text FROM {kept} one EXCEPT ALL SELECT one::text FROM {live} one)
)
"""


def keep(schemas: list[str]) -> None:
    """Copy every row of these schemas into a schema of its own."""
    _find_tables(schemas)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in _tables:
            cursor.execute(f"CREATE TABLE {_kept(table)} AS TABLE {_live(table)}")
    recall(schemas)


def recall(schemas: list[str]) -> None:
    """Know which tables are kept, in a database where they were kept before."""
    _find_tables(schemas)
    with connection.cursor() as cursor:
        _filled[:] = _those(cursor, _tables, "SELECT {n} WHERE EXISTS (SELECT FROM {kept})")


def _find_tables(schemas: list[str]) -> None:
    _schemas[:] = schemas
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", [schemas])
        _tables[:] = cursor.fetchall()


def put_back() -> None:
    """Every table as it was kept, and no other schema beside them; what nobody touched is left alone."""
    connection.set_schema_to_public()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> ALL(%s)",
            [[*_schemas, KEPT, "information_schema"]],
        )
        for (schema,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        grown, changed = _touched(cursor)
        emptied = [f"TRUNCATE {', '.join(map(_live, grown))}"] if grown else []
        _fill(cursor, [*grown, *changed], [*emptied, *(f"DELETE FROM {_live(table)}" for table in changed)])
    forget_everything()


def restore(schema: str) -> None:
    """One clinic as a backup of yesterday has it, with everything around it as it is today."""
    tables = [table for table in _tables if table[0] == schema]
    connection.set_schema_to_public()
    with transaction.atomic(), connection.cursor() as cursor:
        _fill(cursor, tables, [f"TRUNCATE {', '.join(map(_live, tables))}"])
    forget_everything()


def _touched(cursor: Any) -> tuple[list[Table], list[Table]]:
    """The tables to truncate, and others that hold rows which are not the kept ones."""
    cursor.execute(GROWN, [_schemas, [".".join(table) for table in _filled]])
    grown = cursor.fetchall()
    return grown, [table for table in _those(cursor, _filled, DIFFERS) if table not in grown]


def _fill(cursor: Any, tables: list[Table], emptied: list[str]) -> None:
    """These tables with their kept rows, once these statements have emptied them."""
    if not tables:
        return
    _triggers(cursor, "DISABLE", tables)
    cursor.execute("; ".join(emptied))
    for table in tables:
        if table in _filled:
            cursor.execute(f"INSERT INTO {_live(table)} SELECT * FROM {_kept(table)}")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _triggers(cursor, "ENABLE", tables)


def _those(cursor: Any, tables: list[Table], question: str) -> list[Table]:
    """The tables for which one query answers yes."""
    asked = (question.format(n=n, live=_live(one), kept=_kept(one)) for n, one in enumerate(tables))
    cursor.execute(" UNION ALL ".join(asked))
    return [tables[number] for (number,) in cursor.fetchall()]


def _live(table: Table) -> str:
    return f'"{table[0]}"."{table[1]}"'


def _kept(table: Table) -> str:
    return f'{KEPT}."{table[0]}.{table[1]}"'


def _triggers(cursor: Any, verb: str, tables: list[Table]) -> None:
    """The audit trail refuses to be emptied."""
    for table in tables:
        if table[1] in TRAIL:
            cursor.execute(f"ALTER TABLE {_live(table)} {verb} TRIGGER USER")


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """As the owner of the database could: no trigger fires, so the current clinic's trail can be changed."""
    for verb in ("DISABLE", "ENABLE"):
        with connection.cursor() as cursor:
            for table in TRAIL:
                cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")
        if verb == "DISABLE":
            yield


def empty_trail() -> None:
    """The current clinic's audit trail without a row."""
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM auditlog_logentry")
        cursor.execute("DELETE FROM practice_auditseal")
