"""What people's way to sign in asks of this app: letters with a link, a notice to a person, and closing streams."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from clinics.people import lending
from notifications import stream
from notifications.addresses import MOVED
from notifications.events import announce

CHANGED = "person.changed"
RECHECK = "system.recheck"


def lend() -> None:
    """Register at the doors of people, when Django starts."""
    lending.lend_post(post)
    lending.lend_farewell(farewell)
    lending.lend_notice(notice)
    lending.lend_recheck(recheck)


def post(kind: str, about: UUID) -> None:
    """Announce a letter; its link is worked out when it is sent, and stands in no row of the outbox."""
    announce(kind=kind, about=about, path="/sign-in/", key=f"{kind}:{about}")


def farewell(person: UUID, link: UUID) -> None:
    """Tell the address that somebody signed in with so far: its owner may not have been the one who changed it."""
    announce(kind=MOVED, about=link, path="/sign-in/", key=f"{MOVED}:{link}", audience=[person])


def notice(person: UUID) -> None:
    """Tell somebody that how they sign in was changed: they may not have been the one."""
    moment = int(timezone.now().timestamp() * 1000)
    announce(kind=CHANGED, about=person, path="/profile/", key=f"{CHANGED}:{person}:{moment}", audience=[person])


def recheck(schema: str) -> None:
    """Have every open stream of a clinic ask at once who listens; without Redis each asks within a minute."""
    stream.publish(schema=schema, kind=RECHECK)
