"""The chain over the audit trail: one seal per entry, each holding the hash of the one before."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class AuditSeal(models.Model):
    """One link. Written by PostgreSQL at the commit of its entry, see the migration; nobody writes it from here.

    `entry_id` is no foreign key: a seal stays when its entry is made away with, and so names what is missing.
    """

    seq = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"seal {self.seq}"
