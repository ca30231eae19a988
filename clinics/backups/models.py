"""Which backups were made of a clinic and whether they were proved. The files are elsewhere; no patient data here."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now


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
