"""Makes the snapshot of a clinic as an earlier release left it: by that release's own migrations, then pg_dump.

Only for a new snapshot, inside the tests' database: an old one is what it is, and is never made again.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinics.backups import programs
from clinics.tenancy import inside
from tests.backups.conftest import bare_clinic
from tests.sealing.test_migrating import _old_rows

HERE = Path(__file__).parent
NODES = {
    "calls": "0004_corrections",
    "tasks": "0004_asked_doctors",
    "escalations": "0004_steps_by_the_databases_clock",
    "people": "0003_auditors",
    "practice": "0007_sensitive_calls",
    "clinics": "0002_drills",
    "notifications": "0007_call_of_an_event",
}


def make(name: str) -> Path:
    clinic = bare_clinic("older")
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA older")
    with inside(clinic):
        executor = MigrationExecutor(connection)
        leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in NODES]
        executor.migrate([*leaves, *NODES.items()])
        _old_rows()
    target = HERE / f"{name}.sql"
    command = [programs.program("pg_dump"), "--no-owner", "--inserts", "--schema=older"]
    lines = b"".join(programs.output_of(*command)).decode().splitlines()
    comments = ("--", "\\", "SET ", "SELECT pg_catalog.set_config")
    kept = [line for line in lines if line and not line.startswith(comments)]
    target.write_text("\n".join(kept) + "\n")
    return target
