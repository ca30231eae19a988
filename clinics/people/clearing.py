"""What signing in leaves behind and nobody needs: sessions that ended, and counts of tries from long ago."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from clinics.people.models import Session, SignInTries
from clinics.people.tries import KNOWN_FOR, WINDOW


def clear_what_is_over() -> int:
    """Delete it in the current schema; returns how many rows. Links stay: they say who was let in by whom."""
    now = timezone.now()
    sessions, _ = Session.objects.filter(expire_date__lte=now).delete()
    unknown = Q(succeeded_at=None) | Q(succeeded_at__lt=now - KNOWN_FOR)
    tries, _ = SignInTries.objects.filter(unknown, since__lt=now - WINDOW).delete()
    return sessions + tries
