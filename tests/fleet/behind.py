"""Clinics of an earlier release: the newest migration of one app taken back by Django itself."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinics.models import Clinic
from clinics.tenancy import inside

BEFORE = ("mfa", "0002_authenticator_timestamps")
"""A package's own, pinned: it is the last of its app, and can be undone."""
NEXT, TABLE, INDEX = "mfa.0003_authenticator_type_uniq", "mfa_authenticator", "unique_authenticator_type"
"""The migration that is missing then, which makes this index on this table."""


def set_back(*clinics: Clinic) -> None:
    for clinic in clinics:
        with inside(clinic):
            MigrationExecutor(connection).migrate([BEFORE])


def put_in_the_way(clinic: Clinic) -> None:
    """Something that makes the next migration fail."""
    with inside(clinic), connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {INDEX} ON {TABLE} (created_at)")


def take_away(clinic: Clinic) -> None:
    with inside(clinic), connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")
