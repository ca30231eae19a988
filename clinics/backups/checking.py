"""Proving a backup: that the file is whole and opens, and, when asked, that it comes back with every row."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.db.models.functions import Now
from psycopg import sql

from clinics.backups import checksums, programs
from clinics.backups.archive import Damaged, Reader, digest_of
from clinics.backups.models import Backup
from clinics.backups.taking import SCHEMA, SHARED
from clinics.tenancy import outside


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found in a whole backup."""

    about: dict[str, str]
    manifest: dict[str, Any]

    @property
    def rows(self) -> int:
        return sum(count for count, _ in self.manifest["tables"].values())


def prove(path: Path, *, restoring: bool = False) -> Proof:
    """Read a backup to its end; with `restoring` bring its schema back into a database of its own and count.

    Raises `Damaged`. The proof is noted with the backup.
    """
    with path.open("rb") as file:
        reader = Reader(file)
        seen = set()
        with _scratch() if restoring else _nowhere() as database:
            for name, data in reader.parts():
                seen.add(name)
                if name == SCHEMA and database:
                    _restore(data, database)
            proof = Proof(reader.about, reader.manifest)
            _judge(proof, seen)
            if database:
                _compare(proof, database)
    with outside():
        noted = Backup.objects.filter(digest=digest_of(path))
        noted.update(verified_at=Now(), **({"restored": True} if restoring else {}))
    return proof


def _judge(proof: Proof, seen: set[str]) -> None:
    wanted = {SCHEMA, *(f"{SHARED}{label}" for label in proof.manifest["shared"])}
    if wanted - seen or set(proof.manifest["parts"]) != seen:
        raise Damaged("The backup lacks a part.")


def _restore(data: Iterator[bytes], database: str) -> None:
    command = [programs.program("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner"]
    with programs.input_of(*command, f"--dbname={database}") as write:
        for piece in data:
            write(piece)


def _compare(proof: Proof, database: str) -> None:
    params = {**connection.get_connection_params(), "dbname": database}
    known = {name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)}
    with psycopg.connect(**known) as there, there.cursor() as cursor:
        compare(proof, cursor)


def compare(proof: Proof, cursor: Any) -> None:
    """Raise `Damaged` when the schema, as a cursor sees it, is not the one of the manifest."""
    schema = proof.about["schema"]
    found = checksums.sums_of(cursor, schema)
    kept = proof.manifest["tables"]
    if other := sorted(table for table in found.keys() | kept.keys() if found.get(table) != kept.get(table)):
        raise Damaged(f"Not as it was kept: {', '.join(other[:5])}.")
    if checksums.foreign_keys(cursor, schema) != proof.manifest["foreign_keys"]:
        raise Damaged("A foreign key was lost.")


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


@contextmanager
def _scratch() -> Iterator[str]:
    """An empty database beside ours, gone afterwards. The role must be allowed to make one."""
    name = f"proof_{secrets.token_hex(6)}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
