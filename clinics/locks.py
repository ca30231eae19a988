"""One process at a time, over all hosts: a PostgreSQL lock that is of no transaction and goes with its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from clinics.models import Clinic


@contextmanager
def alone(deed: str, clinic: Clinic | None = None) -> Iterator[bool]:
    """Whether nobody else does this `deed`, for the clinic where one is given; who is late gets False, nobody waits."""
    named, values = ("hashtext(%s), %s", [deed, clinic.pk]) if clinic else ("hashtext(%s)", [deed])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({named})", values)
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({named})", values)
