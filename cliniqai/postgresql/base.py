"""The database backend: django-tenants', whose pooled connections are looked at instead of asked.

Django's own check sends an empty query each time a connection leaves the pool: a round trip in every request, to find
out that PostgreSQL has restarted. A server that goes away closes its end, and that can be seen here without asking.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend import base
from psycopg_pool import ConnectionPool


class PlannedCursor(ServerBindingCursor):
    """Sends a statement once to each connection, and from then on only its values."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> PlannedCursor:
        return super().execute(query, params, **{**how, "prepare": True})

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        # Django's list of statements reads `_query`, which psycopg leaves empty for a prepared one.
        self._query = super()._convert_query(query, params)
        return self._query


class DatabaseWrapper(base.DatabaseWrapper):
    """As django-tenants has it; a connection out of the pool has not been closed by the server meanwhile."""

    def planned_cursor(self) -> CursorWrapper:
        """A cursor for statements that name the schema of every table: no search path is set for it, none is used."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PlannedCursor(self.connection)
        return self._prepare_cursor(cursor)

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or not _has_news(connection) or _answers(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)  # closed, so the pool opens another in its place


def _has_news(connection: psycopg.Connection) -> bool:
    """Whether there is something to read that nobody asked for: the end of the connection, or a notice."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _answers(connection: psycopg.Connection) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
