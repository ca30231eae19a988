"""Bringing one clinic back from its backup, beside all others, without telling anybody anything.

The clinic is closed first and its present schema is put aside, not dropped: until every row has been counted the way
back is a rename. It comes back closed, and a person opens it.
"""

from __future__ import annotations

import logging
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import now
from django_tenants.utils import schema_exists

from clinics import audit
from clinics.backups import programs
from clinics.backups.archive import Reader
from clinics.backups.bringing_back import Brought, bring_back
from clinics.backups.checking import Proof, compare, prove
from clinics.backups.folders import folders
from clinics.backups.quieting import quiet_inside, quiet_shared
from clinics.backups.shared_rows import shared_tables
from clinics.backups.taking import FILES, SCHEMA, SHARED
from clinics.fleet.upgrading import Patience, upgrade
from clinics.models import Clinic
from clinics.remembered import forget_everything
from clinics.sealing import keys
from clinics.tenancy import inside, outside

logger = logging.getLogger(__name__)

ASIDE = "_before_restoring"
SETTLE = 6.0
"""Seconds after which no process believes any more that the clinic is open."""


class Refused(Exception):
    """This backup cannot be brought back here; the text says why."""


@dataclass
class Restored:
    """What came back: rows of the schema, shared rows by table, and what was stilled."""

    clinic: Clinic
    rows: int
    shared: dict[str, Brought] = field(default_factory=dict)
    stilled: dict[str, int] = field(default_factory=dict)


def restore(path: Path, *, settle: float = SETTLE) -> Restored:
    """Bring a clinic back as it was when the backup was made; it is left suspended.

    Raises `Damaged`, `Refused`, `Taken` or `ProgramFailed`, and leaves the clinic's data as it was before then.
    """
    proof = prove(path)
    with outside():
        _refuse_another(proof)
        _close(proof, settle)
        undo = _put_aside(proof.about["schema"])
        try:
            restored = _bring_back(path, proof)
        except BaseException:
            undo()
            raise
        _forget_the_old(proof.about["schema"])
    logger.warning("clinic %s was restored from a backup of %s", proof.about["clinic"], proof.about["made_at"])
    return restored


def _refuse_another(proof: Proof) -> None:
    known = Clinic.objects.filter(schema_name=proof.about["schema"]).first()
    if known is None and schema_exists(proof.about["schema"]):
        raise Refused("There is a schema of this name that belongs to no clinic.")
    if known is not None and known.public_id != UUID(proof.about["clinic"]):
        raise Refused("Another clinic has this name by now.")
    other = Clinic.objects.filter(pk=proof.manifest["clinic_id"]).exclude(public_id=UUID(proof.about["clinic"]))
    if other.exists():
        raise Refused("Another clinic has this clinic's number in the database by now.")


def _close(proof: Proof, settle: float) -> None:
    clinic = Clinic.objects.filter(public_id=UUID(proof.about["clinic"])).first()
    if clinic is not None and clinic.suspended_at is None:
        Clinic.objects.filter(pk=clinic.pk).update(suspended_at=now())
        time.sleep(settle)


def _put_aside(schema: str) -> Callable[[], None]:
    """Rename the schema and the folders of files; returns how to undo it."""
    aside = schema + ASIDE
    if schema_exists(aside):
        raise Refused(f"{aside} is left of another restore: look at it, then drop it.")
    there = schema_exists(schema)
    if there:
        _say(f"ALTER SCHEMA {_q(schema)} RENAME TO {_q(aside)}")
    moved = [folder for folder in folders(schema).values() if folder.is_dir()]
    for folder in moved:
        folder.rename(_beside(folder))

    def undo() -> None:
        connection.set_schema_to_public()
        _say(f"DROP SCHEMA IF EXISTS {_q(schema)} CASCADE")
        if there:
            _say(f"ALTER SCHEMA {_q(aside)} RENAME TO {_q(schema)}")
        for folder in folders(schema).values():
            shutil.rmtree(folder, ignore_errors=True)
        for folder in moved:
            _beside(folder).rename(folder)

    return undo


def _beside(folder: Path) -> Path:
    return folder.with_name(folder.name + ASIDE)


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _bring_back(path: Path, proof: Proof) -> Restored:
    tables = {f"{SHARED}{one.label}": one for one in shared_tables()}
    brought: dict[str, Brought] = {}
    number = proof.manifest["clinic_id"]
    with transaction.atomic(), path.open("rb") as file, connection.cursor() as cursor:
        for name, data in Reader(file).parts():
            if name == SCHEMA:
                _restore_schema(data)
            elif name in tables:
                brought[tables[name].label] = bring_back(tables[name], data, number, cursor)
            elif name == FILES:
                _unpack(data, proof.about["schema"])
        compare(proof, cursor)
        clinic = Clinic.objects.select_for_update().get(pk=number)
        Clinic.objects.filter(pk=number, suspended_at=None).update(suspended_at=now())
        stilled = quiet_shared(clinic)
    forget_everything()
    keys.forget(clinic.schema_name)
    clinic.refresh_from_db()
    upgrade(clinic, Patience())
    with inside(clinic), transaction.atomic():
        stilled |= quiet_inside()
        audit.record_change(by=None, of=clinic, changes={"restored": ("", proof.about["made_at"])})
    return Restored(clinic, proof.rows, brought, stilled)


def _restore_schema(data: Iterator[bytes]) -> None:
    """By a connection of its own, which is why the schema is dropped again should anything fail after it."""
    params = connection.get_connection_params()
    command = [programs.program("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner"]
    with programs.input_of(*command, f"--dbname={params['dbname']}") as write:
        for piece in data:
            write(piece)


class _Stream(RawIOBase):
    """Pieces as a file that is read once, from its beginning."""

    def __init__(self, data: Iterator[bytes]) -> None:
        self._data, self._held = data, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            piece = next(self._data, None)
            if piece is None:
                return 0
            self._held = piece
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size


def _unpack(data: Iterator[bytes], schema: str) -> None:
    """Each file into the folder of its storage."""
    known = folders(schema)
    with tarfile.open(fileobj=BufferedReader(_Stream(data)), mode="r|") as tar:
        for member in tar:
            name, _, member.name = member.name.partition("/")
            if name in known:
                known[name].mkdir(parents=True, exist_ok=True, mode=0o700)
                tar.extract(member, known[name], filter="data")


def _forget_the_old(schema: str) -> None:
    _say(f"DROP SCHEMA IF EXISTS {_q(schema + ASIDE)} CASCADE")
    for folder in folders(schema).values():
        shutil.rmtree(_beside(folder), ignore_errors=True)


def _q(name: str) -> str:
    return connection.ops.quote_name(name)
