"""Who the patient of a request is, as far as anybody knows."""

from __future__ import annotations

from tasks.identity import Identity, identify
from tasks.models import Task

EARLIER = 20
"""How many earlier requests from the same number are looked at."""


def identity_of(task: Task) -> Identity:
    """How sure it is who the patient is, from what was told now and before, and from who has looked into the chart."""
    confirmed_by = str(task.identity_confirmed_by) if task.identity_confirmed_by else ""
    return identify(task, list(Task.objects.earlier_of(task)[:EARLIER]), confirmed_by=confirmed_by)
