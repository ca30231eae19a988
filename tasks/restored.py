"""A clinic that was brought back from a backup: promises that broke meanwhile show as broken, and are not announced."""

from __future__ import annotations

from django.db.models.functions import Now

from tasks.ledger import Promise


def still() -> int:
    """Take every promise that is overdue by now as announced; returns how many."""
    overdue = Promise.objects.standing().filter(due_at__lte=Now(), noticed_at=None)
    return overdue.update(noticed_at=Now())
