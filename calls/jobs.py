"""Celery's entry points of calls: fire drills are asked for, played and watched."""

from __future__ import annotations

from celery import shared_task

from calls.drills import actions
from clinics.people.behalf import for_the_system


@shared_task(name="calls.advance_drills")
@for_the_system
def advance_drills() -> None:
    actions.advance()


@shared_task(name="calls.ask_for_drills")
@for_the_system
def ask_for_drills() -> None:
    actions.ask_where_wanted()
