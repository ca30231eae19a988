"""Celery's entry points of calls: fire drills, recordings that come home and grow old, voices that are tried."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from calls.drills import actions
from calls.readiness.keeping import measure_all
from calls.recordings import fetching
from calls.recordings.actions import delete_old
from calls.retention.actions import delete_what_is_due
from calls.speech import testing
from calls.speech.warming import warm_where_wanted
from clinics.people.behalf import for_the_system
from clinics.tenancy import each_clinic


@shared_task(name="calls.advance_drills")
@for_the_system
def advance_drills() -> None:
    actions.advance()


@shared_task(name="calls.ask_for_drills")
@for_the_system
def ask_for_drills() -> None:
    actions.ask_where_wanted()


@shared_task(name="calls.fetch_recordings")
@for_the_system
def fetch_recordings() -> None:
    fetching.fetch_everywhere()


@shared_task(name="calls.delete_old_recordings")
@for_the_system
def delete_old_recordings() -> None:
    for _clinic in each_clinic():
        delete_old(now=timezone.now())


@shared_task(name="calls.delete_what_is_due")
@for_the_system
def delete_what_is_old() -> None:
    """Look through every clinic."""
    for _clinic in each_clinic():
        delete_what_is_due()


@shared_task(name="calls.warm_voices")
@for_the_system
def warm_voices() -> None:
    warm_where_wanted()


@shared_task(name="calls.watch_voice_tests")
@for_the_system
def watch_voice_tests() -> None:
    testing.watch()


@shared_task(name="calls.measure_readiness")
@for_the_system
def measure_readiness() -> None:
    measure_all()
