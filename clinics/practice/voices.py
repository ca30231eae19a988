"""Whose voice a clinic's telephone has."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy


class SpeechMode(models.TextChoices):
    NETWORK = "network", gettext_lazy("The telephone network's own voice")
    PROVIDER = "provider", gettext_lazy("A speech provider's voice")


class Voiced(models.Model):
    """The part of a policy that says who speaks, and in which voice per language."""

    speech = models.CharField(
        max_length=8, choices=SpeechMode, default=SpeechMode.NETWORK, db_default=SpeechMode.NETWORK
    )
    voice_en = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        help_text=gettext_lazy("Such as en-US-Neural2-F. Blank: the provider's"),
    )
    voice_es = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        help_text=gettext_lazy("Such as es-US-Neural2-A. Blank: the provider's"),
    )

    class Meta:
        abstract = True
