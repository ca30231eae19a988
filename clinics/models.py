"""The shared tables: which clinics there are, at which hosts and numbers, with which agreements. No patient data."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy
from django_tenants.models import DomainMixin, TenantMixin

from clinics.backups.models import Backup, BackupTry, ClosedClinic  # noqa: F401  (Django looks here)
from clinics.fleet import models as _fleet  # noqa: F401  (the same)
from clinics.phones import E164
from clinics.providers.models import Provider, VoiceTest, Warming  # noqa: F401  (Django looks for models here)

slug_rule = RegexValidator(
    r"^[a-z][a-z0-9-]{1,38}[a-z0-9]\Z",
    "Use 3 to 40 lower-case letters, digits and hyphens, starting with a letter.",
)


def zone_rule(name: str) -> None:
    """Refuse what is no time zone."""
    if name not in available_timezones():
        raise ValidationError("Write an IANA name such as America/Chicago.")


e164_rule = RegexValidator(rf"^{E164.pattern}\Z", "Write the number in E.164 form, such as +12025550100.")


class Ring(models.TextChoices):
    """How early a clinic gets what is new: migrations, policies and features go ring by ring."""

    CANARY = "canary", "Canary: first"
    EARLY = "early", "Early"
    GENERAL = "general", "General: last"


class ClinicQuerySet(models.QuerySet["Clinic"]):
    def open(self) -> ClinicQuerySet:
        """Clinics that answer their telephone: every one but the public row and the suspended."""
        return self.exclude(schema_name="public").filter(suspended_at=None)


class Clinic(TenantMixin):
    """One clinic. Its data lives in the schema `schema_name`; this row holds only what the platform must know."""

    auto_create_schema = True
    auto_drop_schema = False

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.CharField(max_length=40, unique=True, validators=[slug_rule])
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, default="America/New_York", help_text="An IANA name")
    region = models.CharField(max_length=2, default="US", help_text="ISO country that numbers without + belong to")
    test_calls_only = models.BooleanField(default=False, help_text="Every call counts as a test")
    twilio_account_sid = models.CharField(max_length=34, blank=True, help_text="Blank: the platform's account")
    twilio_token_sealed = models.TextField(blank=True, editable=False, help_text="Its auth token, encrypted")
    async_delivery = models.BooleanField(default=True, help_text="Off: the request delivers its own notices")
    ring = models.CharField(max_length=7, choices=Ring, default=Ring.GENERAL, db_default=Ring.GENERAL)
    suspended_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=2,
        blank=True,
        choices=settings.LANGUAGES,
        help_text="Of the portal; blank: what a browser asks for",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host of a clinic, in lower case and without a port. One is primary: Twilio is given that one."""


class PhoneLine(models.Model):
    """A number that patients dial. A webhook is believed only when its `To` is a line of the host's clinic."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="lines")
    number = models.CharField(max_length=16, unique=True, validators=[e164_rule], help_text="E.164")
    label = models.CharField(max_length=60, blank=True, help_text="The site that it rings at")
    timezone = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        validators=[zone_rule],
        help_text="Of the site; blank: the clinic's",
    )
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.number


class Agreement(models.Model):
    """A signed agreement (BAA) that lets one provider receive this clinic's patient data."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="agreements")
    provider = models.CharField(max_length=40)
    signed_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=200, help_text="Where the signed document is kept")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "provider", "signed_on"], name="agreement_once")]

    def __str__(self) -> str:
        return f"{self.provider}, {self.signed_on}"


class DataKey(models.Model):
    """A clinic's own key for its patients' fields, wrapped by `FIELD_KEYS`; each sealed value begins with its id.

    The one with the highest number seals. The others only open: a rotation retires them when nothing is sealed with
    them any more, and takes them away a day later. Without its keys a clinic's data cannot be read by anybody.
    """

    id = models.CharField(primary_key=True, max_length=8, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="data_keys")
    number = models.PositiveIntegerField(default=1)
    wrapped = models.TextField(editable=False, help_text="The key, encrypted")
    made_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True, help_text="When nothing was sealed with it any more")

    class Meta:
        ordering = ["clinic", "-number"]
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="data_key_once")]

    def __str__(self) -> str:
        return f"data key {self.id}"


class DrillState(models.TextChoices):
    ASKED = "asked", gettext_lazy("Waiting to begin")
    RUNNING = "running", gettext_lazy("Waiting for somebody to acknowledge it")
    PASSED = "passed", gettext_lazy("Passed")
    FAILED = "failed", gettext_lazy("Failed")


class DrillQuerySet(models.QuerySet["Drill"]):
    def unfinished(self) -> DrillQuerySet:
        return self.filter(state__in=[DrillState.ASKED, DrillState.RUNNING])

    def passed(self) -> DrillQuerySet:
        return self.filter(state=DrillState.PASSED)

    def last_passed(self, clinic: Clinic) -> datetime | None:
        """When a drill of the clinic passed for the last time."""
        return self.passed().filter(clinic=clinic).aggregate(last=models.Max("finished_at"))["last"]


class Drill(models.Model):
    """A fire drill: a made-up emergency call that goes the true way until a person has acknowledged it.

    Shared, because operators see it over all clinics; it holds no word of a call. `broke` is a code of
    `calls/drills/policy.py`; `asked_by` is a person of the clinic, or None when it was the timetable.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="drills")
    state = models.CharField(max_length=8, choices=DrillState, default=DrillState.ASKED)
    broke = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.UUIDField(null=True)
    played_at = models.DateTimeField(null=True)
    call_id = models.UUIDField(null=True)
    escalation_id = models.UUIDField(null=True)
    told_at = models.DateTimeField(null=True, help_text="When the first person had been told")
    finished_at = models.DateTimeField(null=True)
    seconds_to_acknowledge = models.PositiveIntegerField(null=True)

    objects = DrillQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(state__in=["asked", "running"]), name="drill_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["passed", "failed"]) | models.Q(finished_at__isnull=False),
                name="drill_finished_stamped",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-asked_at"], name="drill_of_clinic")]

    def __str__(self) -> str:
        return f"drill {self.id}"
