"""A new clinic's schema as a copy of an empty one, in a second or two instead of a walk through every migration.

The empty one is built once after a release by walking the migrations in a schema of its own, written down by pg_dump as
text, and dropped. A copy is that text with the clinic's name in it: the same tables, indexes, constraints and triggers
under the same names, with the rows that migrations leave behind.
"""

from __future__ import annotations

import logging
import re
from hashlib import sha256

from django.core.management import call_command
from django.db import connection, transaction
from django.utils.timezone import now

from clinics import locks
from clinics.backups import programs
from clinics.fleet.models import Blueprint
from clinics.models import Clinic
from clinics.sealing import keys
from clinics.tenancy import outside
from clinics.versions import find_missing, newest_migrations

logger = logging.getLogger(__name__)

NAME, SLUG = "blueprint_of_clinics", "blueprint-of-clinics"
"""The schema that it is built in, and the word in the text that stands for a clinic's own."""

_SETTINGS = re.compile(r"^(SET \w+ = .*;|SELECT pg_catalog\.set_config\(.*\);|\\(un)?restrict .*|--.*|)$")


def make_schema(clinic: Clinic) -> None:
    """The schema of a clinic that has a row and no schema yet. Leaves nothing behind when it fails.

    Inside a transaction, where pg_dump would see nothing, and on a machine without pg_dump, the migrations are walked.
    """
    with outside():
        text = "" if connection.in_atomic_block else _text()
        if not text:
            _walk(clinic.schema_name)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_named(text, clinic.schema_name))
        if missing := find_missing(clinic.schema_name):
            raise RuntimeError(f"The copy of an empty clinic lacks {missing}.")
        keys.keys_of(clinic.schema_name)  # drawn here, as the migrations would, before anybody waits for it


def _named(text: str, schema: str) -> str:
    """The statements for this schema: by itself in quotes its name is a text, everywhere else an identifier."""
    return text.replace(f"'{NAME}'", f"'{schema}'").replace(NAME, connection.ops.quote_name(schema))


def get_ready() -> bool:
    """Build the blueprint of the running code unless there is one; whether it was built. A deployment's last step."""
    with outside():
        return not Blueprint.objects.filter(digest=_digest()).exists() and bool(_text())


def _text() -> str:
    known = Blueprint.objects.filter(digest=_digest()).values_list("statements", flat=True).first()
    if known is not None:
        return known
    try:
        text = _built()
    except programs.ProgramFailed as failed:
        logger.warning("new clinics are opened by walking the migrations: %s", failed)
        return ""
    if not text:
        return ""
    Blueprint.objects.update_or_create(digest=_digest(), defaults={"statements": text})
    Blueprint.objects.exclude(digest=_digest()).delete()
    return text


def _built() -> str:
    """The statements that make an empty clinic, under the blueprint's name; "" while another process is at it."""
    with locks.alone("build the blueprint") as alone:
        if not alone:
            return ""
        dump = programs.program("pg_dump")  # where there is none, no walk is spent on finding out
        _drop()  # what a process left that was killed here
        try:
            Clinic.objects.bulk_create(  # a clinic of nobody's, because migrations draw a clinic's key
                [Clinic(slug=SLUG, schema_name=NAME, name="An empty clinic, being copied", suspended_at=now())]
            )
            _walk(NAME)
            command = [dump, "--no-owner", "--no-privileges", "--inserts", f"--schema={NAME}"]
            lines = b"".join(programs.output_of(*command)).decode().splitlines()
        finally:
            _drop()
    return "\n".join(line for line in lines if not _SETTINGS.match(line)) + "\n"


def _walk(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(schema)}")
    call_command("migrate_schemas", tenant=True, schema_name=schema, interactive=False, verbosity=0)
    connection.set_schema_to_public()


def _drop() -> None:
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {NAME} CASCADE")
    for clinic in Clinic.objects.filter(slug=SLUG):
        clinic.delete()
    keys.forget(NAME)


def _digest() -> str:
    """Of what makes an empty clinic what it is: the migrations, and the PostgreSQL that wrote it down."""
    told = [f"{app}.{name}" for app, name in sorted(newest_migrations())] + [str(connection.pg_version // 10000)]
    return sha256("\n".join(told).encode()).hexdigest()
