"""What a call has led to so far, for whoever watches it on the test phone or at the command line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from escalations.models import Escalation
from tasks.models import Task


def created_by(call_id: UUID) -> list[dict[str, Any]]:
    """The escalations and tasks of a call, each with its kind, a label and its page."""
    escalations = [
        {
            "kind": "escalation",
            "label": escalation.summary,
            "url": reverse("escalations:list"),
            "id": str(escalation.id),
            "level": escalation.level,
        }
        for escalation in Escalation.objects.filter(call_id=call_id).order_by("raised_at")
    ]
    tasks = [
        {
            "kind": "task",
            "label": f"{task.get_kind_display()}: {task.summary}",
            "url": f"{reverse('tasks:queue')}{task.id}/",
            "id": str(task.id),
        }
        for task in Task.objects.filter(call_id=call_id).order_by("request_number")
    ]
    return [*escalations, *tasks]
