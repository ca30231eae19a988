"""Bringing one clinic's schema up to date: alone, never waiting long for a lock, and with its outcome written down."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from dataclasses import dataclass

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now

from clinics.fleet.behind import is_behind
from clinics.fleet.models import Upgrade
from clinics.models import Clinic
from clinics.tenancy import inside, outside

logger = logging.getLogger(__name__)

LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Patience:
    """How a migration behaves towards calls: it gives a lock up after `lock_seconds`, lets everyone pass, and tries
    again up to `tries` times with a pause of up to `pause_seconds` in between."""

    lock_seconds: float = 2.0
    tries: int = 10
    pause_seconds: float = 3.0


def upgrade_public(patience: Patience) -> None:
    """The platform's own schema. Raises what the migration raises, once locks are not the reason."""
    for left in reversed(range(patience.tries)):
        try:
            with outside():
                _wait_no_longer_than(patience.lock_seconds)
                call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
            return
        except DatabaseError as error:
            if _code(error) != LOCK_NOT_AVAILABLE or not left:
                raise
            _begin_anew()
            time.sleep(random.uniform(0.2, 1.0) * patience.pause_seconds)


def upgrade(clinic: Clinic, patience: Patience) -> str | None:
    """Bring a clinic's schema up to date; "done", "failed", or None when another process is at it or was.

    The lock belongs to the connection, so one that dies gives it up, and whoever comes next goes on where it stopped:
    each migration is a transaction of its own, or may be interrupted and run again.
    """
    with outside():
        if not _take(clinic):
            return None
        try:
            if not is_behind(clinic):
                return None
            Upgrade.objects.update_or_create(
                clinic=clinic,
                defaults={
                    "state": Upgrade.State.RUNNING, "by": f"{socket.gethostname()[:60]}:{os.getpid()}",
                    "tries": 0, "stopped_at": "", "code": "", "began_at": Now(), "ended_at": None,
                },
            )  # fmt: skip
            state = _migrate(clinic, patience)
            logger.info("clinic %s: migrations %s", clinic.public_id, state)
            return state
        finally:
            _begin_anew()  # and with the connection goes the lock, whichever still has it


def _migrate(clinic: Clinic, patience: Patience) -> str:
    row = Upgrade.objects.filter(clinic=clinic)
    for tried in range(1, patience.tries + 1):
        try:
            _wait_no_longer_than(patience.lock_seconds)
            call_command("migrate_schemas", tenant=True, schema_name=clinic.schema_name, interactive=False, verbosity=0)
        except Exception as error:
            _begin_anew()
            code = _code(error)
            if code == LOCK_NOT_AVAILABLE and tried < patience.tries:
                time.sleep(random.uniform(0.2, 1.0) * patience.pause_seconds)
                _take(clinic)
                continue
            told = f"{type(error).__name__} {code}".strip()
            row.update(state=Upgrade.State.FAILED, stopped_at=_next_of(clinic), code=told, tries=tried, ended_at=Now())
            logger.error("clinic %s: a migration failed with %s", clinic.public_id, told)
            return Upgrade.State.FAILED
        row.update(state=Upgrade.State.DONE, tries=tried, ended_at=Now())
        return Upgrade.State.DONE
    raise AssertionError("the last try returns")


def _begin_anew() -> None:
    """A connection that knows of nothing: Django's editor leaves its transaction open when its last statements fail."""
    connection.close()
    del connections[DEFAULT_DB_ALIAS]
    connection.set_schema_to_public()


def _take(clinic: Clinic) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('migrate a clinic'), %s)", [clinic.pk])
        return cursor.fetchone()[0]


def _wait_no_longer_than(seconds: float) -> None:
    """For a lock: whoever waits for one on a table makes every later statement on that table wait behind it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{int(seconds * 1000)}ms"])


def _next_of(clinic: Clinic) -> str:
    """The migration that a schema would run next: the one that failed."""
    with inside(clinic):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{plan[0][0].app_label}.{plan[0][0].name}" if plan else ""


def _code(error: BaseException) -> str:
    """PostgreSQL's code of an error, or of what caused it; "" when there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if found := getattr(cause, "sqlstate", None):
            return str(found)
        cause = cause.__cause__
    return ""
