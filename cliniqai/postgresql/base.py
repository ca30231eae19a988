"""The database backend: django-tenants', whose pooled connections are looked at instead of asked.

Django's own check sends an empty query each time a connection leaves the pool: a round trip in every request, to find
out that PostgreSQL has restarted. A server that goes away closes its end, and that can be seen here without asking.

While PostgreSQL is away the first question of a request waits for it, and those that come after it fail at once: a
caller who is answered from what this process remembers cannot wait for the sum (docs/adr/0054).
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg
from django.core.signals import request_started
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend import base
from psycopg_pool import ConnectionPool, PoolTimeout

WAIT_SECONDS = 6.0
"""How long who finds no connection waits for PostgreSQL to come back; a restart takes about as long."""

SHORT_WAIT_SECONDS = 2.0
"""How long when another one has waited in vain a moment ago: there are few threads, and callers queue for them."""

BELIEVED_SECONDS = 2.0
"""What a moment is."""


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
        if not self.pool:
            return super().get_new_connection(conn_params)
        while True:
            connection = self._out_of_the_pool(conn_params)
            if not _has_news(connection) or _answers(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)  # closed, so the pool opens another in its place

    def _out_of_the_pool(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """A connection that is there or comes in time; who has waited for one already is refused at once."""
        if _mine.in_vain and not self.pool.get_stats()["pool_available"]:
            raise psycopg.OperationalError("PostgreSQL was away a moment ago")
        until = time.monotonic() + (SHORT_WAIT_SECONDS if _ours.in_vain else WAIT_SECONDS)
        while True:
            try:
                connection = super().get_new_connection(conn_params)
            except PoolTimeout:  # ask again: a pool that gave up tries anew only for who asks
                if time.monotonic() >= until:
                    _mine.waited()
                    _ours.waited()
                    raise
            else:
                _ours.forget()
                return connection


class _Waits:
    """Whether somebody has waited for PostgreSQL in vain a moment ago."""

    _until = 0.0

    @property
    def in_vain(self) -> bool:
        return time.monotonic() < self._until

    def waited(self) -> None:
        self._until = time.monotonic() + BELIEVED_SECONDS

    def forget(self, **signal: object) -> None:
        self._until = 0.0


class _MyWaits(_Waits, threading.local):
    """Those of this thread, in this request."""


_ours, _mine = _Waits(), _MyWaits()
request_started.connect(_mine.forget, dispatch_uid="cliniqai.postgresql.waits", weak=False)


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
