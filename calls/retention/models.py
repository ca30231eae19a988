"""How long a clinic keeps each kind of thing; without a row it is kept."""

from __future__ import annotations

from django.db import models


class RetentionRule(models.Model):
    """After how many days one kind of thing is deleted. `artefact` is a name of `artefacts.TABLE`."""

    artefact = models.CharField(max_length=20, primary_key=True)
    days = models.PositiveIntegerField()

    class Meta:
        ordering = ["artefact"]

    def __str__(self) -> str:
        return f"{self.artefact} after {self.days} days"
