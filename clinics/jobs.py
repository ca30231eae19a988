"""Celery's entry point of the platform: changes in waves go on their way."""

from __future__ import annotations

from celery import shared_task

from clinics.fleet.waves import advancing
from clinics.people.behalf import for_the_system


@shared_task(name="clinics.advance_waves")
@for_the_system
def advance_waves() -> None:
    advancing.advance()
