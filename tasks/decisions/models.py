"""A doctor's answer to a request."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from clinics.sealing.fields import SealedText


class Verdict(models.TextChoices):
    APPROVED = "approved", gettext_lazy("Approved")
    REJECTED = "rejected", gettext_lazy("Rejected")


class Decision(models.Model):
    """A doctor's answer to a request that needs one. There is never a second."""

    task = models.OneToOneField("tasks.Task", on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = SealedText(max_length=300, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="rejected") | Q(reason__blank=False), name="decision_rejection_reasoned"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.task_id}"

    @property
    def sealed_as(self) -> uuid.UUID:
        return self.task_id
