"""What people say that a caller really said; the turns keep what the recogniser wrote."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from clinics.sealing.fields import SealedText

if TYPE_CHECKING:
    from calls.models import Call


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def of_call(self, call: Call) -> CorrectionQuerySet:
        """Every correction of a call's words in the order they were made."""
        return self.filter(turn__call=call).select_related("by").order_by("turn", "number")


class Correction(models.Model):
    """What a caller really said in a turn, written by a person. Append-only; the turn keeps the recogniser's words.

    `(turn, number)` keeps two people apart who correct the same words: each writes the row after the one they saw.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    turn = models.ForeignKey("calls.Turn", on_delete=models.CASCADE, related_name="corrections")
    number = models.PositiveSmallIntegerField(default=1)
    words = SealedText()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["turn", "number"]
        constraints = [models.UniqueConstraint(fields=["turn", "number"], name="correction_once_per_number")]

    def __str__(self) -> str:
        return f"correction {self.id}"
