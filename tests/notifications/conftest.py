"""Rows that are really committed: other processes and threads deliver, and they cannot see a test's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import forget, inside
from notifications import broker, nudge, stream
from notifications.claims import whoami
from notifications.delivery import drain
from notifications.events import announce
from notifications.models import Delivery, Event, Notification
from tests.notifications.machines import Valkey, own_valkey

TABLES = (
    *("attempt", "delivery", "notification", "event", "heartbeat", "replay"),
    *("messaging", "preference", "optout", "inboundtext"),
)


@dataclass
class Outbox:
    """What a test does and looks at: the clinics, an announcement, a round of delivery, the states."""

    north: Clinic
    south: Clinic

    def announce(self, kind: str = "task.opened", *, clinic: Clinic | None = None, **more: object) -> UUID:
        """Announce something in a transaction of its own and return what it is about."""
        about = uuid.uuid4()
        with inside(clinic or self.north), transaction.atomic():
            fields = {"kind": kind, "about": about, "path": f"/tasks/{about}/", "key": f"{kind}:{about}", **more}
            announce(**fields)
        return about

    def deliver(self, role: str = "worker", **more: object) -> int:
        return drain(me=whoami(role), **{"budget_seconds": 10.0, **more})

    def people(self, clinic: Clinic | None = None, **fields: object) -> list[User]:
        with inside(clinic or self.north):
            return list(User.objects.filter(is_active=True, **fields))

    def states(self, about: UUID) -> dict[str, list[str]]:
        """The states of the deliveries of one event, by channel."""
        found: dict[str, list[str]] = {}
        for channel, state in Delivery.objects.filter(event__about=about).values_list("channel", "state"):
            found.setdefault(channel, []).append(state)
        return found

    def lines(self, about: UUID) -> int:
        return Notification.objects.filter(about=about).count()

    def event(self, about: UUID) -> Event:
        return Event.objects.get(about=about)

    def sql(self, statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def lapse(self) -> None:
        """Let every lease run out now."""
        self.sql(
            "UPDATE notifications_delivery SET lease_expires_at = now() - interval '1 second'"
            " WHERE lease_expires_at IS NOT NULL"
        )

    def lapse_old(self) -> None:
        """Let leases run out that are older than two seconds: their holders were killed."""
        self.sql(
            "UPDATE notifications_delivery d SET lease_expires_at = now() - interval '1 second'"
            " WHERE lease_expires_at < now() + CASE WHEN policy = 'in_db' AND lost_leases = 0 THEN interval '13 s'"
            " ELSE interval '58 s' END"
        )

    def due(self) -> None:
        """Let everything that waits be due now."""
        self.sql("UPDATE notifications_delivery SET available_at = now() WHERE state = 'pending'")
        self.sql("UPDATE notifications_event SET available_at = now() WHERE state = 'pending'")


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Commits for real; `outbox` takes its own rows away, where the stock fixture would flush the clinics too."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def outbox(transactional_db: None) -> Iterator[Outbox]:
    """The two clinics with empty tables."""
    forget()
    connection.set_schema_to_public()
    _empty()
    north, south = Clinic.objects.get(slug="north"), Clinic.objects.get(slug="south")
    yield Outbox(north, south)
    nudge.nudger.wait(2)
    connection.set_schema_to_public()
    _empty()
    Clinic.objects.update(suspended_at=None, async_delivery=True)
    forget()


def _empty() -> None:
    names = ", ".join(f"public.notifications_{table}" for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")


@pytest.fixture
def valkey(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A Redis of this test's own, used by this process too."""
    with own_valkey() as server:
        settings.REDIS_URL = server.url
        fresh = broker.Wakes()
        monkeypatch.setattr(broker, "wakes", fresh)
        monkeypatch.setattr(nudge, "wakes", fresh)
        monkeypatch.setattr(stream, "_closed_until", 0.0)
        stream._client.cache_clear()
        yield server
        nudge.nudger.wait(2)
    stream._client.cache_clear()


@pytest.fixture
def no_nudge(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Nobody is woken: the test delivers by hand. Returns what was rung."""
    rung: list[int | None] = []
    monkeypatch.setattr(nudge.nudger, "ring", rung.append)
    return rung
