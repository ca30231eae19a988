"""Which backups were made of a clinic and whether they were proved. The files are elsewhere; no patient data here."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now

LONGEST = timedelta(hours=1)
"""That the backup of one clinic may take."""


class Backup(models.Model):
    """One file. `verified_at` is when it was last opened, read to its end and, `restored`, brought back for trial."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("clinics.Clinic", on_delete=models.CASCADE, related_name="backups")
    file = models.CharField(max_length=120, help_text="Its name, without a folder")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    size = models.PositiveBigIntegerField(help_text="Bytes")
    made_at = models.DateTimeField(db_default=Now())
    verified_at = models.DateTimeField(null=True)
    restored = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["clinic", "-made_at"], name="backup_of_clinic")]

    def __str__(self) -> str:
        return f"backup {self.file}"


class BackupTry(models.Model):
    """How the nightly backup of a clinic stands. Each try is counted before it begins, so one that was killed counts.

    `made_at` is when one last succeeded: was written, read back and opened. `code` says, without a path or a row, why
    the last one did not, or, with no failures, why it could not be brought back for trial.
    """

    clinic = models.OneToOneField(
        "clinics.Clinic", primary_key=True, on_delete=models.CASCADE, related_name="backup_try"
    )
    began_at = models.DateTimeField(db_default=Now())
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row; one that is under way counts")
    code = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["clinic"]
        verbose_name_plural = "backup tries"

    def __str__(self) -> str:
        return f"nightly backup of clinic {self.clinic_id}"

    def interrupted(self, now: datetime) -> bool:
        """Whether a try began so long ago that it does not run any more, and nobody says how it ended."""
        return bool(self.failures) and not self.code and now - self.began_at > LONGEST


class ClosedClinic(models.Model):
    """A clinic that left: what was erased, counted, and what is kept and why. Holds no patient data."""

    public_id = models.UUIDField(primary_key=True, editable=False)
    slug = models.CharField(max_length=40)
    closed_at = models.DateTimeField(db_default=Now())
    report = models.JSONField()

    class Meta:
        ordering = ["-closed_at"]

    def __str__(self) -> str:
        return self.slug
