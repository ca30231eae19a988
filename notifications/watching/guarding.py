"""What a change in waves is judged by that the objectives count: turns that failed, and turns that took too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum

from clinics.fleet.waves.guardrails import Tally
from clinics.models import Clinic
from notifications.watching.models import ServiceCount

NAMES = {"webhook": "failed_turns", "turn": "slow_turns"}
"""Objectives, and the guardrails that they feed."""


def of_turns(clinic: Clinic, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """By the five minutes that began in this time; a day that is past counts when it began in it."""
    counted = ServiceCount.objects.filter(clinic=clinic, name__in=NAMES, bucket__gte=since, bucket__lt=until)
    rows = counted.order_by().values_list("name").annotate(Sum("good"), Sum("bad"))
    return {NAMES[name]: Tally(bad, good + bad) for name, good, bad in rows}
