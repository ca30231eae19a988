"""Celery's entry point of the numbers: days that are over are counted and kept."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from analytics import reviewed, rolling
from clinics.people.behalf import for_the_system
from clinics.tenancy import each_clinic


@shared_task(name="analytics.roll_up")
@for_the_system
def roll_up() -> None:
    """Look through every clinic."""
    now = timezone.now()
    for _clinic in each_clinic():
        rolling.roll_up(now)
        reviewed.count_weeks(now)
