"""Celery's entry points of the platform: changes in waves go on their way, and clinics are kept each night."""

from __future__ import annotations

from celery import shared_task

from clinics.backups import nightly
from clinics.fleet.waves import advancing
from clinics.people.behalf import for_the_system


@shared_task(name="clinics.advance_waves")
@for_the_system
def advance_waves() -> None:
    advancing.advance()


@shared_task(name="clinics.keep_backups")
@for_the_system
def keep_backups() -> None:
    nightly.keep_due()
