"""Taking a clinic out of the database for good: its schema, its shared rows, its keys, its files, counted."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from redis import Redis

from clinics.backups.checksums import sums_of
from clinics.backups.folders import folders
from clinics.backups.models import Backup
from clinics.backups.shared_rows import shared_tables
from clinics.fleet.models import Backfilling, ClinicPhase, FleetStep, GroupMember, Upgrade
from clinics.models import Clinic
from clinics.remembered import forget_everything
from clinics.sealing import keys
from clinics.tenancy import outside


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows that are gone, by table, and how many files and live values."""

    schema: dict[str, int]
    shared: dict[str, int]
    files: int
    live: int


def erase(clinic: Clinic) -> Erased:
    """All of a clinic, or nothing. Without its data keys no copy of its patients' fields can be read either, but a
    backup holds these keys too: whoever keeps the files must delete them."""
    with outside(), transaction.atomic(), connection.cursor() as cursor:
        rows = {table: count for table, (count, _) in sums_of(cursor, clinic.schema_name).items()}
        cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(clinic.schema_name)} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for upkeep in (Backup, Backfilling, ClinicPhase, FleetStep, GroupMember, Upgrade):
            upkeep.objects.filter(clinic=clinic).delete()
        shared = {}
        for one in reversed(shared_tables()):
            cursor.execute(f'DELETE FROM public."{one.table}" WHERE {one.mine}', [clinic.pk])  # noqa: S608
            shared[one.label] = cursor.rowcount
    forget_everything()
    keys.forget(clinic.schema_name)
    return Erased(rows, shared, _erase_files(clinic), _erase_live(clinic))


def _erase_files(clinic: Clinic) -> int:
    count = 0
    for folder in folders(clinic.schema_name).values():
        count += sum(path.is_file() for path in folder.rglob("*"))
        shutil.rmtree(folder, ignore_errors=True)
    return count


def _erase_live(clinic: Clinic) -> int:
    """What Redis still holds of calls; it would be gone within hours by itself."""
    redis = Redis.from_url(settings.CACHE_URL, socket_timeout=5, socket_connect_timeout=5)
    names = list(redis.scan_iter(match=f"sealed:{clinic.schema_name}:*", count=1000))
    return int(redis.delete(*names)) if names else 0
