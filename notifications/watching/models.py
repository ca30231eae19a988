"""Incidents: trouble that stays one row however often it is looked at."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinics.models import Clinic
from notifications.watching.policy import LIMITS


class Incident(models.Model):
    """A measure that went beyond its limit; open until it has come back. Holds no patient data.

    `clinic` is None for the platform as a whole, `worst` the highest value while it was open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=20)
    clinic = models.ForeignKey(Clinic, null=True, blank=True, on_delete=models.CASCADE, related_name="incidents")
    worst = models.FloatField(help_text="In the unit of its limit")
    opened_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "clinic"],
                condition=Q(closed_at=None),
                nulls_distinct=False,
                name="incident_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"incident {self.name}"

    @property
    def sentence(self) -> str:
        """What a person reads."""
        limit = LIMITS.get(self.name)
        if limit is None:
            return self.name
        return f"{limit.sentence} ({self.worst:.0f} {limit.unit}, limit {limit.value:.0f} {limit.unit})"


class ServiceCount(models.Model):
    """How much of one objective went well and badly in five minutes, or in a day that is past. Figures only."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=12)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    bucket = models.DateTimeField(help_text="When it began")
    good = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "clinic", "bucket"], name="service_count_once")]
        indexes = [models.Index(fields=["bucket"], name="service_count_lately")]

    def __str__(self) -> str:
        return f"{self.name} of clinic {self.clinic_id}"
