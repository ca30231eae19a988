"""The tests' database as it was built once, kept in the same PostgreSQL and copied for each run.

Building takes half a minute of migrations for three schemas, a copy a fraction of a second. A copy is good only for
the code and the keys it was built with, so its name is their digest: whatever changes, the next run builds anew.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

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


def copy_to(database: str) -> bool:
    """Make the tests' database from the kept one; False when none is kept for this code."""
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        if name() not in _kept(cursor):
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


def drop(database: str, *, original: str) -> None:
    """Take the tests' database away and look at the original one again."""
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = original


def _kept(cursor: Any) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return [row[0] for row in cursor.fetchall()]
