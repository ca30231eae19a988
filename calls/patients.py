"""Where the patient of a request is reached, for the texts a clinic may turn on. Asked at the moment of sending."""

from __future__ import annotations

from uuid import UUID

from calls.models import Call
from clinics import audit
from notifications.doors import Patient
from tasks.models import Status, Task


def patient_of_request(task_id: UUID) -> Patient | None:
    """The number that the caller gave, else the one they called from; in the language of the call."""
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        return None
    audit.record_read(by=None, what="tasks.task number", about=task.id)
    call = Call.objects.filter(pk=task.call_id).first() if task.call_id else None
    return Patient(
        number=task.callback_number or (call.from_number if call else ""),
        language=call.language if call else "en",
        wanted=task.status != Status.CANCELLED,
    )


def patient_still_missed(task_id: UUID) -> Patient | None:
    """The same for who was called back in vain: not once the request is closed, for then they were reached."""
    task = Task.objects.open().filter(pk=task_id).first()
    return patient_of_request(task.pk) if task else None
