"""The web process's pool, whose connections are looked at instead of asked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connections

from cliniqai.databases import database
from cliniqai.postgresql import base
from cliniqai.postgresql.base import DatabaseWrapper
from tests.far_ends.gate import Gate
from tests.notifications.machines import wait_for

WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
pytestmark = pytest.mark.django_db


@contextmanager
def pooling(**where: Any) -> Iterator[DatabaseWrapper]:
    """A connection as the web process has it, to the database of the tests."""
    known = connections["default"].settings_dict
    entry = {**known, **database("postgresql://host/name", web=True), **{key: known[key] for key in WHERE}, **where}
    wrapper = DatabaseWrapper(entry, alias="pooled")
    with patch.object(base, "_ours", base._Waits()), patch.object(base, "_mine", base._MyWaits()):
        yield wrapper
    wrapper.close()
    wrapper.close_pool()


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    with pooling() as wrapper:
        yield wrapper


@pytest.fixture
def gate() -> Iterator[Gate]:
    with tempfile.TemporaryDirectory() as folder, Gate(Path(folder)) as gate:
        yield gate


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


def test_a_request_waits_once_for_a_postgresql_that_is_away(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks several times, and Twilio does not wait for the sum of their time-outs."""
    monkeypatch.setattr(base, "BELIEVED_SECONDS", 3600.0)
    with pooling(HOST=gate.host, PORT=gate.port) as pooled:
        _backend(pooled)
        pooled.close()
        gate.shut()

        first, *later = [_times_that_the_pool_was_asked(pooled) for _ in range(3)]
        assert first > 1
        assert later == [0, 0]

        base._mine.forget()
        assert 0 < _times_that_the_pool_was_asked(pooled) < first, "the next request waits too, but not for long"


def _times_that_the_pool_was_asked(pooled: DatabaseWrapper) -> int:
    before = pooled.pool.get_stats().get("requests_num", 0)
    with pytest.raises(OperationalError):
        _backend(pooled)
    return pooled.pool.get_stats()["requests_num"] - before


def test_it_is_asked_again_soon_after_however_long_postgresql_was_away(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool itself waits twice as long after each failure, so its own next try would come as late again."""
    monkeypatch.setattr(base, "BELIEVED_SECONDS", 0.0)
    with pooling(HOST=gate.host, PORT=gate.port) as pooled:
        _backend(pooled)
        pooled.close()
        gate.shut()
        with pytest.raises(OperationalError):
            _backend(pooled)
        wait_for(lambda: not pooled.pool.get_stats()["pool_size"], "the pool has given up", seconds=60)

        gate.open()

        assert _backend(pooled)


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
