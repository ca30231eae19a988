"""What a clinic can have deleted after a while, and how each of it goes.

Nothing goes while somebody still works on it: a call with an open request or an open escalation keeps everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Status, Turn
from clinics.tenancy import current_clinic
from escalations.models import Escalation
from escalations.models import Status as Alarm
from notifications.network import delete_recording
from tasks.models import Decision, Note, Task
from tasks.models import Status as Work

MOST_DAYS = 3650
_SID = re.compile(r"RE[0-9a-f]{32}")


@dataclass(frozen=True)
class Artefact:
    """One kind of thing: what of it is older than a moment, when each began to age, and how some of it are deleted.

    `delete` takes rows of `older`, in no transaction, and returns how many are gone; what it could not delete stays.
    """

    label: Any
    says: Any
    least_days: int
    older: Callable[[datetime], QuerySet[Any]]
    aged: str
    delete: Callable[[list[Any]], int]


def _done_calls(before: datetime) -> QuerySet[Call]:
    """Calls that ended before a moment and on which nobody works any more."""
    work = Task.objects.filter(call_id=OuterRef("pk"), status__in=[Work.PENDING, Work.IN_PROGRESS])
    alarms = Escalation.objects.filter(call_id=OuterRef("pk")).exclude(status=Alarm.RESOLVED)
    ended = Call.objects.filter(status=Status.COMPLETED, ended_at__lt=before)
    return ended.filter(~Exists(work), ~Exists(alarms)).order_by("ended_at")


def _with_words(before: datetime) -> QuerySet[Call]:
    return _done_calls(before).filter(Exists(Turn.objects.filter(call=OuterRef("pk"))))


def _with_recording(before: datetime) -> QuerySet[Call]:
    return _done_calls(before).exclude(recording_url="")


def _closed_tasks(before: datetime) -> QuerySet[Task]:
    closed = Task.objects.filter(status__in=[Work.COMPLETED, Work.CANCELLED], updated_at__lt=before)
    return closed.order_by("updated_at")


def _resolved(before: datetime) -> QuerySet[Escalation]:
    return Escalation.objects.filter(status=Alarm.RESOLVED, resolved_at__lt=before).order_by("resolved_at")


@transaction.atomic
def _delete_words(calls: list[Call]) -> int:
    Turn.objects.filter(call__in=calls).delete()
    return len(calls)


def _delete_recordings(calls: list[Call]) -> int:
    """At the network first: a row without its address would leave a recording that nobody finds any more."""
    clinic, gone = current_clinic(), 0
    for call in calls:
        sid = _SID.search(call.recording_url)
        if sid is None or delete_recording(clinic, sid=sid[0]):
            Call.objects.filter(pk=call.pk).update(recording_url="", recording_duration_sec=None)
            gone += 1
    return gone


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


def _calls_without_recording(before: datetime) -> QuerySet[Call]:
    return _done_calls(before).filter(recording_url="")


TABLE: Mapping[str, Artefact] = MappingProxyType(
    {
        "recordings": Artefact(
            _("Recordings"),
            _("At the telephone network too. The words of the call stay."),
            1, _with_recording, "ended_at", _delete_recordings,
        ),
        "words": Artefact(
            _("Words of calls"),
            _("The transcript with its corrections. The call stays in the list, and so does the work that it led to."),
            7, _with_words, "ended_at", _delete_words,
        ),
        "tasks": Artefact(
            _("Closed tasks"),
            _("With the patient's name and number, notes, decisions and promises. Open ones are never deleted."),
            30, _closed_tasks, "updated_at", _delete_tasks,
        ),
        "escalations": Artefact(
            _("Resolved escalations"),
            _("With what the caller said, the steps of the ladder, and who had it when."),
            90, _resolved, "resolved_at", _delete_escalations,
        ),
        "calls": Artefact(
            _("Calls"),
            _("The line in the list with the caller's number, and with it its words, reviews and figures. "
              "A call with a recording stays until its recording is gone."),
            90, _calls_without_recording, "ended_at", _delete_calls,
        ),
    }
)  # fmt: skip
