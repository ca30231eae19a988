"""Making a backup of one clinic: its schema, its shared rows, its files, all of one moment, encrypted as it streams."""

from __future__ import annotations

import fcntl
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from clinics.backups import archive, checksums, programs
from clinics.backups.folders import folders
from clinics.backups.models import Backup
from clinics.backups.shared_rows import shared_tables
from clinics.models import Clinic
from clinics.tenancy import outside

UNFINISHED = ".part"
SCHEMA = "schema.dump"
SHARED = "shared/"
FILES = "files.tar"


def backup(clinic: Clinic, folder: Path) -> Backup:
    """Write the backup into `folder` and note it. A file that was not finished is not left behind.

    The dump, the rows and the sums in the manifest are of one snapshot, so the clinic works on meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    moment = timezone.now()
    target = folder / f"{clinic.slug}-{moment:%Y%m%dT%H%M%S%f}Z.cliniqai"
    half = target.with_suffix(UNFINISHED)
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file, outside():
            fcntl.flock(file, fcntl.LOCK_EX)
            _write(clinic, file, moment.isoformat())
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
    with outside():
        size, digest = target.stat().st_size, archive.digest_of(target)
        return Backup.objects.create(clinic=clinic, file=target.name, digest=digest, size=size)


def clear_unfinished(folder: Path) -> None:
    """Take away what processes that were killed have left half written; whoever writes one now holds a lock on it."""
    for half in folder.glob(f"*{UNFINISHED}"):
        with half.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            half.unlink(missing_ok=True)


def _write(clinic: Clinic, file: BinaryIO, moment: str) -> None:
    about = {"clinic": str(clinic.public_id), "slug": clinic.slug, "schema": clinic.schema_name, "made_at": moment}
    writer = archive.Writer(file, about)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        _dump(writer, clinic.schema_name, cursor.fetchone()[0])
        rows = _copy_shared(writer, clinic, cursor)
        sums = checksums.sums_of(cursor, clinic.schema_name)
        foreign_keys = checksums.foreign_keys(cursor, clinic.schema_name)
        cursor.execute(f"SELECT app, name FROM {connection.ops.quote_name(clinic.schema_name)}.django_migrations")  # noqa: S608
        migrations = sorted(f"{app}.{name}" for app, name in cursor.fetchall())
    _tar(writer, clinic)
    writer.finish(
        {"tables": sums, "foreign_keys": foreign_keys, "shared": rows, "migrations": migrations,
         "clinic_id": clinic.pk, "postgresql": connection.pg_version}
    )  # fmt: skip


def _dump(writer: archive.Writer, schema: str, snapshot: str) -> None:
    wanted = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f'--schema="{schema}"']
    with writer.part(SCHEMA) as write:
        for piece in programs.output_of(programs.program("pg_dump"), *wanted):
            write(piece)


def _copy_shared(writer: archive.Writer, clinic: Clinic, cursor: Any) -> dict[str, list[Any]]:
    """The shared rows as PostgreSQL writes them out; the columns go along, for a later release has others."""
    told: dict[str, list[Any]] = {}
    for one in shared_tables():
        columns = ", ".join(f'"{column}"' for column in one.columns)
        with writer.part(f"{SHARED}{one.label}") as write:
            write(json.dumps(one.columns).encode() + b"\n")
            mine = one.mine % int(clinic.pk)  # with DEBUG the cursor of Django's takes no parameters here
            wanted = f'COPY (SELECT {columns} FROM public."{one.table}" WHERE {mine}) TO STDOUT'  # noqa: S608
            with cursor.copy(wanted) as copy:
                for piece in copy:
                    write(bytes(piece))
        cursor.execute(f'SELECT count(*) FROM public."{one.table}" WHERE {one.mine}', [clinic.pk])  # noqa: S608
        told[one.label] = [cursor.fetchone()[0]]
    return told


class _Pipe:
    """A file that passes on what is written to it."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(bytes(data))
        return len(data)


def _tar(writer: archive.Writer, clinic: Clinic) -> None:
    """The clinic's files, by the storage that keeps them."""
    with writer.part(FILES) as write, tarfile.open(fileobj=_Pipe(write), mode="w|") as tar:  # type: ignore[call-overload]
        for name, folder in folders(clinic.schema_name).items():
            if folder.is_dir():
                tar.add(folder, arcname=name)
