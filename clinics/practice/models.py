"""How one clinic works: its call policy in numbered versions, opening hours, holidays and approved facts."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from clinics.models import e164_rule
from clinics.practice import guard, ladder, phases, promises
from clinics.practice.api_use import Answered, ApiUse  # noqa: F401  (Django looks for models here)
from clinics.practice.closures import Closure  # noqa: F401  (Django looks for models here)
from clinics.practice.duty import Cover  # noqa: F401  (Django looks for models here)
from clinics.practice.openings import Holiday, OpeningHours
from clinics.practice.own_rules import OwnRule, RuleChange
from clinics.practice.retention import LegalHold, Retention  # noqa: F401  (the same)
from clinics.practice.sensitive import BrokenGlass, NamedForCall, SensitiveCall, SensitiveNumber  # noqa: F401
from clinics.practice.shifts import Shift
from clinics.practice.trail.models import AuditSeal  # noqa: F401  (the same)
from clinics.practice.voices import Voiced

__all__ = [
    "Answers",
    "CallPolicy",
    "Fact",
    "HandoverMode",
    "Holiday",
    "OpeningHours",
    "OwnRule",
    "Phase",
    "RecordingMode",
    "RuleChange",
    "Shift",
]


class Phase(models.TextChoices):
    PILOT = "pilot", gettext_lazy("Pilot")
    STABILISATION = "stabilisation", gettext_lazy("Stabilisation")
    EXPANSION = "expansion", gettext_lazy("Expansion")
    PRODUCTION = "production", gettext_lazy("Production")


class RecordingMode(models.TextChoices):
    NONE = "none", gettext_lazy("No recording")
    ANNOUNCE = "announce", gettext_lazy("Announce, then record")
    ASK = "ask", gettext_lazy("Ask, and record after a yes")


class Answers(models.TextChoices):
    """Who answers a call first."""

    ASSISTANT_FIRST = "assistant_first", gettext_lazy("The assistant")
    STAFF_FIRST = (
        "staff_first",
        gettext_lazy("The clinic's line; the assistant when nobody answers, and when it is closed"),
    )
    WHEN_CLOSED = (
        "when_closed",
        gettext_lazy("The clinic's line, then a voicemail; the assistant only when it is closed"),
    )
    OFF = "off", gettext_lazy("The clinic's line, then a voicemail; never the assistant")


class HandoverMode(models.TextChoices):
    """How a caller is connected to a person."""

    LINE = "line", gettext_lazy("Straight to the clinic's line")
    TEAM = "team", gettext_lazy("To the people on shift, one after the other, then the line")


def promise_rule(times: object) -> None:
    """Refuse promises that the phone cannot make and times that leave their bounds."""
    try:
        promises.check_minutes(times)
    except ValueError as refused:
        raise ValidationError(str(refused)) from refused


def ladder_rule(times: object) -> None:
    """Refuse times that the standard ladder does not know or that leave their bounds."""
    if problems := ladder.problems(times):
        raise ValidationError(problems)


def wording_rule(own: object) -> None:
    """Refuse what is no table of sentences, and what a telephone must not say; which sentences: `calls` knows."""
    if not isinstance(own, dict) or not set(own) <= {"en", "es"}:
        raise ValidationError("Own words are kept by language.")
    for lang, told in own.items():
        if not isinstance(told, dict) or not all(isinstance(text, str) and text for text in told.values()):
            raise ValidationError("Each sentence has a name and its words.")
        for text in told.values():
            if refusal := guard.why_not_published(text, lang=lang):
                raise ValidationError(refusal.sentence)


class CallPolicy(Voiced):
    """One published version of how the phone behaves. Never edited: a change is a new version.

    The highest version is in force; each call keeps the number of the one it was answered under. A limit left empty is
    the one of the phase (`phases.PRESETS`); one that is filled in may only be stricter than that.
    """

    version = models.PositiveIntegerField(unique=True)
    phase = models.CharField(max_length=14, choices=Phase, default=Phase.PILOT)
    clinic_line = models.CharField(
        max_length=16, validators=[e164_rule], help_text="The human line that calls are connected to"
    )
    emergency_number = models.CharField(max_length=8, default="911")
    crisis_number = models.CharField(max_length=16, default="988")
    recording = models.CharField(max_length=8, choices=RecordingMode, default=RecordingMode.NONE)
    answers = models.CharField(
        max_length=16, choices=Answers, default=Answers.ASSISTANT_FIRST, db_default=Answers.ASSISTANT_FIRST
    )
    handover = models.CharField(
        max_length=4,
        choices=HandoverMode,
        default=HandoverMode.LINE,
        db_default=HandoverMode.LINE,
        help_text="An emergency always goes straight to the line",
    )
    live_words = models.BooleanField(
        default=False, db_default=False, help_text="Danger alarms in the middle of a sentence, before it is finished"
    )
    streaming = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Through Twilio's ConversationRelay, where the account is set up for it",
    )
    spanish = models.BooleanField(default=True)
    model_helps = models.BooleanField(default=False, db_default=False)
    automates = models.JSONField(
        null=True, blank=True, help_text="What the phone takes by itself; the rest goes to a person. Empty: the phase's"
    )
    max_call_seconds = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(60)], help_text="After so many seconds a person takes over"
    )
    max_turns = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(8), MaxValueValidator(200)],
        help_text="A call ends after so many exchanges",
    )
    no_progress_turns = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(2)], help_text="Turns in which nothing moved"
    )
    min_confidence = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(0.9)],
        help_text="Below this the recogniser is not believed",
    )
    misunderstood_in_a_row = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Turns not understood, one after the other"
    )
    misunderstood_in_call = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Turns not understood in the whole call"
    )
    doubted_in_call = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Turns that the recogniser itself doubted"
    )
    corrections_in_call = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Times the caller said it was wrong"
    )
    distress_turns = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Turns in which the caller is in distress"
    )
    greeting_en = models.CharField(max_length=300, blank=True, help_text="Blank: the standard greeting")
    greeting_es = models.CharField(max_length=300, blank=True)
    pilot_reviews = models.PositiveSmallIntegerField(
        default=200,
        validators=[MinValueValidator(100), MaxValueValidator(300)],
        help_text="So many of a pilot's first calls are all reviewed",
    )
    review_percent = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Of the calls that nothing went wrong in, so many in a hundred are reviewed",
    )
    review_least = models.PositiveSmallIntegerField(
        default=10, validators=[MaxValueValidator(100)], help_text="But at least so many a week"
    )
    review_most = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(500)], help_text="And at most so many a week"
    )
    own_rules = models.JSONField(default=list, blank=True, help_text="What the clinic adds to the safety rules")
    promise_minutes = models.JSONField(
        default=dict,
        blank=True,
        validators=[promise_rule],
        help_text="Open minutes until each promise is due, by its name; what is missing is the standard",
    )
    ladder = models.JSONField(
        default=dict,
        blank=True,
        validators=[ladder_rule],
        help_text="Seconds until each step of the escalation ladder, per level; what is missing is the standard",
    )
    wording = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        validators=[wording_rule],
        help_text="Own words for sentences of the telephone, by language and key; what is missing is the standard",
    )
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pilot_reviews__gte=100, pilot_reviews__lte=300), name="policy_pilot_reviews"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

    def clean(self) -> None:
        wrong = phases.unknown(self.automates)
        if not wrong and self.phase in phases.PRESETS:
            wrong = phases.laxer(self.phase, self.limits)
        for lang, text in (("en", self.greeting_en), ("es", self.greeting_es)):
            if refusal := guard.why_not_published(text, lang=lang):
                wrong[f"greeting_{lang}"] = refusal.sentence
        if not isinstance(self.wording, dict):  # an empty list is no value to a validator
            wrong["wording"] = "Own words are kept by language."
        if (self.review_least or 0) > (self.review_most or 0):
            wrong["review_least"] = gettext("The least number of reviews is above the most.")
        if wrong:
            raise ValidationError(wrong)

    @property
    def limits(self) -> dict[str, object]:
        """The clinic's own limits by name; None where it keeps to its phase."""
        return {name: getattr(self, name) for name in phases.LIMITS}


class FactQuerySet(models.QuerySet["Fact"]):
    def with_people(self) -> FactQuerySet:
        return self.select_related("approved_by")

    def told_on(self, day: date) -> FactQuerySet:
        """(topic, language, text) of the facts that still hold on a day; the last day of a fact is told."""
        return self.exclude(expires_on__lt=day).values_list("topic", "language", "text")


class Fact(models.Model):
    """One approved answer to a general question, in the words the phone will say."""

    topic = models.CharField(max_length=40, help_text="hours, address, fax, insurance, parking ...")
    language = models.CharField(max_length=2, default="en")
    text = models.CharField(max_length=500)
    expires_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ["topic", "language"]
        constraints = [models.UniqueConstraint(fields=["topic", "language"], name="fact_once")]

    def __str__(self) -> str:
        return f"{self.topic} ({self.language})"

    def clean(self) -> None:
        if refusal := guard.why_not_published(self.text, lang=self.language):
            raise ValidationError({"text": refusal.sentence})
