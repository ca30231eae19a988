"""How far each clinic has come with a deployment, with data that is moved in batches, and with a change in waves.

No patient data.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from clinics.fleet.waves.models import FleetChange, FleetStep, Group, GroupMember

__all__ = [
    "Backfilling",
    "Blueprint",
    "ClinicPhase",
    "FleetChange",
    "FleetStep",
    "Group",
    "GroupMember",
    "Upgrade",
]  # Django looks here


class Upgrade(models.Model):
    """The last time a clinic's schema was brought up to date, or was tried to be.

    What a schema lacks is asked of the schema itself; this row says who was at it, when, and where it stopped. `code`
    is the error's type and SQLSTATE, never its text, which may quote a row.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Being brought up to date"
        DONE = "done", "Up to date"
        FAILED = "failed", "Failed"

    clinic = models.OneToOneField("clinics.Clinic", primary_key=True, on_delete=models.CASCADE, related_name="upgrade")
    state = models.CharField(max_length=7, choices=State)
    stopped_at = models.CharField(max_length=160, blank=True, help_text="The migration that failed")
    code = models.CharField(max_length=80, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Of the last run; more than one: it met locks")
    by = models.CharField(max_length=80)
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["clinic"]

    def __str__(self) -> str:
        return f"upgrade of clinic {self.clinic_id}"


class Backfilling(models.Model):
    """How far one backfill has come in one clinic. `last` is written with the batch that it ends, or not at all."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey("clinics.Clinic", on_delete=models.CASCADE, related_name="backfillings")
    name = models.CharField(max_length=60)
    last = models.CharField(max_length=60, blank=True, help_text="Key of the last row that is done")
    done = models.PositiveBigIntegerField(default=0, help_text="Rows")
    total = models.PositiveBigIntegerField(default=0, help_text="Rows there were when it began")
    began_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "clinic"]
        constraints = [models.UniqueConstraint(fields=["name", "clinic"], name="backfilling_once")]

    def __str__(self) -> str:
        return f"{self.name} of clinic {self.clinic_id}"


class ClinicPhase(models.Model):
    """The phase that a clinic is in, and how it stood before the next one when that was last measured.

    `phase` is written with each policy; `criteria` are [name, figure, threshold, met, most] of `calls.readiness`.
    """

    clinic = models.OneToOneField("clinics.Clinic", primary_key=True, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=14)
    criteria = models.JSONField(default=list)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["clinic"]

    def __str__(self) -> str:
        return f"phase of clinic {self.clinic_id}"


class Blueprint(models.Model):
    """The statements that make an empty clinic's schema, for the migrations that `digest` stands for."""

    digest = models.CharField(primary_key=True, max_length=64)
    statements = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"blueprint {self.digest[:8]}"
