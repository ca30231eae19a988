"""What providers were asked on a call: for costs, errors and how long callers waited. Figures only."""

from __future__ import annotations

from django.db import models


class ProviderCall(models.Model):
    """One request to one provider. `units` are its price's: characters of speech, tokens of a model.

    `trouble` is "" for an answer, else the code of a failure; `carries` says whether a caller's words were in it.
    """

    id = models.BigAutoField(primary_key=True)
    call_id = models.UUIDField(null=True, help_text="None when no call waited for it")
    n = models.PositiveSmallIntegerField(null=True, help_text="The turn that waited")
    at = models.DateTimeField(auto_now_add=True)
    provider = models.CharField(max_length=40)
    capability = models.CharField(max_length=12)
    carries = models.CharField(max_length=8)
    trouble = models.CharField(max_length=40, blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    units = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["call_id"], name="provider_call_of_call"),
            models.Index(fields=["provider", "-at"], name="provider_call_newest"),
            models.Index(fields=["at"], name="provider_call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}, {self.trouble or 'answered'}"
