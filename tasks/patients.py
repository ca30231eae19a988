"""Who the patient of a request is, as far as anybody knows."""

from __future__ import annotations

from clinics.people.models import User
from tasks.identity import Identity, identify
from tasks.models import Task

EARLIER = 20
"""How many earlier requests from the same number are looked at."""


def identity_of(task: Task, *, person: User) -> Identity:
    """How sure it is who the patient is, from what was told now and before, and from who has looked into the chart.

    Of what was told before, only what is open to this person: the sentence would tell of a sensitive call.
    """
    confirmed_by = str(task.identity_confirmed_by) if task.identity_confirmed_by else ""
    earlier = Task.objects.visible_to(person).earlier_of(task)[:EARLIER]
    return identify(task, list(earlier), confirmed_by=confirmed_by)
