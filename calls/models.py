"""Calls and their transcripts, in the clinic's own schema."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"


class Outcome(models.TextChoices):
    """How a call ended for the caller."""

    TASK = "task", "Request taken"
    ANSWERED = "answered", "Question answered"
    ESCALATED = "escalated", "Escalated"
    HANDED_OVER = "handed_over", "Connected to a person"
    ABANDONED = "abandoned", "Caller left"
    FAILED = "failed", "Technical failure"
    NOTHING = "nothing", "Nothing wanted"


class Consent(models.TextChoices):
    NOT_ASKED = "not_asked", "No recording"
    ANNOUNCED = "announced", "Recording announced"


class CallQuerySet(models.QuerySet["Call"]):
    def running(self) -> CallQuerySet:
        return self.filter(status=Status.IN_PROGRESS)

    def real(self) -> CallQuerySet:
        """Without test calls: what figures count."""
        return self.filter(test=False)

    def newest_first(self) -> CallQuerySet:
        return self.order_by("-started_at", "-id")

    def older_than(self, call: Call) -> CallQuerySet:
        """Those after `call` on a page that runs from new to old."""
        return self.filter(Q(started_at__lt=call.started_at) | Q(started_at=call.started_at, id__lt=call.id))


class Call(models.Model):
    """One telephone call, from ring to hang-up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sid = models.CharField(max_length=64, unique=True, help_text="Twilio's CallSid")
    from_number = models.CharField(max_length=16, blank=True, help_text="E.164; blank when withheld")
    to_number = models.CharField(max_length=16)
    status = models.CharField(max_length=12, choices=Status, default=Status.IN_PROGRESS)
    language = models.CharField(max_length=2, default="en")
    intent = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    end_reason = models.CharField(max_length=30, blank=True, help_text="Who or what ended it, a code")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_sec = models.PositiveIntegerField(null=True, blank=True)
    recording_url = models.CharField(max_length=300, blank=True)
    recording_duration_sec = models.PositiveIntegerField(null=True, blank=True)
    consent = models.CharField(max_length=10, choices=Consent, default=Consent.NOT_ASKED)
    policy_version = models.PositiveIntegerField(default=1)
    rules_version = models.CharField(max_length=40, blank=True)
    voice = models.CharField(max_length=40, blank=True)
    test = models.BooleanField(default=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(ended_at__isnull=False), name="call_completed_stamped"
            )
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="call_newest"),
            models.Index(fields=["from_number", "-started_at"], name="call_of_number"),
        ]

    def __str__(self) -> str:
        return f"call {self.id}"


class Turn(models.Model):
    """One exchange: what the caller said, what was made of it, what the phone said back, and the state after it.

    `(call, n)` is the idempotency key of the webhook: turn 0 is the greeting. `state` is all that the next turn
    needs, so a call goes on from this row alone when every cache is gone.
    """

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    n = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    words = models.TextField(blank=True)
    digits = models.CharField(max_length=32, blank=True)
    confidence = models.FloatField(null=True)
    language = models.CharField(max_length=2)
    intent = models.CharField(max_length=20, blank=True)
    findings = models.JSONField(default=list, help_text="kind, rule, reason of each finding")
    filled = models.JSONField(default=dict, help_text="Fields that this turn filled or changed")
    said = models.TextField(help_text="What the phone answered, as spoken")
    reply = models.JSONField(help_text="The reply from which the TwiML is rendered again")
    state = models.JSONField()
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["call", "n"]
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="turn_once")]

    def __str__(self) -> str:
        return f"turn {self.n} of {self.call_id}"
