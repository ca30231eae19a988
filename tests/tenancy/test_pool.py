"""The web process's pool, whose connections are looked at instead of asked."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from cliniqai.databases import database
from cliniqai.postgresql.base import DatabaseWrapper

WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    """A connection as the web process has it, to the database of the tests."""
    known = connections["default"].settings_dict
    entry = {**known, **database("postgresql://host/name", web=True), **{key: known[key] for key in WHERE}}
    wrapper = DatabaseWrapper(entry, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def _backend(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_is_used_again(pooled: DatabaseWrapper) -> None:
    before = _backend(pooled)
    pooled.close()

    assert before in _every_backend(pooled)


def test_connections_that_the_server_closed_are_replaced_unnoticed(pooled: DatabaseWrapper) -> None:
    gone = _every_backend(pooled)
    with _beside(pooled) as admin:
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", [sorted(gone)])

    assert not _every_backend(pooled) & gone


def test_a_notice_is_no_reason_to_lose_a_connection(pooled: DatabaseWrapper) -> None:
    with pooled.cursor() as cursor:
        cursor.execute("LISTEN canary")
    listening = _backend(pooled)
    pooled.close()
    with _beside(pooled) as other:
        other.execute("NOTIFY canary")

    assert listening in _every_backend(pooled)


def _every_backend(pooled: DatabaseWrapper) -> set[int]:
    """The pool hands its two connections out in turn."""
    seen = set()
    for _ in range(4):
        seen.add(_backend(pooled))
        pooled.close()
    return seen


def _beside(pooled: DatabaseWrapper) -> psycopg.Connection:
    words = {**pooled.get_connection_params(), "cursor_factory": psycopg.Cursor}
    return psycopg.connect(**words, autocommit=True)


def test_the_web_process_uses_it() -> None:
    assert settings.DATABASES["default"]["ENGINE"] == "cliniqai.postgresql"
