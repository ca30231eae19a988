"""Backups that happen by themselves: each clinic in its night, one at a time, read back, and the old ones thinned out.

Nothing is remembered but rows: who is due is asked anew after each clinic, so a process that dies in the middle leaves
a row that says that it began, and the next pass goes on. The lock belongs to the connection and dies with it.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils import timezone

from clinics import locks
from clinics.backups import taking, timetable
from clinics.backups.archive import Damaged
from clinics.backups.checking import prove
from clinics.backups.models import Backup, BackupTry
from clinics.backups.programs import ProgramFailed
from clinics.models import Clinic
from clinics.tenancy import outside

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 45.0
"""A pass begins no further clinic after this long; the next pass is a minute after it began."""
PROVE_EVERY = timedelta(days=6)
"""One backup in so long is brought back for trial; `clinics.fleet.board` is red after eight days."""
FAILURES = (ProgramFailed, Damaged, OSError, DatabaseError, psycopg.Error)


def keep_due(*, now: datetime | None = None, budget_seconds: float = BUDGET_SECONDS) -> int:
    """Back up the clinics that are due, one after the other; returns how many were. Nothing without a `BACKUP_DIR`.

    A try that fails ends the pass: a full disk fails every clinic alike, and each is tried again by itself.
    """
    if settings.BACKUPS is None:
        return 0
    done: set[int] = set()
    until = time.monotonic() + budget_seconds
    with outside(), locks.alone("nightly backups") as alone:
        while alone and (clinic := _next(now or timezone.now(), done)) and _keep(clinic, settings.BACKUPS.folder):
            done.add(clinic.pk)
            if time.monotonic() > until:
                break
    return len(done)


def _next(now: datetime, done: Collection[int]) -> Clinic | None:
    """Of the clinics that are due, the one that was kept longest ago; suspended ones are kept too."""
    clinics = Clinic.objects.exclude(schema_name="public").exclude(pk__in=done).select_related("backup_try")
    for clinic in clinics.order_by(F("backup_try__made_at").asc(nulls_first=True), "pk"):
        last = getattr(clinic, "backup_try", None)
        if last and last.failures and now < timetable.next_try(last.began_at, last.failures):
            continue
        if timetable.is_due(last and last.made_at, now, clinic.timezone):
            return clinic
    return None


def _keep(clinic: Clinic, folder: Path) -> bool:
    BackupTry.objects.get_or_create(clinic=clinic)
    row = BackupTry.objects.filter(clinic=clinic)
    row.update(began_at=Now(), failures=F("failures") + 1)
    try:
        made = _make(clinic, folder)
        row.update(failures=0, code="", made_at=Now())
        _thin_out(clinic, folder)
        _bring_back_for_trial(clinic, folder / made.file)
    except FAILURES as failure:
        told = _told(failure)
        logger.error("clinic %s: the nightly backup failed: %s", clinic.public_id, told)
        row.update(code=told)
        return False
    return True


def _make(clinic: Clinic, folder: Path) -> Backup:
    """A backup that was read back to its end; one that does not open is none and is taken away.

    The folder is not made here: where a disk is not mounted, its backups would lie beside what they are backups of.
    """
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "BACKUP_DIR is not there", str(folder))
    taking.clear_unfinished(folder)
    made = taking.backup(clinic, folder)
    try:
        prove(folder / made.file)
    except Damaged:
        (folder / made.file).unlink()
        made.delete()
        raise
    return made


def _thin_out(clinic: Clinic, folder: Path) -> None:
    """Delete the clinic's old backups of this folder that were read back; what lies elsewhere is somebody else's."""
    files = {one: folder / one.file for one in Backup.objects.filter(clinic=clinic, verified_at__isnull=False)}
    here = {one: path for one, path in files.items() if path.is_file()}
    moments = [one.made_at for one in here]
    stays = timetable.to_keep(moments, clinic.timezone, days=settings.BACKUPS.days, weeks=settings.BACKUPS.weeks)
    for one, path in here.items():
        if one.made_at not in stays:
            path.unlink()
            one.delete()


def _bring_back_for_trial(clinic: Clinic, path: Path) -> None:
    """Now and then, where the role may make a database; else `verify_backup --restore` is somebody's task."""
    proved = Backup.objects.filter(clinic=clinic, restored=True).aggregate(last=Max("verified_at"))["last"]
    if proved is None or timezone.now() - proved > PROVE_EVERY:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            (allowed,) = cursor.fetchone()
        if allowed:
            prove(path, restoring=True)


def _told(failure: Exception) -> str:
    """In words, without a path or a row."""
    if isinstance(failure, OSError):
        return failure.strerror or type(failure).__name__
    if isinstance(failure, ProgramFailed | Damaged):
        return str(failure)[:200]
    cause = failure.__cause__ or failure
    return f"{type(failure).__name__} {getattr(cause, 'sqlstate', None) or ''}".strip()
