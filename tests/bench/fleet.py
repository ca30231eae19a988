"""Many clinics: a deployment with nothing to do over a thousand schemas, and one clinic of twenty brought back.

The thousand schemas hold what a deployment reads of them, their table of migrations, and nothing else: making whole
ones takes an hour and adds nothing that it reads. The twenty are whole, copies of one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import connection

from clinics.backups import programs, restoring, taking
from clinics.backups.erasing import erase
from clinics.backups.shared_rows import shared_tables
from clinics.models import Clinic

THOUSAND, TWENTY = 1000, 20
_SCHEMA = """
CREATE SCHEMA {name};
CREATE TABLE {name}.django_migrations (LIKE {of}.django_migrations INCLUDING DEFAULTS);
INSERT INTO {name}.django_migrations SELECT * FROM {of}.django_migrations"""


@dataclass(frozen=True)
class Deployed:
    """Seconds of a whole `manage.py migrate_clinics`, its start included."""

    seconds: float
    clinics: int


@dataclass(frozen=True)
class BroughtBack:
    """Seconds to bring one clinic back, and of how many others anything changed."""

    seconds: float
    rows: int
    changed: int


def nothing_to_do(of: Clinic) -> Deployed:
    with connection.cursor() as cursor:
        for number in range(THOUSAND):
            _row(f"cheap{number:04}")
            cursor.execute(_SCHEMA.format(name=f"cheap{number:04}", of=of.schema_name))
    began = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", "migrate_clinics"], env=dict(os.environ), check=True)
    took = time.perf_counter() - began
    cheap = Clinic.objects.filter(slug__startswith="cheap")
    deployed = Deployed(took, Clinic.objects.exclude(schema_name="public").count())
    with connection.cursor() as cursor:
        for clinic in cheap:
            cursor.execute(f"DROP SCHEMA {clinic.schema_name} CASCADE")
    Clinic.objects.filter(pk__in=[clinic.pk for clinic in cheap]).delete()
    return deployed


def one_of_twenty(of: Clinic) -> BroughtBack:
    text = _dump(of.schema_name)
    clinics = []
    for number in range(TWENTY):
        clinics.append(_row(f"whole{number:02}"))
        with connection.cursor() as cursor:
            cursor.execute(re.sub(rf"\b{of.schema_name}\b", f"whole{number:02}", text))
        connection.close()  # the dump's settings go with it
    lost, *others = clinics
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / taking.backup(lost, Path(folder)).file
        before = [_digest(clinic) for clinic in others]
        erase(lost)
        began = time.perf_counter()
        restored = restoring.restore(path)
        took = time.perf_counter() - began
    changed = sum(was != _digest(clinic) for was, clinic in zip(before, others, strict=True))
    for clinic in [restored.clinic, *others]:
        erase(clinic)
    return BroughtBack(took, restored.rows, changed)


def _row(slug: str) -> Clinic:
    clinic = Clinic(slug=slug, schema_name=slug, name=slug.title())
    clinic.auto_create_schema = False
    clinic.save()
    return clinic


def _dump(schema: str) -> str:
    without = [f"--exclude-table-data=*.{table}" for table in ("auditlog_logentry", "practice_auditseal")]
    command = [programs.program("pg_dump"), "--no-owner", "--inserts", f"--schema={schema}", *without]
    lines = b"".join(programs.output_of(*command)).decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith("\\"))


def _digest(clinic: Clinic) -> str:
    told = sha256(_dump(clinic.schema_name).encode())
    with connection.cursor() as cursor:
        for one in shared_tables():
            cursor.execute(f'SELECT t::text FROM public."{one.table}" t WHERE {one.mine} ORDER BY 1', [clinic.pk])
            told.update(repr(cursor.fetchall()).encode())
    return told.hexdigest()
