"""Where the people of an event live: in a clinic's schema, or in public for what the platform tells its operators."""

from __future__ import annotations

from clinics.models import Clinic
from clinics.tenancy import PUBLIC, NoClinic, clinic_by_schema


def home_of(schema: str) -> Clinic:
    """The clinic of an event's schema, the platform's own row for the public one. Raises `NoClinic`."""
    if schema != PUBLIC:
        return clinic_by_schema(schema)
    platform = Clinic.objects.filter(schema_name=PUBLIC).first()
    if platform is None:
        raise NoClinic("The platform has no row of its own yet.")
    return platform
