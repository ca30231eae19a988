"""Rows that are really committed: other processes and threads deliver, and they cannot see a test's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import forget, inside
from notifications import broker, network, nudge, stream
from notifications.claims import whoami
from notifications.delivery import drain
from notifications.events import announce
from notifications.models import Delivery, Event, Notification, Preference, ProvenPhone
from notifications.numbers import digest
from notifications.settling import settle_due
from tests.far_ends.smtp import MailServer, mail_server
from tests.far_ends.twilio_rest import Item, TwilioRest, twilio_rest
from tests.notifications.machines import Valkey, own_valkey

TABLES = (
    *("attempt", "delivery", "notification", "event", "heartbeat", "replay"),
    *("messaging", "preference", "optout", "inboundtext", "provenphone"),
)


@dataclass
class Outbox:
    """What a test does and looks at: the clinics, an announcement, a round of delivery, the states."""

    north: Clinic
    south: Clinic

    def announce(self, kind: str = "task.opened", *, clinic: Clinic | None = None, **more: object) -> UUID:
        """Announce something in a transaction of its own and return what it is about."""
        about = more.pop("about", None) or uuid.uuid4()
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

    def person(self, short: str) -> User:
        with inside(self.north):
            return User.objects.get(email=f"{short}@north.test")

    def chooses(self, short: str, kind: str = "task.opened", channel: str = "sms") -> User:
        """A person of north wants one more channel."""
        person = self.person(short)
        Preference.objects.create(clinic=self.north, person=person.pk, kind=kind, channel=channel)
        return person

    def delivery(self, about: UUID, channel: str = "sms") -> Delivery:
        return Delivery.objects.get(event__about=about, channel=channel)

    def tries(self, about: UUID, channel: str = "sms") -> list[str]:
        """How the tries of a delivery ended, in order."""
        return list(self.delivery(about, channel).tries.order_by("number").values_list("outcome", flat=True))

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

    def ask(self) -> int:
        """Let everything that is unknown be asked about now, as the sweeper does after two minutes."""
        self.sql("UPDATE notifications_delivery SET available_at = now() WHERE state = 'unknown'")
        return settle_due(budget_seconds=10.0)


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
    monkeypatch.setattr(nudge.nudger, "say", lambda hint: None)
    return rung


# --- The outside world -----------------------------------------------------------------------------------------------
PHONES = {"alice": "+12025550161", "bob": "+12025550162", "carol": "+12025550163"}


@pytest.fixture
def far(settings: object) -> Iterator[TwilioRest]:
    """The telephone network, on loopback."""
    with twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far_end:
        settings.SMS_MODE, settings.TWILIO_API_BASE_URL = "on", far_end.url
        yield far_end


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same time limits, a tenth as long."""
    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(network, "READ_SECONDS", 0.6)
    monkeypatch.setattr(network, "DEADLINE_SECONDS", 1.0)


@pytest.fixture
def phones(outbox: Outbox) -> Iterator[dict[str, str]]:
    """Everybody in north has a telephone."""
    with inside(outbox.north):
        for short, number in PHONES.items():
            User.objects.filter(email=f"{short}@north.test").update(phone=number)
        people = {one.phone: one.pk for one in User.objects.exclude(phone="")}
    for number, person in people.items():
        proof = {"clinic": outbox.north, "person": person, "digest": digest(outbox.north, number)}
        ProvenPhone.objects.create(**proof, asked_at=timezone.now(), proven_at=timezone.now())
    yield PHONES
    with inside(outbox.north):
        User.objects.update(phone="")


@pytest.fixture
def mail(settings: object) -> Iterator[MailServer]:
    """The mail server, on loopback."""
    with mail_server() as server:
        settings.EMAIL_MODE, settings.EMAIL_BACKEND = "on", "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1
        settings.DEFAULT_FROM_EMAIL = "portal@example.test"
        yield server


@pytest.fixture
def report(far: TwilioRest) -> Callable[..., HttpResponse]:
    """The network reports on a message or a call, signed, at the address that it was given."""

    def tell(item: Item, status: str, *, signed: str | None = None, url: str = "", **more: str) -> HttpResponse:
        address, params, signature = far.reports(item, status, **more)
        return post_to(url or address, params, signature if signed is None else signed)

    return tell


def post_to(url: str, params: dict[str, str], signature: str) -> HttpResponse:
    """Post a form to one of our own addresses, as the network does."""
    parts = urlsplit(url)
    headers = {"HTTP_HOST": parts.netloc, "HTTP_X_TWILIO_SIGNATURE": signature}
    form = "application/x-www-form-urlencoded"
    return Client(enforce_csrf_checks=True).generic("POST", parts.path, urlencode(params), content_type=form, **headers)
