"""Something a person must look at now: a danger heard on the phone, or a call that the phone cannot finish."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from clinics.people.models import User
from clinics.practice.ladder import LAST
from clinics.practice.sensitive import Closed, OnCallQuerySet, closed
from clinics.sealing.fields import SealedText


class Reason(models.TextChoices):
    EMERGENCY = "emergency", gettext_lazy("Possible emergency")
    CRISIS = "crisis", gettext_lazy("Crisis")
    URGENT = "urgent", gettext_lazy("Same-day red flag")
    DISTRESS = "distress", gettext_lazy("Caller in distress")
    HUMAN_REQUEST = "human_request", gettext_lazy("Asked for a person")
    NOT_UNDERSTOOD = "not_understood", gettext_lazy("Not understood")
    MODEL_UNSTABLE = "model_unstable", gettext_lazy("Understanding failed")
    TOO_LONG = "too_long", gettext_lazy("Call too long")
    NO_PROGRESS = "no_progress", gettext_lazy("No progress")
    CLINIC_RULE = "clinic_rule", gettext_lazy("Clinic's own rule")


class Level(models.TextChoices):
    EMERGENCY = "emergency", gettext_lazy("Emergency")
    URGENT = "urgent", gettext_lazy("Urgent")
    ATTENTION = "attention", gettext_lazy("Attention")


ALWAYS_TOLD = (Level.EMERGENCY, Level.URGENT)
VEIL = gettext_lazy("Sensitive call: the words are withheld. Open the call to read them.")


class Status(models.TextChoices):
    OPEN = "open", gettext_lazy("Open")
    ACKNOWLEDGED = "acknowledged", gettext_lazy("Acknowledged")
    RESOLVED = "resolved", gettext_lazy("Resolved")


class Outcome(models.TextChoices):
    REACHED = "reached", gettext_lazy("Patient reached")
    EMERGENCY_CARE = "emergency_care", gettext_lazy("Sent to emergency care")
    NOT_EMERGENCY = "not_emergency", gettext_lazy("Not an emergency")


class Way(models.TextChoices):
    """How somebody said "I have it"."""

    PORTAL = "portal", gettext_lazy("in the portal")
    SMS = "sms", gettext_lazy("from the text message")
    KEY = "key", gettext_lazy("by pressing 1 on the phone")


class Half(models.TextChoices):
    """What became of an alarm that was raised while the caller still spoke; blank: it never was a half one."""

    UNFINISHED = "unfinished", gettext_lazy("Unfinished sentence")
    CONFIRMED = "confirmed", gettext_lazy("Said in the finished sentence too")
    WITHDRAWN = "withdrawn", gettext_lazy("Not in the finished sentence")


class EscalationQuerySet(OnCallQuerySet["Escalation"]):
    def told_to(self, person: User | None) -> EscalationQuerySet:
        """What a person may know of: danger on a sensitive call too, without its words. None: anybody at all.

        Safety comes before secrecy: who hears an alarm must be able to act on it, and breaks the glass for more.
        """
        rings = Q(veiled=False) | Q(level__in=ALWAYS_TOLD)
        return self.annotate(veiled=closed(person)).filter(rings)

    def check_told(self, person: User, escalation_id: uuid.UUID) -> None:
        """Raise `Closed` unless the person may know of it; what does not exist is found missing by who fetches it."""
        held = self.filter(pk=escalation_id).annotate(shut=closed(person)).values_list("shut", "level", "call_id")
        for shut, level, call_id in held:
            if shut and level not in ALWAYS_TOLD:
                raise Closed(call_id)

    def open(self) -> EscalationQuerySet:
        """Nobody has acknowledged them yet."""
        return self.filter(status=Status.OPEN)

    def unresolved(self) -> EscalationQuerySet:
        return self.exclude(status=Status.RESOLVED)

    def alarming(self) -> EscalationQuerySet:
        """Those that make the alarm box show on every page: emergencies that nobody has acknowledged."""
        return self.open().filter(level=Level.EMERGENCY)

    def unfinished_of(self, call_id: uuid.UUID) -> EscalationQuerySet:
        """Those of a call whose sentence has not been finished yet."""
        return self.filter(call_id=call_id, half=Half.UNFINISHED)

    def with_people(self) -> EscalationQuerySet:
        """With the names that a row shows, in the same query."""
        return self.select_related("acknowledged_by", "handler", "resolved_by")

    def newest_first(self) -> EscalationQuerySet:
        return self.order_by("-raised_at", "-id")

    def behind(self, last: Escalation) -> EscalationQuerySet:
        """Those after this one in `newest_first`."""
        return self.filter(Q(raised_at__lt=last.raised_at) | Q(raised_at=last.raised_at, id__lt=last.id))


class Escalation(models.Model):
    """One escalation of one call. A call raises each reason at most once; a second finding adds a step."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reason = models.CharField(max_length=16, choices=Reason)
    level = models.CharField(max_length=10, choices=Level)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    call_id = models.UUIDField(null=True)
    from_number = SealedText(max_length=16, default="")
    patient_name = SealedText(max_length=120, default="")
    summary = SealedText(max_length=300, help_text="The finding in neutral words and what the caller was told")
    words = SealedText(default="", help_text="The caller's words that raised it")
    rule = models.CharField(max_length=80, blank=True)
    rules_version = models.CharField(max_length=40, blank=True)
    test = models.BooleanField(default=False)
    drill = models.BooleanField(
        default=False, db_default=False, help_text="A test that may ring the phones of the people on call"
    )
    half = models.CharField(max_length=10, choices=Half, blank=True, default="", db_default="")
    heard = models.PositiveSmallIntegerField(default=1, help_text="How often the call gave this reason")
    opened = models.PositiveSmallIntegerField(
        default=1, help_text="How often it was opened: again after it was handled"
    )
    raised_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_way = models.CharField(max_length=8, choices=Way, blank=True, db_default="")
    seconds_to_acknowledge = models.PositiveIntegerField(null=True, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who has it now: the one who acknowledged it, or who took it over",
    )
    unanswered_at = models.DateTimeField(null=True, blank=True, help_text="When the ladder ran out")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    outcome_reason = SealedText(max_length=300, default="")

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["call_id", "reason"], name="escalation_once_per_reason", condition=Q(call_id__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="escalation_acknowledged_paired",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="escalation_resolved_paired",
            ),
            models.CheckConstraint(
                condition=Q(status="open", acknowledged_at=None, resolved_at=None)
                | Q(status="acknowledged", acknowledged_at__isnull=False, resolved_at=None)
                | Q(status="resolved", acknowledged_at__isnull=False, resolved_at__isnull=False),
                name="escalation_stamped",
            ),
            models.CheckConstraint(condition=~Q(status="resolved") | ~Q(outcome=""), name="escalation_outcome_told"),
            models.CheckConstraint(condition=~Q(status="open") | Q(handler=None), name="escalation_open_is_nobodys"),
            models.CheckConstraint(condition=Q(test=True) | Q(drill=False), name="escalation_drill_is_a_test"),
        ]
        indexes = [
            models.Index(fields=["-raised_at"], name="escalation_open", condition=Q(status="open")),
            models.Index(fields=["status", "-raised_at", "-id"], name="escalation_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.veiled:
            raise ValueError("A row whose words are withheld is not written back.")
        super().save(*args, **kwargs)

    @property
    def veiled(self) -> bool:
        """Whether its words are withheld from the person it was fetched for."""
        return self.__dict__.get("_veiled", False)

    @veiled.setter
    def veiled(self, hide: bool) -> None:
        """Set by `told_to` as the row is read: what is blanked here can be shown by no page and no API."""
        self.__dict__["_veiled"] = hide
        if hide:
            self.from_number = self.patient_name = self.words = self.rule = self.outcome_reason = ""
            self.summary = VEIL

    @property
    def sealed_as(self) -> str:
        """A call has one escalation of a reason, so that a second finding can be written onto it unread."""
        return f"{self.call_id} {self.reason}" if self.call_id else str(self.id)

    @property
    def path(self) -> str:
        """The page about it on the clinic's host."""
        return f"/escalations/{self.id}/"

    @property
    def text_path(self) -> str:
        """Where the link of a text message leads: the same page, which then knows how its reader came."""
        return f"/escalations/{self.id}/text/"


class Step(models.Model):
    """One thing that happened to an escalation: raised, acknowledged, taken over, unanswered ... Append-only."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=40)
    way = models.CharField(max_length=8, choices=Way, blank=True, db_default="")
    seconds = models.PositiveIntegerField(null=True, help_text="From raising to acknowledging")
    sealed_as = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    reason = SealedText(max_length=300, default="", help_text="Why somebody opened it again")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.what


class RungState(models.TextChoices):
    WAITING = "waiting"
    TOLD = "told"
    SKIPPED = "skipped"  # nobody could be told
    HELD = "held"  # a test call rings no phones
    STOPPED = "stopped"  # somebody had it before


class RungQuerySet(models.QuerySet["Rung"]):
    def waiting(self) -> RungQuerySet:
        return self.filter(state=RungState.WAITING)

    def due(self) -> RungQuerySet:
        """What the ladder must do now: its time has come, by the database's clock, and nobody has it."""
        still_open = Q(escalation__status=Status.OPEN, round=F("escalation__opened"))
        return self.waiting().filter(still_open, due_at__lte=Now()).order_by("due_at", "n")

    def of_round(self, escalation: Escalation) -> RungQuerySet:
        """The ladder as it stands: of the last time that it was opened."""
        return self.filter(escalation=escalation, round=escalation.opened)


class Rung(models.Model):
    """One step of the ladder of one escalation: who is told how, when, and whether it was done. Done exactly once."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="rungs")
    round = models.PositiveSmallIntegerField(help_text="Which opening it belongs to")
    n = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=20, help_text="Its name in clinics/practice/ladder.py")
    who = models.CharField(max_length=20, blank=True)
    channels = models.JSONField(default=list)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=RungState, default=RungState.WAITING)
    at = models.DateTimeField(null=True, help_text="When it was done")
    told = models.JSONField(default=list, help_text="People's UUIDs")
    left_out = models.JSONField(default=list, help_text="Pairs of a person's UUID, or nobody's, and why")

    objects = RungQuerySet.as_manager()

    class Meta:
        ordering = ["round", "n"]
        constraints = [
            models.UniqueConstraint(fields=["escalation", "round", "n"], name="rung_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", at=None) | (~Q(state="waiting") & Q(at__isnull=False)), name="rung_stamped"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="rung_due", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.stage} of {self.escalation_id}"

    @property
    def key(self) -> str:
        """The idempotency key of what it announces."""
        kind = "escalation.unanswered" if self.stage == LAST else "escalation.step"
        return f"{kind}:{self.escalation_id}:{self.round}:{self.n}"
