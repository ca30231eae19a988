"""The canary: an event of the platform's own that comes down the whole road and lands as the worker's heartbeat."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import PUBLIC
from notifications import events


def announce_canary() -> None:
    """Row, nudge, plan, claim, delivery: as for any event. A second one within ten seconds is the same one."""
    slot = int(timezone.now().timestamp()) // 10
    with transaction.atomic():
        events.write(
            platform(),
            kind="system.canary",
            about=uuid.uuid5(uuid.NAMESPACE_OID, str(slot)),
            path="/",
            key=f"system.canary:{slot}",
        )


def platform() -> Clinic:
    """The public schema's row among the clinics, made at first use: events belong to one."""
    found = Clinic.objects.filter(schema_name=PUBLIC).first()
    if found is None:
        # In bulk: saving a clinic creates its schema, and this one is there.
        Clinic.objects.bulk_create(
            [Clinic(schema_name=PUBLIC, slug="platform", name="The platform")], ignore_conflicts=True
        )
        found = Clinic.objects.get(schema_name=PUBLIC)
    return found
