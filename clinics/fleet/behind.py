"""Which schemas lack a migration of the running code: asked of all schemas in a few queries, not of each in turn.

Entering a thousand schemas to learn that nothing is to be done takes minutes; reading their tables of migrations in one
statement per hundred takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection

from clinics.models import Clinic
from clinics.tenancy import PUBLIC, outside
from clinics.versions import newest_migrations

SCHEMAS_A_QUERY = 100
Key = tuple[str, str]

_RECORDED = "SELECT schemaname FROM pg_catalog.pg_tables WHERE tablename = 'django_migrations'"
_LACKING = (
    "SELECT %s, w.app, w.name FROM wanted w WHERE NOT EXISTS"
    " (SELECT FROM {schema}.django_migrations m WHERE m.app = w.app AND m.name = w.name)"
)
_WANTED = "WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS leaf (app, name)) "


def public_is_behind() -> bool:
    """Whether the platform's own schema lacks a migration; an empty database does."""
    return PUBLIC in lacking([PUBLIC], newest_migrations())


def clinics_behind(*, ring: str | None = None) -> list[Clinic]:
    """The clinics whose schema lacks a migration, suspended ones too, in the order of their schemas' names."""
    with outside():
        clinics = Clinic.objects.exclude(schema_name=PUBLIC).order_by("schema_name")
        if ring is not None:
            clinics = clinics.filter(ring=ring)
        rows = list(clinics)
    found = lacking([row.schema_name for row in rows], newest_migrations())
    return [row for row in rows if row.schema_name in found]


def is_behind(clinic: Clinic) -> bool:
    return clinic.schema_name in lacking([clinic.schema_name], newest_migrations())


def lacking(schemas: Sequence[str], migrations: Collection[Key]) -> dict[str, list[Key]]:
    """Which of these migrations each of these schemas lacks; one that lacks none is left out.

    A schema without a table of migrations lacks them all.
    """
    wanted = sorted(migrations)
    apps, names = [app for app, _ in wanted], [name for _, name in wanted]
    found: dict[str, list[Key]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RECORDED)
        recorded = {schema for (schema,) in cursor.fetchall()}
        found |= {schema: wanted for schema in schemas if schema not in recorded}
        asked = [schema for schema in schemas if schema in recorded]
        for begin in range(0, len(asked), SCHEMAS_A_QUERY):
            some = asked[begin : begin + SCHEMAS_A_QUERY]
            parts = [_LACKING.format(schema=connection.ops.quote_name(schema)) for schema in some]
            cursor.execute(_WANTED + " UNION ALL ".join(parts), [apps, names, *some])
            for schema, app, name in cursor.fetchall():
                found.setdefault(schema, []).append((app, name))
    return found
