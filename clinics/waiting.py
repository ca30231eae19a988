"""In which clinics something waits: asked of fifty schemas in one planned statement, not by entering each of them.

A pass that runs by itself every few seconds mostly finds nothing to do. To enter a clinic and look costs a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from clinics.models import Clinic
from clinics.tenancy import inside, outside

SCHEMAS_A_QUERY = 50

# Only clinics whose schema has the table: one that is not migrated yet must not stop the others.
_SCHEMAS = """
SELECT k.schema_name FROM public.clinics_clinic k
JOIN pg_catalog.pg_tables t ON t.schemaname = k.schema_name AND t.tablename = %s
WHERE k.suspended_at IS NULL AND k.schema_name <> 'public' ORDER BY k.schema_name"""


def schemas_with(table: str, condition: str) -> list[str]:
    """The schemas of open clinics in whose `table` some row fulfils the SQL `condition`; both are our own words."""
    with connection.cursor() as cursor:
        cursor.execute(_SCHEMAS, [table])
        schemas = [row[0] for row in cursor.fetchall()]
    found: list[str] = []
    for begin in range(0, len(schemas), SCHEMAS_A_QUERY):
        some = schemas[begin : begin + SCHEMAS_A_QUERY]
        with connection.planned_cursor() as cursor:
            cursor.execute(_asked(some, table, condition))
            found += [some[place] for (place,) in cursor.fetchall()]
    return found


def _asked(schemas: list[str], table: str, condition: str) -> str:
    quote = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT {place} WHERE EXISTS (SELECT FROM {quote(schema)}.{quote(table)} WHERE {condition})"  # noqa: S608
        for place, schema in enumerate(schemas)
    )


def clinics_with(table: str, condition: str) -> Iterator[Clinic]:
    """Those clinics, each with its schema entered, and left before the next."""
    with outside():
        clinics = list(Clinic.objects.open().filter(schema_name__in=schemas_with(table, condition)))
    for clinic in clinics:
        with inside(clinic):
            yield clinic
