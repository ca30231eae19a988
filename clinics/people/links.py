"""Links in letters: for one person of one clinic, good once and for a while. A token is kept nowhere, it is worked out.

A copy of the table opens nothing without the platform's key, and a link of one clinic says nothing in another.
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinics.people.models import OneTimeLink, Purpose

LIVES = {
    Purpose.INVITE: timedelta(days=3),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.MOVE: timedelta(minutes=60),
}
KINDS = {Purpose.INVITE: "person.invited", Purpose.RESET: "person.reset", Purpose.MOVE: "person.new_address"}


def token_of(link: OneTimeLink) -> str:
    """The secret half of a link; another once it was asked for again, or its person has a new password."""
    state = link.user.password if link.user else link.role
    about = f"link:{connection.schema_name}:{link.pk}:{link.purpose}:{link.email}:{link.expires_at.timestamp()}:{state}"
    digest = hmac.digest(settings.SECRET_KEY.encode(), about.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def path_of(link: OneTimeLink) -> str:
    return reverse("people:follow_link", args=[link.pk, token_of(link)], urlconf="cliniqai.urls")


def find(link_id: UUID | str, token: str | None = None) -> OneTimeLink | None:
    """The live link of an id, and of a token where one is given."""
    link = OneTimeLink.objects.live().select_related("user").filter(pk=link_id).first()
    if link is None or (link.user and not link.user.is_active):
        return None
    if token is not None and not constant_time_compare(token, token_of(link)):
        return None
    return link


def end_of(purpose: Purpose) -> object:
    return timezone.now() + LIVES[purpose]
