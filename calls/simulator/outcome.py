"""What a call has led to so far and what was understood, for who watches it on the test phone or the command line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from calls.models import Turn, wanted_words
from calls.transcripts.lines import line_of
from clinics import recorded
from clinics.people.language import LANGUAGES
from escalations.models import Escalation
from tasks.models import Task


def understood_in(call_id: UUID) -> dict[str, Any] | None:
    """What the telephone made of the last thing the caller did: intent, fields, findings; None before that."""
    turn = Turn.objects.filter(call_id=call_id, n__gt=0).order_by("-n").first()
    if turn is None:
        return None
    line = line_of(turn)
    return {
        "turn": turn.n,
        "words": line.heard or turn.digits,
        "confidence": line.confidence,
        "intent": wanted_words(turn.intent) if turn.intent else "",
        "language": LANGUAGES.get(turn.language, turn.language),
        "filled": [list(one) for one in line.filled],
        "findings": [[recorded.kind(one.kind), one.reason, one.rule] for one in line.found],
        "took_ms": turn.took_ms,
    }


def created_by(call_id: UUID) -> list[dict[str, Any]]:
    """The escalations and tasks of a call, each with its kind, a label and its page."""
    escalations = [
        {
            "kind": "escalation",
            "label": recorded.said(escalation.summary),
            "url": reverse("escalations:list"),
            "id": str(escalation.id),
            "level": escalation.level,
        }
        for escalation in Escalation.objects.filter(call_id=call_id).order_by("raised_at")
    ]
    tasks = [
        {
            "kind": "task",
            "label": f"{task.get_kind_display()}: {recorded.said(task.summary)}",
            "url": f"{reverse('tasks:queue')}{task.id}/",
            "id": str(task.id),
        }
        for task in Task.objects.filter(call_id=call_id).order_by("request_number")
    ]
    return [*escalations, *tasks]
