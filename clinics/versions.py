"""Whether a clinic's schema holds everything the running code expects.

The search path of a clinic is "clinic, public", so a table that is missing in the clinic silently becomes the public
one of the same name (users, sessions). A schema that is behind is therefore not served at all.
"""

from __future__ import annotations

from functools import lru_cache

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from clinics.remembered import Remembered

_RECHECK_COMPLETE = 60.0
_RECHECK_BEHIND = 3.0
_missing: Remembered[str, str] = Remembered(seconds=_RECHECK_COMPLETE)


def what_is_missing(schema: str) -> str:
    """The first table or migration that a clinic's schema lacks, as known lately; "" when it is complete."""
    return _missing.get(
        schema,
        lambda: find_missing(schema),
        seconds=lambda missing: _RECHECK_BEHIND if missing else _RECHECK_COMPLETE,
    )


def find_missing(schema: str) -> str:
    """The same, from the catalogue, now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
            [schema],
        )
        lacking = expected_tables() - {name for (name,) in cursor.fetchall()}
        if lacking:
            return f"table {min(lacking)}"
        quoted = connection.ops.quote_name(schema)
        cursor.execute(f"SELECT app, name FROM {quoted}.django_migrations")  # noqa: S608 (a schema of the catalogue)
        behind = newest_migrations() - set(cursor.fetchall())
    return "migration {}.{}".format(*min(behind)) if behind else ""


@lru_cache(maxsize=1)
def expected_tables() -> frozenset[str]:
    """The tables of every app that lives in the clinics' schemas."""
    tables = {"django_migrations"}
    for config in apps.get_app_configs():
        if config.name in settings.TENANT_APPS:
            models = config.get_models(include_auto_created=True)
            tables |= {model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy}
    return frozenset(tables)


@lru_cache(maxsize=1)
def newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration on disk of each app: django-tenants records all of them in every schema."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
