"""What a person does with their own inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from clinics.people.models import User
from clinics.tenancy import current_clinic
from notifications.models import Notification, NotificationQuerySet

UNDO_SECONDS = 10
UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 5)
ARCHIVED_AFTER = timedelta(days=30)


def inbox(*, by: User) -> NotificationQuerySet:
    """A person's own lines in the clinic they are signed in to; the only way to them from a request."""
    return Notification.objects.of(clinic=current_clinic(), person=by.pk).visible_to(by)


def mark_read(*, by: User, notification_id: UUID) -> Notification:
    """Mark one line as read, once. Raises `Notification.DoesNotExist` for anyone else's."""
    inbox(by=by).filter(pk=notification_id, read_at=None).update(read_at=Now())
    return inbox(by=by).get(pk=notification_id)


def mark_all_read(*, by: User, up_to: datetime | None = None) -> int:
    """Mark what the person has seen as read: lines that came after `up_to` stay unread."""
    seen = Q() if up_to is None else Q(created_at__lte=up_to)
    return inbox(by=by).unread().filter(seen).update(read_at=Now())


def clear_read(*, by: User) -> tuple[int, datetime]:
    """Take read lines off the list; unread ones and those of escalations stay. Returns how many, and when: the undo."""
    moment = timezone.now()
    read = inbox(by=by).shown().exclude(read_at=None).exclude(kind__startswith="escalation.")
    return read.update(cleared_at=moment), moment


def bring_back(*, by: User, cleared_at: datetime) -> int:
    """Undo one clearing, moments after it."""
    if timezone.now() - cleared_at > UNDO_WITHIN:
        return 0
    return inbox(by=by).filter(cleared_at=cleared_at).update(cleared_at=None)


def archive_old() -> int:
    """Take every clinic's lines of more than 30 days off the lists; they stay on record."""
    old = Notification.objects.shown().filter(created_at__lt=timezone.now() - ARCHIVED_AFTER)
    return old.update(cleared_at=Now())
