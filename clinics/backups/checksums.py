"""What is in a schema, in figures: per table the rows and a sum over all of them that no order changes."""

from __future__ import annotations

from typing import Any

_TABLES = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s ORDER BY tablename"
_SUM = "SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0)::text FROM {schema}.{table} AS row"
_SPELLING = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'"
_FOREIGN = (
    "SELECT count(*) FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace"
    " WHERE n.nspname = %s AND c.contype = 'f' AND c.convalidated"
)

Sums = dict[str, list[Any]]


def tables_of(cursor: Any, schema: str) -> list[str]:
    cursor.execute(_TABLES, [schema])
    return [table for (table,) in cursor.fetchall()]


def sums_of(cursor: Any, schema: str) -> Sums:
    """Rows and sum of each table, in the current transaction; equal rows give equal sums on every connection."""
    cursor.execute(_SPELLING)
    sums: Sums = {}
    for table in tables_of(cursor, schema):
        cursor.execute(_SUM.format(schema=_quoted(schema), table=_quoted(table)))
        sums[table] = list(cursor.fetchone())
    return sums


def foreign_keys(cursor: Any, schema: str) -> int:
    """How many foreign keys hold: a restore that lost one would keep its rows and not their order."""
    cursor.execute(_FOREIGN, [schema])
    return int(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
