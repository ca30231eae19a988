"""Views of the queue that somebody gave a name: a query string without a patient's word in it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, person: Any) -> SavedViewQuerySet:
        """A person's own and the clinic's."""
        return self.filter(Q(owner=person) | Q(owner=None))


class SavedView(models.Model):
    """A named view. `owner` is whose it is; none: the whole clinic's. Searches are never saved: they are words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="saved_views")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"view {self.id}"
