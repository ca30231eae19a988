"""Calls and their transcripts, in the clinic's own schema."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from calls.dialogue.levels import LABELS, Level
from calls.handover.models import Handover, HandoverLeg, HandoverStep
from calls.recordings.models import Disclosure, Recording
from calls.reviews.models import Label, Review, ReviewVerdict, Stratum, Utterance
from calls.speech.models import ProviderCall
from calls.transcripts.models import Correction
from clinics.people.models import User
from clinics.practice.sensitive import OnCallQuerySet, closed
from clinics.sealing.fields import SealedJSON, SealedText
from clinics.sealing.indexes import BlindIndex, WordIndex, has_words, is_value

__all__ = [
    "Call",
    "Consent",
    "Correction",
    "Disclosure",
    "Handover",
    "HandoverLeg",
    "HandoverStep",
    "Label",
    "Outcome",
    "ProviderCall",
    "Recording",
    "Review",
    "ReviewVerdict",
    "Status",
    "Stratum",
    "Turn",
    "Utterance",
    "rules_of",
]  # Django looks for models here


class Status(models.TextChoices):
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    COMPLETED = "completed", gettext_lazy("Completed")


class Outcome(models.TextChoices):
    """How a call ended for the caller."""

    TASK = "task", gettext_lazy("Request taken")
    ANSWERED = "answered", gettext_lazy("Question answered")
    ESCALATED = "escalated", gettext_lazy("Escalated")
    HANDED_OVER = "handed_over", gettext_lazy("Connected to a person")
    ABANDONED = "abandoned", gettext_lazy("Caller left")
    FAILED = "failed", gettext_lazy("Technical failure")
    NOTHING = "nothing", gettext_lazy("Nothing wanted")


class Consent(models.TextChoices):
    NOT_ASKED = "not_asked", gettext_lazy("No recording")
    ANNOUNCED = "announced", gettext_lazy("Recording announced")
    ASKED = "asked", gettext_lazy("Asked, not answered")
    GIVEN = "given", gettext_lazy("Agreed to recording")
    REFUSED = "refused", gettext_lazy("Refused recording")
    NO_ANSWER = "no_answer", gettext_lazy("Asked, no clear yes: not recorded")
    VOICEMAIL = "voicemail", gettext_lazy("Left a message after the tone")


END_REASONS = {
    "goodbye": gettext_lazy("The telephone said goodbye"),
    "caller_completed": gettext_lazy("The caller hung up"),
    "caller_busy": gettext_lazy("The line was busy"),
    "caller_no_answer": gettext_lazy("Nobody answered"),
    "caller_canceled": gettext_lazy("The caller gave up while it rang"),
    "caller_failed": gettext_lazy("The connection failed"),
}
"""What the codes of `Call.end_reason` say to people."""


WANTED = {
    "appointment": gettext_lazy("Appointment"),
    "cancel_appointment": gettext_lazy("Cancel appointment"),
    "callback": gettext_lazy("Callback"),
    "refill": gettext_lazy("Refill"),
    "test_result": gettext_lazy("Test result"),
    "medical_advice": gettext_lazy("Medical advice"),
    "human_request": gettext_lazy("Human request"),
    "general": gettext_lazy("General"),
    "billing": gettext_lazy("Billing"),
    "unclear": gettext_lazy("Unclear"),
    "": gettext_lazy("Not said"),
}
"""Intents as people read them; the codes are those of the dialogue."""


def wanted_words(intent: str) -> str:
    """What a caller wanted, in words; a code that has none yet is shown as it is."""
    return str(WANTED.get(intent) or intent.replace("_", " ").capitalize())


class CallQuerySet(OnCallQuerySet["Call"]):
    call_column = "id"

    def listed_for(self, person: User) -> CallQuerySet:
        """All calls; of a sensitive one that is closed to this person only that it took place, and when."""
        return self.annotate(veiled=closed(person, call="id"))

    def running(self) -> CallQuerySet:
        return self.filter(status=Status.IN_PROGRESS)

    def real(self) -> CallQuerySet:
        """Without test calls: what figures count."""
        return self.filter(test=False)

    def with_slowest_turn(self) -> CallQuerySet:
        """With `slowest_ms`, the longest that the telephone thought about one answer."""
        return self.annotate(slowest_ms=models.Max("turns__took_ms"))

    def of_number(self, number: str) -> CallQuerySet:
        """Those that came from this E.164 number; none when it is blank."""
        return self.filter(is_value("number_index", number)) if number else self.none()

    def newest_first(self) -> CallQuerySet:
        return self.order_by("-started_at", "-id")

    def older_than(self, call: Call) -> CallQuerySet:
        """Those after `call` on a page that runs from new to old."""
        return self.filter(Q(started_at__lt=call.started_at) | Q(started_at=call.started_at, id__lt=call.id))


class Call(models.Model):
    """One telephone call, from ring to hang-up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sid = models.CharField(max_length=64, unique=True, help_text="Twilio's CallSid")
    from_number = SealedText(max_length=16, default="", help_text="E.164; blank when withheld")
    number_index = BlindIndex(made_of=["from_number"])
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
    voice = models.CharField(max_length=40, blank=True, help_text="Key of the provider; blank: the network's own")
    level = models.CharField(
        max_length=8, choices=[(one.value, LABELS[one]) for one in Level], default=Level.RULES, db_default=Level.RULES
    )
    reprompts = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Turns that were not understood")
    test = models.BooleanField(default=False)
    drill = models.BooleanField(default=False, db_default=False, help_text="A test that alarms people as a real one")

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
            models.Index(fields=["number_index", "-started_at"], name="call_from_number"),
            models.Index(fields=["started_at"], name="call_running", condition=Q(status="in_progress")),
        ]

    def __str__(self) -> str:
        return f"call {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.veiled:
            raise ValueError("A row whose words are withheld is not written back.")
        super().save(*args, **kwargs)

    @property
    def veiled(self) -> bool:
        """Whether what it was about is withheld from the person it was fetched for."""
        return self.__dict__.get("_veiled", False)

    @veiled.setter
    def veiled(self, hide: bool) -> None:
        self.__dict__["_veiled"] = hide
        if hide:
            self.from_number = self.intent = self.outcome = self.end_reason = self.recording_url = ""
            self.language = ""
            self.duration_sec = self.recording_duration_sec = None

    @property
    def path(self) -> str:
        """The page about it on the clinic's host."""
        return f"/calls/{self.id}/"

    @property
    def is_running(self) -> bool:
        return self.status == Status.IN_PROGRESS

    @property
    def wanted(self) -> str:
        """What the caller wanted, in words for staff."""
        if self.veiled:
            return ""
        return wanted_words(self.intent)

    @property
    def ended_by(self) -> str:
        """How it ended, in words for staff; "" while it runs."""
        return END_REASONS.get(self.end_reason, self.end_reason.replace("_", " ").capitalize())


class TurnQuerySet(OnCallQuerySet["Turn"]):
    """Reads of what was said."""

    def with_rule(self, rule: str) -> TurnQuerySet:
        """Those in which this rule found something."""
        return self.filter(has_words("rule_index", [rule], whole=True))

    def opened(self, *names: str) -> TurnQuerySet:
        """With these fields alone, and what it takes to open them."""
        return self.only("call_id", "n", *names)


class Turn(models.Model):
    """One exchange: what the caller said, what was made of it, what the phone said back, and the state after it.

    `(call, n)` is the idempotency key of the webhook: turn 0 is the greeting. `state` is all that the next turn
    needs, so a call goes on from this row alone when every cache is gone.
    """

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(
        Call,
        on_delete=models.CASCADE,
        related_name="turns",
        db_index=False,  # turn_once begins with it
    )
    n = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    words = SealedText(default="")
    digits = SealedText(max_length=32, default="")
    confidence = models.FloatField(null=True)
    language = models.CharField(max_length=2)
    intent = models.CharField(max_length=20, blank=True)
    findings = SealedJSON(default=list, help_text="kind, rule, reason of each finding")
    rule_index = WordIndex(made_of=["findings"], words="rules_to_find", whole=True)
    filled = SealedJSON(default=dict, help_text="Fields that this turn filled or changed")
    said = SealedText(help_text="What the phone answered, as spoken")
    reply = SealedJSON(help_text="The reply from which the TwiML is rendered again")
    state = SealedJSON()
    took_ms = models.PositiveIntegerField(default=0)
    stages = models.JSONField(
        default=dict, db_default={}, help_text="Milliseconds until the caller heard it, by `calls.latency`"
    )
    understood_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="The model and prompt that helped; blank: rules"
    )

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["call", "n"]
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="turn_once")]

    def __str__(self) -> str:
        return f"turn {self.n} of {self.call_id}"

    @property
    def sealed_as(self) -> str:
        return f"{self.call_id} {self.n}"

    def rules_to_find(self) -> list[str]:
        """The rules that found something in it."""
        return rules_of(self.findings)


def rules_of(findings: Sequence[Mapping[str, str]]) -> list[str]:
    """The rules that these findings name."""
    return [one["rule"] for one in findings]
