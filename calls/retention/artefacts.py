"""What a clinic can have deleted after a while, and how each of it goes.

Nothing goes while somebody still works on it, nor what a legal hold keeps: a call with an open request or an open
escalation keeps everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Recording, Status, Turn
from calls.recordings.models import State
from clinics.practice.retention import Artefact, LegalHold
from escalations.models import Escalation
from escalations.models import Status as Alarm
from tasks.models import Decision, Note, Task
from tasks.models import Status as Work

MOST_DAYS = 3650


@dataclass(frozen=True)
class Sort:
    """One kind of thing: what of it is older than a moment, since when it ages, and how some of it are deleted.

    `delete` takes rows of `older` and returns how many are gone; None where a job of its own deletes them.
    """

    says: Any
    least_days: int
    older: Callable[[datetime], QuerySet[Any]]
    aged: str
    delete: Callable[[list[Any]], int] | None


def _held(call: str) -> Exists:
    return Exists(LegalHold.objects.standing().filter(call_id=OuterRef(call)))


def _recorded(before: datetime, *, sort: Artefact) -> QuerySet[Recording]:
    found = Recording.objects.audible().without_hold().filter(sort=sort, made_at__lt=before)
    return found.order_by("made_at")


def _done_calls(before: datetime) -> QuerySet[Call]:
    """Calls that ended before a moment and on which nobody works any more."""
    work = Task.objects.filter(call_id=OuterRef("pk"), status__in=[Work.PENDING, Work.IN_PROGRESS])
    alarms = Escalation.objects.filter(call_id=OuterRef("pk")).exclude(status=Alarm.RESOLVED)
    ended = Call.objects.filter(status=Status.COMPLETED, ended_at__lt=before)
    return ended.filter(~Exists(work), ~Exists(alarms), ~_held("pk")).order_by("ended_at")


def _with_words(before: datetime) -> QuerySet[Call]:
    return _done_calls(before).filter(Exists(Turn.objects.filter(call=OuterRef("pk"))))


def _without_recording(before: datetime) -> QuerySet[Call]:
    left = Recording.objects.filter(call=OuterRef("pk")).exclude(state=State.DELETED)
    return _done_calls(before).filter(~Exists(left))


def _closed_tasks(before: datetime) -> QuerySet[Task]:
    closed = Task.objects.filter(status__in=[Work.COMPLETED, Work.CANCELLED], updated_at__lt=before)
    return closed.filter(~_held("call_id")).order_by("updated_at")


def _resolved(before: datetime) -> QuerySet[Escalation]:
    resolved = Escalation.objects.filter(status=Alarm.RESOLVED, resolved_at__lt=before)
    return resolved.filter(~_held("call_id")).order_by("resolved_at")


@transaction.atomic
def _delete_words(calls: list[Call]) -> int:
    Turn.objects.filter(call__in=calls).delete()
    return len(calls)


@transaction.atomic
def _delete_tasks(tasks: list[Task]) -> int:
    Note.objects.filter(task__in=tasks).delete()
    Decision.objects.filter(task__in=tasks).delete()
    Task.objects.filter(pk__in=[task.pk for task in tasks]).delete()
    return len(tasks)


@transaction.atomic
def _delete_escalations(escalations: list[Escalation]) -> int:
    Escalation.objects.filter(pk__in=[one.pk for one in escalations]).delete()
    return len(escalations)


@transaction.atomic
def _delete_calls(calls: list[Call]) -> int:
    Call.objects.filter(pk__in=[call.pk for call in calls]).delete()
    return len(calls)


TABLE: Mapping[str, Sort] = MappingProxyType(
    {
        Artefact.RECORDING: Sort(
            _("The audio alone: the words of the call stay."),
            1, partial(_recorded, sort=Artefact.RECORDING), "made_at", None,
        ),
        Artefact.VOICEMAIL: Sort(
            _("The audio alone: the task that it led to stays."),
            1, partial(_recorded, sort=Artefact.VOICEMAIL), "made_at", None,
        ),
        Artefact.WORDS: Sort(
            _("The transcript with its corrections. The call stays in the list, and so does the work that it led to."),
            7, _with_words, "ended_at", _delete_words,
        ),
        Artefact.TASKS: Sort(
            _("With the patient's name and number, notes, decisions and promises. Open ones are never deleted."),
            30, _closed_tasks, "updated_at", _delete_tasks,
        ),
        Artefact.ESCALATIONS: Sort(
            _("With what the caller said, the steps of the ladder, and who had it when."),
            90, _resolved, "resolved_at", _delete_escalations,
        ),
        Artefact.CALLS: Sort(
            _("The line in the list with the caller's number, and with it its words, reviews and figures. "
              "A call with a recording stays until its recording is gone."),
            90, _without_recording, "ended_at", _delete_calls,
        ),
    }
)  # fmt: skip
