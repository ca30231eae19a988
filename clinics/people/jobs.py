"""Celery's entry point for people: sessions, links and counts that are over are cleared away."""

from __future__ import annotations

from celery import shared_task

from clinics.people import clearing
from clinics.people.behalf import for_the_system
from clinics.tenancy import each_clinic, outside


@shared_task(name="people.clear")
@for_the_system
def clear() -> None:
    """Look through the platform's own people and every clinic's."""
    with outside():
        clearing.clear_what_is_over()
    for _clinic in each_clinic():
        clearing.clear_what_is_over()
