"""What is done with a request besides approving and rejecting it: confirm who it is, have the patient asked, undo."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from guardian.shortcuts import assign_perm

from clinics import audit
from clinics.people.models import User
from clinics.people.roles import Role
from notifications.events import announce, withdraw
from tasks import policy
from tasks.actions import Taken, add_note
from tasks.models import DECIDE, AskedDoctor, Decision, Promise, Task

GRACE = timedelta(seconds=5)
"""What a click may need to arrive."""


@transaction.atomic
def confirm_identity(*, by: User, task_id: UUID, version: int) -> Task:
    """Say that a person has looked into the chart: the patient is who the caller said."""
    task = _seen(by, task_id, version)
    policy.check_can_confirm(task, by, timezone.now())
    _change(task, identity_confirmed_at=timezone.now(), identity_confirmed_by=by)
    audit.record_change(by=by, of=task, changes={"identity_confirmed": ("no", "yes")})
    _tell(task, "task.changed")
    return task


@transaction.atomic
def ask_staff(*, by: User, task_id: UUID, version: int, words: str) -> Task:
    """Have staff call the patient and ask; the request waits for their answer before it is decided."""
    task = _seen(by, task_id, version)
    policy.check_can_decide(task, by, timezone.now())
    if not words.strip():
        raise policy.Refused(gettext("Write what staff should ask the patient."))
    _change(task, asked_back_at=timezone.now(), asked_back_by=by)
    add_note(by=by, task_id=task_id, words=f"Call back and ask: {words.strip()}")
    audit.record_change(by=by, of=task, changes={"asked_back": ("no", "yes")})
    _tell(task, "task.asked_back", audience=[task.assignee_id] if task.assignee_id else [])
    return task


@transaction.atomic
def answer_doctor(*, by: User, task_id: UUID, version: int, words: str) -> Task:
    """Bring a request back to the doctor with what the patient said."""
    task = _seen(by, task_id, version)
    policy.check_can_answer(task, by, timezone.now())
    if not words.strip():
        raise policy.Refused(gettext("Write what the patient said."))
    doctor = task.asked_back_by
    _change(task, asked_back_at=None, asked_back_by=None)
    add_note(by=by, task_id=task_id, words=f"The patient said: {words.strip()}")
    audit.record_change(by=by, of=task, changes={"asked_back": ("yes", "no")})
    _tell(task, "task.decision_needed", audience=[doctor.id] if doctor else [])
    return task


@transaction.atomic
def undo_decision(*, by: User, task_id: UUID, version: int) -> Task:
    """Take one's own decision back within seconds, as if it had not been made; the trail keeps both."""
    task = _seen(by, task_id, version)
    decision = Decision.objects.select_for_update().filter(task=task).first()
    policy.check_can_undo(task, by, decision, timezone.now(), window=timedelta(seconds=policy.UNDO_SECONDS) + GRACE)
    assert decision is not None
    kept = Promise.objects.filter(task=task, kept_by=by, kept_at__gte=decision.decided_at - GRACE)
    kept.update(kept_at=None, kept_by=None)
    withdraw(kind="task.decided", about=task.id)
    decision.delete()
    _change(task)
    audit.record_change(by=by, of=task, changes={"verdict": (decision.verdict, "")})
    _tell(task, "task.changed")
    return task


def put_to(*, by: User, task_id: UUID, version: int, doctors: Collection[User]) -> Task:
    """Say which doctors decide; nobody in particular: whoever is on duty. They hear of it."""
    if any(one.role != Role.DOCTOR or not one.is_active for one in doctors):
        raise policy.Refused(gettext("Choose doctors of this clinic."))
    with transaction.atomic():
        task = _seen(by, task_id, version)
        policy.check_can_put_to(task, by, timezone.now())
        _change(task)
        before, now = task.put_to, frozenset(one.pk for one in doctors)
        AskedDoctor.objects.filter(content_object=task).exclude(user__in=now).delete()
        for one in doctors:
            assign_perm(DECIDE, one, task)
        moved = (", ".join(sorted(map(str, before))), ", ".join(sorted(map(str, now))) or "whoever is on duty")
        audit.record_change(by=by, of=task, changes={"put_to": moved})
        _tell(task, "task.put_to", audience=sorted(now - before))
    return Task.objects.with_people().get(pk=task.pk)


def _seen(by: User, task_id: UUID, version: int) -> Task:
    """The row, locked, as the person saw it."""
    task = Task.objects.select_for_update(of=("self",)).with_people().seen_by(by, pk=task_id)
    if task.version != version:
        raise Taken(task)
    return task


def _change(task: Task, **changes: object) -> None:
    task.version += 1
    for name, value in changes.items():
        setattr(task, name, value)
    task.save(update_fields=["version", "updated_at", *changes])


def _tell(task: Task, kind: str, *, audience: list[UUID] | None = None) -> None:
    announce(
        kind=kind, about=task.id, path=task.path, key=f"{kind}:{task.id}:{task.version}",
        audience=audience or [], call=task.call_id, test=task.test,
    )  # fmt: skip
