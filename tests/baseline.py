"""The rows that the two clinics were built with, kept aside and put back after a test that committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from clinics.remembered import forget_everything

KEPT = "baseline"
TRAIL = ("auditlog_logentry", "practice_auditseal")
_schemas: list[str] = []
_tables: list[tuple[str, str]] = []


def keep(schemas: list[str]) -> None:
    """Copy every row of these schemas into a schema of its own."""
    recall(schemas)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for schema, table in _tables:
            cursor.execute(f'CREATE TABLE {KEPT}."{schema}.{table}" AS TABLE "{schema}"."{table}"')


def recall(schemas: list[str]) -> None:
    """Know which tables are kept, in a database where they were kept before."""
    _schemas[:] = schemas
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", [schemas])
        _tables[:] = cursor.fetchall()


def put_back() -> None:
    """Every table as it was kept, and no other schema beside them."""
    connection.set_schema_to_public()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> ALL(%s)",
            [[*_schemas, KEPT, "information_schema"]],
        )
        for (schema,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        _fill(cursor, _tables)
    forget_everything()


def restore(schema: str) -> None:
    """One clinic as a backup of yesterday has it, with everything around it as it is today."""
    connection.set_schema_to_public()
    with transaction.atomic(), connection.cursor() as cursor:
        _fill(cursor, [(owner, table) for owner, table in _tables if owner == schema])
    forget_everything()


def _fill(cursor: Any, tables: list[tuple[str, str]]) -> None:
    _triggers(cursor, "DISABLE", tables)
    cursor.execute("TRUNCATE " + ", ".join(f'"{schema}"."{table}"' for schema, table in tables))
    for schema, table in tables:
        cursor.execute(f'INSERT INTO "{schema}"."{table}" SELECT * FROM {KEPT}."{schema}.{table}"')
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _triggers(cursor, "ENABLE", tables)


def _triggers(cursor: Any, verb: str, tables: list[tuple[str, str]]) -> None:
    """The audit trail refuses to be emptied."""
    for schema, table in tables:
        if table in TRAIL:
            cursor.execute(f'ALTER TABLE "{schema}"."{table}" {verb} TRIGGER USER')


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
