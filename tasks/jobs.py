"""Celery's entry point of the queue: promises that were not kept are noticed."""

from __future__ import annotations

from celery import shared_task

from clinics.people.behalf import for_the_system
from clinics.tenancy import each_clinic
from tasks import actions


@shared_task(name="tasks.notice_broken_promises")
@for_the_system
def notice_broken_promises() -> None:
    """Look through every clinic."""
    for _clinic in each_clinic():
        actions.notice_broken_promises()
