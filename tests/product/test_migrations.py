"""What a migration may do: nothing that the release before it could not bear, while calls are answered.

During a deployment old code runs on the new schema, and after a rollback it does so for good. So a release adds; the
one after it may take away. What locks a table while it scans it, rewrites it or builds an index is refused as well:
every turn of every call would wait. How to do it instead: docs/migrations.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import PostgresqlAnalyser, analyse_sql_statements

from clinics.models import Clinic
from clinics.tenancy import inside, outside

SHIPPED = {
    "calls": "0010_recordings",
    "clinics": "0005_first_providers",
    "escalations": "0007_no_plain_columns",
    "notifications": "0009_missed_call",
    "people": "0006_a_new_address",
    "practice": "0020_more_artefacts",
    "tasks": "0008_desk",
}
"""The last migrations from before there was a linter: what it finds in them is in docs/migrations.md, and why."""
YOUNG = "no release is out yet, so no code runs beside it that would leave the column out"
ACCEPTED: dict[tuple[str, str], tuple[set[str], str]] = {
    ("clinics", "0007_language"): ({"NOT_NULL"}, YOUNG),
    ("people", "0007_language"): ({"NOT_NULL"}, YOUNG),
    ("clinics", "0009_models"): (
        {"DATA", "RUNPYTHON_MODEL_VARIABLE_NAME"},
        "two rows of the shared table of providers, both off: nobody waits for them, and old code reads past them",
    ),
    ("tasks", "0009_open_by_priority"): (
        {"CREATE_INDEX"},
        "no release is out yet, so no clinic has a table whose index takes longer than a call can wait",
    ),
    ("clinics", "0010_sites_and_the_telephone_network"): (
        {"DATA", "RUNPYTHON_MODEL_VARIABLE_NAME"},
        "one row of the shared table of providers, of a capability that old code does not ask for",
    ),
}
"""Later ones that were looked at: which findings are right all the same, and why."""


def ours() -> set[str]:
    return {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}


Key = tuple[str, str]


def walk(tried: migrations.Migration | None = None) -> Iterator[tuple[Key, migrations.Migration, list[str]]]:
    """Every new migration of ours in order with its SQL, or only one that was never shipped, after all of them.

    An app of the clinics is written for inside one, or the router leaves all of it out.
    """
    loader, state = MigrationLoader(connection, replace_migrations=False), ProjectState()
    plan = dict.fromkeys(key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf))
    ordered = sorted((loader.get_migration(*key) for key in plan), key=is_new)  # old ones only move the state: quick
    for migration in [*ordered, *([tried] if tried else [])]:
        if migration is tried or (tried is None and is_new(migration)):
            with _at_home(migration.app_label), connection.schema_editor(collect_sql=True, atomic=False) as editor:
                state = migration.apply(state, editor, collect_sql=True)
            yield (migration.app_label, migration.name), migration, editor.collected_sql
        else:
            state = migration.mutate_state(state, preserve=False)


def is_new(migration: migrations.Migration) -> bool:
    return migration.app_label in ours() and migration.name > SHIPPED.get(migration.app_label, "")


def _at_home(label: str) -> AbstractContextManager[object]:
    shared = apps.get_app_config(label).name not in settings.TENANT_APPS
    return outside() if shared else inside(Clinic.objects.get(slug="north"))


def findings(linter: MigrationLinter, migration: migrations.Migration, sql: list[str]) -> set[str]:
    found = [issue for some in analyse_sql_statements(PostgresqlAnalyser, sql) for issue in some]
    found += [issue for some in linter.analyse_data_migration(migration) for issue in some]
    moves_data = any(isinstance(one, migrations.RunPython) for one in migration.operations)
    return {issue.code for issue in found} | ({"DATA"} if moves_data else set()) | scans(sql)


def scans(sql: Sequence[str]) -> set[str]:
    """A check of a table that has rows reads all of them under a lock, unless it is added as not valid."""
    added = {match[1] for line in sql if (match := re.match(r'ALTER TABLE ("\w+") ADD CONSTRAINT .* CHECK ', line))}
    valid = {table for table in added if not any("NOT VALID" in line for line in sql if table in line)}
    return {"CHECK_SCANS"} if valid - {line.split()[2] for line in sql if line.startswith("CREATE TABLE")} else set()


@pytest.fixture(scope="module")
def linter(django_db_setup: None, django_db_blocker: object) -> Iterator[MigrationLinter]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield MigrationLinter(no_cache=True, no_output=True)


@pytest.mark.django_db(transaction=True)  # an index built CONCURRENTLY refuses to be one's, even where only told
def test_every_migration_can_be_borne_by_the_release_before_it(linter: MigrationLinter) -> None:
    found = {key: codes for key, migration, sql in walk() if (codes := findings(linter, migration, sql))}

    assert {key: codes for key, codes in found.items() if codes - ACCEPTED.get(key, (set(), ""))[0]} == {}
    assert {key: codes for key, (codes, _) in ACCEPTED.items() if codes != found.get(key)} == {}, "accepted for nothing"


def tried(operation: Operation) -> migrations.Migration:
    """One that was never shipped."""
    migration = migrations.Migration("9999_tried", "tasks")
    migration.operations = [operation]
    return migration


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (migrations.RemoveField("task", "version"), "DROP_COLUMN"),
        (migrations.RenameField("task", "version", "revision"), "RENAME_COLUMN"),
        (migrations.DeleteModel("note"), "DROP_TABLE"),
        (migrations.AddField("task", "owner", models.IntegerField(default=0)), "NOT_NULL"),
        (migrations.AlterField("task", "version", models.TextField()), "ALTER_COLUMN"),
        (migrations.AddIndex("task", models.Index(fields=["version"], name="task_version")), "CREATE_INDEX"),
        (migrations.AddConstraint("task", models.CheckConstraint(condition=models.Q(version__gt=0), name="v")),
         "CHECK_SCANS"),
        (migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop), "DATA"),
    ],
)  # fmt: skip
def test_what_is_unsafe_is_refused(linter: MigrationLinter, operation: Operation, code: str) -> None:
    ((_, migration, sql),) = walk(tried(operation))

    assert code in findings(linter, migration, sql)


@pytest.mark.django_db
def test_what_only_adds_is_not(linter: MigrationLinter) -> None:
    ((_, migration, sql),) = walk(tried(migrations.AddField("task", "owner", models.IntegerField(db_default=0))))

    assert "ADD COLUMN" in " ".join(sql)
    assert findings(linter, migration, sql) == set()
