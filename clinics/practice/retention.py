"""How long each artefact is kept, and what is kept in spite of that because somebody must not lose it.

One table for all artefacts: a page of settings shows it, and each artefact's own job obeys it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy


class Artefact(models.TextChoices):
    RECORDING = "recording", gettext_lazy("Recordings of calls")
    VOICEMAIL = "voicemail", gettext_lazy("Messages after the tone")
    WORDS = "words", gettext_lazy("Words of calls")
    TASKS = "tasks", gettext_lazy("Closed tasks")
    ESCALATIONS = "escalations", gettext_lazy("Resolved escalations")
    CALLS = "calls", gettext_lazy("Calls")


OF_AUDIO = (Artefact.RECORDING, Artefact.VOICEMAIL)
STANDARD_DAYS: Mapping[str, int] = MappingProxyType({Artefact.RECORDING: 90, Artefact.VOICEMAIL: 30})
"""Days after which an artefact is deleted where a clinic has said nothing; what is not here is kept for good then."""


class Retention(models.Model):
    """How long a clinic keeps one artefact; without a row, the standard, or for good where there is none."""

    artefact = models.CharField(max_length=12, choices=Artefact, primary_key=True)
    days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(3650)])
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.artefact}: {self.days} days"


def days_kept() -> dict[str, int]:
    """Every artefact with its days."""
    return {**STANDARD_DAYS, **dict(Retention.objects.values_list("artefact", "days"))}


def kept_since(artefact: str, *, now: datetime) -> datetime:
    """What is older than this is deleted."""
    return now - timedelta(days=days_kept()[artefact])


class HoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> HoldQuerySet:
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """A call of which nothing is deleted, by age or by erasure, until the hold is lifted. It names the call alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call_id = models.UUIDField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["call_id"], condition=models.Q(lifted_at=None), name="legal_hold_one_standing"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by=None)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="legal_hold_lifted_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold {self.id}"
