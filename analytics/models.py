"""What is kept of each day's figures, so that a page over months reads days instead of turns."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Daily(models.Model):
    """The counts of one day of the clinic's clock: `{part: {figure: {key: how many}}}`. No word of a patient.

    `analytics.rolling` writes it, as often as it likes; whatever the rows of a day lose later to the clinic's
    retention, its counts stay.
    """

    day = models.DateField(primary_key=True)
    parts = models.JSONField(default=dict)
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"figures of {self.day}"


class Stretch(models.Model):
    """Kept days added up, for the spans that a page offers: `{part: {figure: {key: how many}}}` as for one day.

    It says nothing once one of its days was counted anew: `made_of` is a digest of when each of them was.
    """

    id = models.BigAutoField(primary_key=True)
    first = models.DateField()
    last = models.DateField()
    parts = models.JSONField(default=dict)
    made_of = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "last"], name="stretch_once")]

    def __str__(self) -> str:
        return f"figures from {self.first} to {self.last}"


class ReviewedWeek(models.Model):
    """What the reviews of one week say: `[group, calls, reviewed, caught, missed, false alarms]` for each group."""

    week = models.CharField(max_length=8, primary_key=True, help_text="ISO week on the clinic's clock, 2026-W47")
    groups = models.JSONField(default=list)
    counted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["week"]

    def __str__(self) -> str:
        return f"reviews of {self.week}"
