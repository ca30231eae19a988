"""Closed now, whatever the hours say: from when until when, by whom, and whether somebody opened again before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Now

LONGEST = timedelta(days=14)
"""A closure that nobody remembers to lift ends by itself."""


class ClosureQuerySet(models.QuerySet["Closure"]):
    def standing(self) -> ClosureQuerySet:
        """Neither over nor lifted."""
        return self.filter(lifted_at=None, until__gt=Now())

    def until(self) -> datetime | None:
        """Until when the clinic is closed now; None when it is not."""
        return self.standing().aggregate(last=models.Max("until"))["last"]

    def until_now(self) -> Subquery:
        """The same as part of another query."""
        return Subquery(self.standing().order_by("-until").values("until")[:1])


class Closure(models.Model):
    """A clinic that should be open is closed: a storm, a power cut, everybody ill."""

    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="closure_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(until__lte=models.F("since") + LONGEST + timedelta(minutes=1)), name="closure_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"closure {self.pk}"
