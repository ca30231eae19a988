"""Clinics of an earlier release: the newest migrations of an app taken back by Django itself."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinics.models import Clinic
from clinics.tenancy import inside

BEFORE = ("practice", "0014_answers")
MISSING = "practice_retention"
"""A table that the migration after it makes."""


def set_back(*clinics: Clinic) -> None:
    for clinic in clinics:
        with inside(clinic):
            MigrationExecutor(connection).migrate([BEFORE])


def put_in_the_way(clinic: Clinic) -> None:
    """Something that makes the next migration fail."""
    with inside(clinic), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MISSING} ()")


def take_away(clinic: Clinic) -> None:
    with inside(clinic), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {MISSING}")
