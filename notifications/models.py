"""What must be told and whether it was: events, deliveries, attempts, and what people have in their inbox.

Shared by all clinics and free of patient data by construction: rows carry ids, kinds and paths, people are
named by UUID within their clinic. The states and times are those of the outbox: an event is planned into
deliveries in one transaction; claim, lease, settle and dead letter belong to the delivery.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.sensitive import closed
from notifications.hooks.models import Webhook  # noqa: F401  (Django looks here)
from notifications.kinds import Lane, mark_of, title
from notifications.reach import InboundText, Messaging, OptOut, Preference, ProvenPhone  # noqa: F401  (the same)
from notifications.routing import Policy
from notifications.watching.models import Incident, ServiceCount  # noqa: F401  (Django looks here)

LANES = [(lane.value, lane.name.lower()) for lane in Lane]


class EventState(models.TextChoices):
    PENDING = "pending"
    PLANNED = "planned"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DEAD = "dead"


class Event(models.Model):
    """The job event table: something happened that people must hear of. Written with what happened, or not at all."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=60)
    about = models.UUIDField(help_text="The task, escalation or call it is about")
    path = models.CharField(max_length=200, help_text="Where the page about it lives on the clinic's host")
    key = models.CharField(max_length=160, help_text="Idempotency key made of the meaning")
    audience = models.JSONField(default=list, help_text="People's UUIDs when the kind's audience is not enough")
    channels = models.JSONField(null=True, help_text="Exactly these channels; null: the kind's own and people's choice")
    call = models.UUIDField(null=True, help_text="The call it hangs on, which may be sensitive")
    test = models.BooleanField(default=False)
    drill = models.BooleanField(default=False, db_default=False, help_text="A test that alarms people as a real one")
    lane = models.PositiveSmallIntegerField(choices=LANES, default=Lane.NORMAL.value)
    state = models.CharField(max_length=9, choices=EventState, default=EventState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_error_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    planned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "key"], name="event_once"),
            models.CheckConstraint(condition=Q(test=True) | Q(drill=False), name="event_drill_is_a_test"),
        ]
        indexes = [
            models.Index(fields=["lane", "available_at", "id"], name="event_due", condition=Q(state="pending")),
            models.Index(fields=["clinic", "created_at"], name="event_of_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def mark(self) -> str:
        return mark_of(test=self.test, drill=self.drill)


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    LEASED = "leased"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Delivery(models.Model):
    """One message to one person over one channel, claimed by a lease and settled exactly once."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="deliveries")
    person = models.UUIDField(null=True, help_text="Null: the clinic as a whole, as for its stream")
    channel = models.CharField(max_length=12)
    lane = models.PositiveSmallIntegerField(choices=LANES, default=Lane.NORMAL.value)
    policy = models.CharField(max_length=13, choices=[(policy.value, policy.value) for policy in Policy])
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lost_leases = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=8)
    available_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=80, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    provider_id = models.CharField(max_length=64, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True, help_text="A code, never a provider's text")
    to_digest = models.CharField(max_length=64, blank=True, db_default="", help_text="Keyed digest of the number")
    resends = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often sent again after unknown")
    provider_status = models.CharField(max_length=20, blank=True, db_default="", help_text="How far it came: delivered")
    provider_error = models.CharField(max_length=10, blank=True, db_default="", help_text="The network's code")
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "person", "channel"], name="delivery_once", nulls_distinct=False),
            models.UniqueConstraint(
                fields=["provider", "provider_id"], name="delivery_provider_once", condition=~Q(provider_id="")
            ),
            # The provider's list tells messages apart by number and time only, so of those whose end is not known
            # there is never more than one per number.
            models.UniqueConstraint(
                fields=["to_digest"],
                name="delivery_open_once_per_number",
                condition=Q(policy="reconcile", state__in=["sending", "unknown"]) & ~Q(to_digest=""),
            ),
        ]
        indexes = [
            models.Index(fields=["lane", "available_at", "id"], name="delivery_due", condition=Q(state="pending")),
            models.Index(
                fields=["lease_expires_at"], name="delivery_leased", condition=Q(state__in=["leased", "sending"])
            ),
            models.Index(fields=["available_at"], name="delivery_unknown", condition=Q(state="unknown")),
            models.Index(fields=["clinic", "done_at"], name="delivery_dead", condition=Q(state="dead")),
            models.Index(fields=["clinic", "-created_at"], name="delivery_to_patients", condition=Q(channel="patient")),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of event {self.event_id}"


class Attempt(models.Model):
    """One try at a delivery, written and committed before the try. Append-only."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    lease_token = models.UUIDField()
    callback_token = models.UUIDField(default=uuid.uuid4, unique=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    provider_id = models.CharField(max_length=64, blank=True)
    provider_status = models.CharField(max_length=20, blank=True, db_default="")
    resent_after_unknown = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]
        indexes = [models.Index(fields=["provider_id"], name="attempt_provider", condition=~Q(provider_id=""))]

    def __str__(self) -> str:
        return f"try {self.number} of delivery {self.delivery_id}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, *, clinic: Clinic, person: uuid.UUID) -> NotificationQuerySet:
        """The inbox of one person of one clinic; the only way in."""
        return self.filter(clinic=clinic, person=person)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None, cleared_at=None)

    def visible_to(self, person: User) -> NotificationQuerySet:
        """Without lines about a sensitive call that is closed to its reader; what is urgent stays."""
        return self.filter(Q(event__lane=Lane.URGENT) | ~closed(person, call="event__call"))

    def shown(self) -> NotificationQuerySet:
        return self.filter(cleared_at=None)

    def archived(self) -> NotificationQuerySet:
        return self.exclude(cleared_at=None)

    def of_family(self, family: str) -> NotificationQuerySet:
        """Those whose kind begins with a family's name, such as "task"; all of them for ""."""
        return self.filter(kind__startswith=f"{family}.") if family else self

    def before(self, other: Notification) -> NotificationQuerySet:
        """Lines older than another, in the order of the list."""
        return self.filter(Q(created_at__lt=other.created_at) | Q(created_at=other.created_at, pk__lt=other.pk))


class Notification(models.Model):
    """A line in one person's inbox: the kind and a path, never a patient's words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="notifications")
    person = models.UUIDField()
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=60)
    about = models.UUIDField()
    path = models.CharField(max_length=200)
    test = models.BooleanField(default=False)
    drill = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="notification_once")]
        indexes = [models.Index(fields=["clinic", "person", "-created_at"], name="notification_inbox")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person}"

    @property
    def title(self) -> str:
        """The neutral words of the kind."""
        return title(self.kind, get_language() or "en")

    @property
    def mark(self) -> str:
        return mark_of(test=self.test, drill=self.drill)


class Heartbeat(models.Model):
    """When a kind of process last proved that it works: `worker` by a canary that it delivered, `sweeper` by a pass."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Replay(models.Model):
    """Who brought dead deliveries back, why and how many. Append-only."""

    id = models.BigAutoField(primary_key=True)
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    clinic = models.ForeignKey(Clinic, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField(null=True)
    deliveries = models.PositiveIntegerField()
    events = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.deliveries} deliveries by {self.by}"
