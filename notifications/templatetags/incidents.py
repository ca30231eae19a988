"""The alarm box of the operators' admin: what is wrong on the platform now, on every page of it."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import connection
from django.template import Context

from clinics.people.roles import Role
from clinics.tenancy import PUBLIC
from notifications.models import Incident

register = template.Library()
SHOWN = 5


@register.inclusion_tag("clinics/admin/incidents.html", takes_context=True)
def open_incidents(context: Context) -> dict[str, Any]:
    """The open incidents, the oldest first; nothing for who is no operator, and nothing of any patient."""
    user = context.get("user")
    if connection.schema_name != PUBLIC or user is None or getattr(user, "role", "") != Role.OPERATOR:
        return {"incidents": []}
    found = list(Incident.objects.filter(closed_at=None).select_related("clinic").order_by("opened_at")[: SHOWN + 1])
    return {"incidents": found[:SHOWN], "more": len(found) > SHOWN}
