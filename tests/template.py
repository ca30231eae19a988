"""The tests' database as it was built once, kept in the same PostgreSQL and copied for each run.

Building takes half a minute of migrations for three schemas, a copy a fraction of a second. A copy is good only for
the code and the keys it was built with, so its name is their digest: whatever changes, the next run builds anew. Each
worker has a PostgreSQL of its own, so the first one writes the database down for the others, who wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from clinics.backups import programs
from cliniqai.embedded.for_pytest import EMBEDDED
from cliniqai.embedded.locks import Lock

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "tests_built_"
BUILT_BY = (
    "*/migrations/*.py", "*/*/migrations/*.py", "*/models.py", "*/*/models.py", "clinics/**/*.py", "cliniqai/*.py",
    "tests/conftest.py", "tests/baseline.py", "tests/hashers.py", "requirements.txt",
)  # fmt: skip


def name() -> str:
    """What the kept database of this code and these keys is called."""
    digest = sha256()
    for path in sorted({path for pattern in BUILT_BY for path in ROOT.glob(pattern)}):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    digest.update("\0".join([settings.SECRET_KEY, os.environ.get("FIELD_KEYS", "")]).encode())
    return PREFIX + digest.hexdigest()[:20]


@contextmanager
def alone() -> Iterator[None]:
    """While no other worker builds."""
    written = _written()
    if written is None:
        yield
        return
    lock = Lock(written.with_name("building.lock"))
    lock.take()
    try:
        yield
    finally:
        lock.close()


def _written() -> Path | None:
    """Where the kept database is written down for the workers; None where they share a PostgreSQL that is not ours."""
    folder = os.environ.get(EMBEDDED)
    return Path(folder) / "tests" / f"{name()}.dump" if folder else None


def copy_to(database: str) -> bool:
    """Make the tests' database from the kept one; False when none is kept for this code."""
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        if name() not in _kept(cursor) and not _read(cursor):
            return False
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{name()}"')
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database
    return True


def keep(database: str) -> None:
    """Keep the database that was just built, in place of any older one. Nobody may be connected to it."""
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        for old in _kept(cursor):
            cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name()}" TEMPLATE "{database}"')
    _write()


def _write() -> None:
    """Write the kept database down, in place of any older one."""
    written = _written()
    if written is None:
        return
    for old in written.parent.glob(f"{PREFIX}*"):
        old.unlink()
    half = written.with_suffix(".new")
    command = [programs.program("pg_dump"), "--format=custom", "--compress=none", "--no-owner", f"--dbname={name()}"]
    with half.open("wb") as file:
        file.writelines(programs.output_of(*command))
    half.rename(written)


def _read(cursor: Any) -> bool:
    """Keep what another worker has written down; False when there is nothing."""
    written = _written()
    if written is None or not written.exists():
        return False
    for old in _kept(cursor):
        cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
    half = f"{PREFIX}half"
    cursor.execute(f'CREATE DATABASE "{half}" TEMPLATE template0')
    command = [programs.program("pg_restore"), "--exit-on-error", "--no-owner", f"--dbname={half}", str(written)]
    for _ in programs.output_of(*command):
        pass
    connection.close()
    cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name()}"')
    return True


def drop(database: str, *, original: str) -> None:
    """Take the tests' database away and look at the original one again."""
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = original


def _kept(cursor: Any) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return [row[0] for row in cursor.fetchall()]
