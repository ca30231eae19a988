"""Celery's entry point of the queue: promises that were not kept are noticed."""

from __future__ import annotations

from celery import shared_task

from clinics.people.behalf import for_the_system
from clinics.waiting import clinics_with
from tasks import actions
from tasks.ledger import UNNOTICED


@shared_task(name="tasks.notice_broken_promises")
@for_the_system
def notice_broken_promises() -> None:
    """Look into every clinic that has one."""
    for _clinic in clinics_with("tasks_promise", UNNOTICED):
        actions.notice_broken_promises()
