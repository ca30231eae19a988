"""Who may be reached outside the portal, and when: a clinic's choices, people's choices, and who said STOP.

Shared by all clinics, so no telephone number is here: who opted out is known by a keyed digest (`numbers.py`).
"""

from __future__ import annotations

from datetime import time
from uuid import UUID

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from clinics.models import Clinic

service_rule = RegexValidator(r"^MG[0-9a-f]{32}\Z", "A messaging service is MG and 32 hexadecimal digits.")


class Messaging(models.Model):
    """What one clinic lets leave the portal. Without a row patients are told nothing."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, primary_key=True, related_name="messaging")
    request_received = models.BooleanField(default=False, help_text="Text patients that their request was received")
    decision_made = models.BooleanField(default=False, help_text="Text patients that there is news on their request")
    missed_you = models.BooleanField(default=False, help_text="Text patients that they were called back in vain")
    missed_call = models.BooleanField(
        default=False, db_default=False, help_text="Text callers who left with nothing that their call was missed"
    )
    quiet_from = models.TimeField(default=time(20), help_text="From then on, clinic time, no patient is texted")
    quiet_until = models.TimeField(default=time(8))
    staff_language = models.CharField(
        max_length=2, choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))], default="en"
    )
    answers_keywords = models.BooleanField(
        default=False, help_text="On where Twilio's own answers to STOP, START and HELP are turned off"
    )
    messaging_service = models.CharField(
        max_length=34, blank=True, validators=[service_rule], help_text="Blank: texts come from the clinic's line"
    )

    class Meta:
        verbose_name_plural = "messaging"

    def __str__(self) -> str:
        return f"messaging of clinic {self.clinic_id}"

    def tells_patients(self, kind: str) -> bool:
        """Whether the clinic wants its patients to hear of this kind."""
        switch = SWITCHES.get(kind)
        return switch is not None and bool(getattr(self, switch))


# Which switch of the clinic lets which announcement reach the patient.
SWITCHES = {
    "task.opened": "request_received",
    "task.decided": "decision_made",
    "task.missed": "missed_you",
    "call.missed": "missed_call",
}


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def of(self, *, clinic: Clinic, person: UUID) -> PreferenceQuerySet:
        return self.filter(clinic=clinic, person=person)


class Preference(models.Model):
    """One person wants one kind over one more channel. Escalations that are sent to a person are not asked here."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField()
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=12)
    since = models.DateTimeField(db_default=Now())

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "kind", "channel", "person"], name="preference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"


class OptOut(models.Model):
    """A number that said STOP to a clinic, or was refused by the network for having said so."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="Keyed digest of clinic and number")
    key_id = models.CharField(max_length=8, help_text="Which key made the digest")
    source = models.CharField(max_length=12, help_text="keyword, network or staff")
    opted_out_at = models.DateTimeField(db_default=Now())
    opted_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "digest"], name="opt_out_once")]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"


class InboundText(models.Model):
    """A text that came in: when and what sort, never its words. One row per message, however often it is delivered."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    sid = models.CharField(max_length=34, unique=True)
    digest = models.CharField(max_length=64)
    meaning = models.CharField(max_length=6)
    answered = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["clinic", "digest", "-at"], name="inbound_of_number")]

    def __str__(self) -> str:
        return f"{self.meaning} {self.sid}"


class ProvenPhone(models.Model):
    """That a person reads what is sent to their number: they typed in a code that was texted there.

    It holds for one number, known by its digest; with another number it is void.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField()
    digest = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    proven_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "person"], name="proven_phone_once")]

    def __str__(self) -> str:
        return f"telephone of {self.person}"
