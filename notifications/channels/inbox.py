"""A line in a person's inbox, written in the transaction that marks its delivery as sent: exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from notifications import stream
from notifications.claims import Started
from notifications.models import Notification


def write(deliveries: Sequence[Started]) -> None:
    """Write the lines; the caller's transaction holds the mark. A person's second line of an event is refused."""
    Notification.objects.bulk_create(
        [
            Notification(
                clinic_id=one.clinic_id,
                person=one.person,
                event_id=one.event_id,
                kind=one.kind,
                about=one.about,
                path=one.path,
                test=one.test,
                drill=one.drill,
            )
            for one in deliveries
        ],
        ignore_conflicts=True,
    )


def show(deliveries: Sequence[Started]) -> None:
    """After the commit: let the bells of the open pages look again."""
    for schema in {one.schema for one in deliveries}:
        stream.publish(schema=schema, kind="notification.new")
