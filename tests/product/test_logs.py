"""What a fault leaves in the log: its type, its place and its causes; never what it says."""

from __future__ import annotations

import logging
import sys

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

from clinics.models import Clinic

SECRET = "Failing row contains (Maria Alvarez)"


def logged(fault: BaseException) -> str:
    formatter = import_string(settings.LOGGING["formatters"]["line"]["class"])("%(message)s")
    record = logging.LogRecord("any", logging.ERROR, "", 0, "Server error: %s", ("/tasks/",), None)
    record.exc_info = (type(fault), fault, fault.__traceback__)
    return formatter.format(record)


def caught(deed: object) -> BaseException:
    try:
        deed()  # type: ignore[operator]
    except Exception:
        return sys.exc_info()[1]  # type: ignore[return-value]
    raise AssertionError("nothing was raised")


def test_types_places_and_causes_are_told_without_their_messages() -> None:
    def fail() -> None:
        try:
            try:
                raise KeyError(SECRET)
            except KeyError as first:
                raise DatabaseError(SECRET) from first
        except DatabaseError:
            raise RuntimeError(SECRET)  # noqa: B904

    line = logged(caught(fail))

    assert "Maria" not in line
    for told in ("KeyError", "caused:", "django.db.utils.DatabaseError", "while this was handled:", "RuntimeError"):
        assert told in line
    assert f'{__file__}", line' in line


def test_a_real_database_error_is_told_by_its_code(north: Clinic) -> None:
    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'Maria Alvarez'::integer")

    fault = caught(fail)

    assert isinstance(fault.__cause__, psycopg.Error)
    assert "Maria" in str(fault)
    assert "Maria" not in logged(fault).replace("SELECT 'Maria Alvarez'", "")
    assert "SQLSTATE 22P02" in logged(fault)


def test_every_handler_of_the_settings_writes_that_way() -> None:
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
