"""Celery's entry point of the practice: the audit chain is verified, and its heads are written down elsewhere."""

from __future__ import annotations

from celery import shared_task

from clinics.people.behalf import for_the_system
from clinics.practice.trail.watching import look_at_trails


@shared_task(name="practice.watch_audit")
@for_the_system
def watch_audit() -> None:
    """Look through every clinic."""
    look_at_trails()
