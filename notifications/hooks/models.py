"""The addresses that a clinic's own systems are told at. Shared like the outbox, and free of patient data."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clinics.models import Clinic
from clinics.sealed import unseal_text

MOST_PER_CLINIC = 5
MOST_FAILURES = 40
"""Tries in a row that may fail: five announcements given up, one after the other."""


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def working(self) -> WebhookQuerySet:
        """Those that are told: not taken away, not switched off."""
        return self.filter(removed_at=None, disabled_at=None)

    def note_outcome(self, *, delivered: bool, code: str) -> None:
        """Keep how a try ended; after too many failures in a row the webhook is switched off."""
        if delivered:
            self.update(failures=0, last_code="", tried_at=Now(), delivered_at=Now())
            return
        self.update(failures=F("failures") + 1, last_code=code[:60], tried_at=Now())
        self.filter(failures__gte=MOST_FAILURES, disabled_at=None).update(disabled_at=Now())

    def standing(self) -> WebhookQuerySet:
        """Those that an admin sees."""
        return self.filter(removed_at=None)


class Webhook(models.Model):
    """One address of a clinic's own system. `failures` counts tries in a row; too many switch it off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=300)
    secret_sealed = models.TextField(editable=False)
    failures = models.PositiveIntegerField(default=0)
    last_code = models.CharField(max_length=60, blank=True, help_text="How the last try ended; blank: it arrived")
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_told = models.BooleanField(default=False)
    made_by = models.UUIDField()
    made_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "url"], name="webhook_once", condition=Q(removed_at=None))
        ]

    def __str__(self) -> str:
        return f"webhook {self.id}"

    @property
    def secret(self) -> str:
        return unseal_text(self.secret_sealed, about=self.sealed_as)

    @property
    def sealed_as(self) -> str:
        return f"webhook:{self.id}"
