"""From troubles to incidents: one row and one announcement when trouble begins, closed when it is over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import outside
from notifications import events
from notifications.canary import platform
from notifications.watching.measuring import measure
from notifications.watching.models import Incident
from notifications.watching.policy import CUT_OFF, UNANSWERED, Trouble, troubles

EVERY_SECONDS = 10.0
FIRST_SECONDS = 60.0
"""After a start everybody gets this long to be heard: what was silent overnight was turned off."""

_looked_at = time.monotonic() + FIRST_SECONDS - EVERY_SECONDS

QUIET_SECONDS = 120
"""How long a measure must be back inside its limit; a value that swings around it is one incident, not ten."""

_OPEN = """
INSERT INTO public.notifications_incident (id, name, clinic_id, worst)
VALUES (gen_random_uuid(), %(name)s, %(clinic)s, %(value)s)
ON CONFLICT (name, clinic_id) WHERE closed_at IS NULL
DO UPDATE SET seen_at = clock_timestamp(), worst = greatest(notifications_incident.worst, excluded.worst)
RETURNING id, xmax = 0"""

_CLOSE = """
UPDATE public.notifications_incident SET closed_at = clock_timestamp()
WHERE closed_at IS NULL AND seen_at < clock_timestamp() - %(quiet)s * interval '1 second'"""


def look() -> int:
    """Measure, open what is new, close what is over; returns how many incidents were opened. Any process may look."""
    with outside():
        found = troubles(measure())
        opened = sum(_note(trouble) for trouble in found)
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, {"quiet": QUIET_SECONDS})
    return opened


def look_now_and_then() -> int:
    """The same as a chore of the sweeper, whose passes follow each other faster than anything here changes."""
    global _looked_at  # noqa: PLW0603  (one clock per process)
    if time.monotonic() - _looked_at < EVERY_SECONDS:
        return 0
    _looked_at = time.monotonic()
    return look()


def _note(trouble: Trouble) -> bool:
    """Write the trouble down; say it to people only when it is new."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, {"name": trouble.name, "clinic": trouble.clinic, "value": trouble.value})
            incident_id, new = cursor.fetchone()
        if new:
            _tell(incident_id, trouble)
    return bool(new)


def _tell(incident_id: UUID, trouble: Trouble) -> None:
    """The operators by letter and text, and the admins of the clinic that it is about in their portal."""
    events.write(
        platform(),
        kind="system.incident",
        about=incident_id,
        path=f"/admin/notifications/incident/{incident_id}/change/",
        key=f"system.incident:{incident_id}",
        audience=_operators(),
    )
    if trouble.name in (UNANSWERED, CUT_OFF):  # the clinic's admins hear of it from where it happens
        return
    clinic = Clinic.objects.open().filter(pk=trouble.clinic).first() if trouble.clinic else None
    if clinic is not None:
        events.write(
            clinic,
            kind="delivery.trouble",
            about=incident_id,
            path="/deliveries/",
            key=f"delivery.trouble:{incident_id}",
        )


def _operators() -> Sequence[UUID]:
    return list(User.objects.active().filter(role=Role.OPERATOR).values_list("pk", flat=True))


def open_incidents(clinic: Clinic | None = None) -> list[Incident]:
    """Those that are open now: of one clinic, or all."""
    found = Incident.objects.filter(closed_at=None).select_related("clinic")
    return list(found if clinic is None else found.filter(clinic=clinic))
