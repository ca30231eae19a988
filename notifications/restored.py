"""A clinic that was brought back from a backup: what had not left by then never leaves."""

from __future__ import annotations

from django.db import connection

from clinics.models import Clinic

_EVENTS = """
UPDATE public.notifications_event SET state = 'cancelled', last_error_code = 'restored'
WHERE clinic_id = %s AND state = 'pending'"""

_DELIVERIES = """
UPDATE public.notifications_delivery
SET state = 'cancelled', last_error_code = 'restored', done_at = now(), lease_token = NULL, lease_expires_at = NULL
WHERE clinic_id = %s AND state IN ('pending', 'leased', 'sending', 'unknown')"""


def still(clinic: Clinic) -> int:
    """Cancel everything of a clinic that is not settled; returns how many events and deliveries."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [clinic.pk])
        events = cursor.rowcount
        cursor.execute(_DELIVERIES, [clinic.pk])
        return events + cursor.rowcount
