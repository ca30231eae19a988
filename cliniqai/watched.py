"""Traces and errors of this process, as the settings say: once, before its work begins."""

from __future__ import annotations

from django.conf import settings

from cliniqai import errors, tracing

RELEASE = "cliniqai"


def watched() -> tracing.Tracing | None:
    """Begin to report; returns what traces, or None when nobody does."""
    errors.start(settings.ERRORS_DSN, process=settings.PROCESS, release=RELEASE)
    return tracing.start(settings.TRACES_URL, process=settings.PROCESS)
