"""What reviewers say of how the telephone judged a call, and the sentences that may leave the clinic for it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from clinics.practice.sensitive import OnCallQuerySet
from clinics.sealing.fields import SealedText


class Stratum(models.TextChoices):
    """Why a call comes up for review: the groups that the measured figures weigh apart."""

    ALARM = "alarm", gettext_lazy("Emergency alarm")
    ESCALATED = "escalated", gettext_lazy("Escalated")
    FAILED = "failed", gettext_lazy("Failed")
    PILOT = "pilot", gettext_lazy("Pilot")
    SAMPLED = "sampled", gettext_lazy("Sampled")
    PICKED = "picked", gettext_lazy("Picked by hand")


class ReviewVerdict(models.TextChoices):
    """What a reviewer says of how the telephone judged a call."""

    CORRECT = "correct", gettext_lazy("Correct")
    MISSED = "missed", gettext_lazy("Missed")
    FALSE_ALARM = "false_alarm", gettext_lazy("False alarm")
    WRONG_INTENT = "wrong_intent", gettext_lazy("Wrong intent")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


class Label(models.TextChoices):
    """What an utterance truly is, in the words of the labelled files that `manage.py triage_report` reads."""

    EMERGENCY = "emergency", gettext_lazy("Emergency")
    URGENT = "urgent", gettext_lazy("Urgent, same day")
    ROUTINE_MEDICAL = "routine_medical", gettext_lazy("Routine medical")
    MEDICAL_ADVICE = "medical_advice", gettext_lazy("Asks for medical advice")
    TEST_RESULT = "test_result", gettext_lazy("Asks for a test result")
    REFILL = "refill", gettext_lazy("Refill")
    HUMAN_REQUEST = "human_request", gettext_lazy("Asks for a person")
    CALLBACK = "callback", gettext_lazy("Call back")
    APPOINTMENT = "appointment", gettext_lazy("Appointment")
    GENERAL = "general", gettext_lazy("General question")
    DISTRESS = "distress", gettext_lazy("Distress")
    OTHER = "other", gettext_lazy("Other")


class ReviewQuerySet(OnCallQuerySet["Review"]):
    def standing(self) -> ReviewQuerySet:
        """The review that counts of each call: not replaced, not withdrawn."""
        return self.filter(current=True).exclude(verdict=ReviewVerdict.WITHDRAWN)

    def of_week(self, week: str) -> ReviewQuerySet:
        return self.filter(week=week)

    def with_people(self) -> ReviewQuerySet:
        return self.select_related("by")


class Review(models.Model):
    """One reviewer's judgement of one call. Append-only: a change is a new row with the next `number`.

    A call has one standing review whoever wrote it, because its label is counted once; what was said before stays.
    `(call, number)` is what keeps two reviewers apart: each writes the row after the one that they saw.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="reviews")
    number = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)
    turn = models.ForeignKey(
        "calls.Turn", null=True, on_delete=models.SET_NULL, related_name="+", help_text="The utterance that is judged"
    )
    verdict = models.CharField(max_length=12, choices=ReviewVerdict)
    finding = models.CharField(max_length=16, blank=True, help_text="Kind of the finding that is judged, a FindingKind")
    rule = models.CharField(max_length=80, blank=True, help_text="Rule of that finding")
    true_label = models.CharField(max_length=16, choices=Label, blank=True)
    true_intent = models.CharField(max_length=20, blank=True)
    stratum = models.CharField(max_length=10, choices=Stratum, help_text="Why the call was reviewed")
    week = models.CharField(max_length=8, help_text="ISO week of the call on the clinic's wall clock, 2026-W47")
    rules_version = models.CharField(max_length=40, blank=True, help_text="Rules that judged the call")
    note = SealedText(default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="review_once_per_number"),
            models.UniqueConstraint(fields=["call"], condition=Q(current=True), name="review_one_current"),
            models.CheckConstraint(
                condition=~Q(verdict__in=["missed", "false_alarm"]) | ~Q(true_label=""), name="review_label_told"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="wrong_intent") | ~Q(true_intent=""), name="review_intent_told"
            ),
        ]
        indexes = [models.Index(fields=["week"], name="review_of_week", condition=Q(current=True))]

    def __str__(self) -> str:
        return f"review {self.id}"


class UtteranceQuerySet(OnCallQuerySet["Utterance"]):
    call_column = "review__call_id"

    def may_leave(self) -> UtteranceQuerySet:
        """Those that count, without the sensitive calls': these never leave the clinic."""
        return self.open_to_all().filter(review__in=Review.objects.standing())


class Utterance(models.Model):
    """A caller's sentence without identities, with its true label: what may leave the clinic.

    `text` is what the reviewer saw and confirmed; its id leads back to no call outside this schema.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="utterances")
    turn = models.ForeignKey("calls.Turn", null=True, on_delete=models.SET_NULL, related_name="+")
    text = SealedText(help_text="Names, dates, numbers and addresses replaced by placeholders")
    lang = models.CharField(max_length=2)
    label = models.CharField(max_length=16, choices=Label)
    rules_version = models.CharField(max_length=40, blank=True)

    objects = UtteranceQuerySet.as_manager()

    class Meta:
        ordering = ["review", "turn"]
        constraints = [models.UniqueConstraint(fields=["review", "turn"], name="utterance_once")]

    def __str__(self) -> str:
        return f"utterance {self.id}"
