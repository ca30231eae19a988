"""Every deed that writes a task. The telephone opens and amends; people claim, release, complete, reopen, decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from clinics import audit
from clinics.people.models import User
from clinics.people.roles import Permission, allows
from clinics.practice import promises
from clinics.sealing.fields import written
from notifications.events import announce, withdraw
from tasks import policy, snoozing
from tasks.history import as_it_was
from tasks.models import Decision, Deed, Note, Promise, Status, Task, Verdict
from tasks.patients import identity_of


class Taken(Exception):
    """The row changed since the person saw it; `task` is the row as it is now."""

    def __init__(self, task: Task) -> None:
        super().__init__(gettext("The task has changed."))
        self.task = task


# No savepoint: a turn of a call counts its statements, and a failure inside it takes the whole turn back anyway.
@transaction.atomic(savepoint=False)
def open_task(
    *,
    kind: str,
    summary: str,
    details: Mapping[str, str],
    call_id: UUID | None,
    priority: int,
    due_at: datetime,
    needs_decision: bool,
    request_number: int = 1,
    patient_name: str = "",
    date_of_birth: date | None = None,
    callback_number: str = "",
    complete_intake: bool = True,
    test: bool = False,
) -> Task:
    """Write what a caller asked for, once per request of a call; a repeat returns the first row unchanged."""
    task = Task(
        kind=kind,
        summary=summary[:300],
        details=dict(details),
        call_id=call_id,
        request_number=request_number,
        patient_name=patient_name[:120],
        date_of_birth=date_of_birth,
        callback_number=callback_number,
        priority=priority,
        due_at=due_at,
        needs_decision=needs_decision,
        complete_intake=complete_intake,
        test=test,
    )
    if not Task.objects.insert_once(task):
        return Task.objects.get(call_id=call_id, request_number=request_number)
    _announce(task, "task.opened")
    if needs_decision:
        _announce(task, "task.decision_needed")
    return task


_AMENDABLE = ("summary", "patient_name", "date_of_birth", "callback_number", "complete_intake", "priority", "due_at")


@transaction.atomic(savepoint=False)
def amend_task(
    *, call_id: UUID, request_number: int = 1, details: Mapping[str, str] | None = None, **fields: object
) -> Task:
    """Bring a request of the running call up to date: what is named is replaced, `details` are merged.

    A task that is already closed is left as it is: who closed it acted on what it said then.
    """
    if unknown := fields.keys() - set(_AMENDABLE):
        raise TypeError(f"amend_task takes {', '.join(_AMENDABLE)} and details, not {', '.join(sorted(unknown))}.")
    task = Task.objects.select_for_update().get(call_id=call_id, request_number=request_number)
    if task.status not in (Status.PENDING, Status.IN_PROGRESS):
        return task
    fields["details"] = {**task.details, **(details or {})}
    if all(getattr(task, name) == value for name, value in fields.items()):
        return task
    for name, value in fields.items():
        setattr(task, name, value)
    task.version += 1
    Task.objects.filter(pk=task.pk).update(**written(task, "version", *fields), updated_at=timezone.now())
    _announce(task, "task.changed", moment=task.version)
    return task


@transaction.atomic(savepoint=False)
def promise(*, call_id: UUID, request_number: int, name: str, due_at: datetime, turn: int, test: bool = False) -> None:
    """Write down what a caller was told about a request; the same promise about it stands once, as first told."""
    if name not in promises.TABLE:
        raise ValueError(f"{name!r} is no promise of clinics/practice/promises.py; add it there first.")
    Promise.objects.insert_once(
        call_id=call_id, request_number=request_number, name=name, due_at=due_at, turn=turn, test=test
    )


def notice_broken_promises() -> int:
    """Announce what nobody has done in time, each promise once; returns how many were new."""
    with transaction.atomic():
        late = Promise.objects.in_state(promises.BROKEN, timezone.now()).filter(noticed_at=None)
        rows = list(late.select_related("task__assignee").select_for_update(of=("self",), skip_locked=True)[:200])
        for row in rows:
            announce(
                kind="promise.broken", about=row.task_id, path=row.task.path, key=f"promise.broken:{row.id}",
                audience=[row.task.assignee.id] if row.task.assignee else [], call=row.task.call_id, test=row.test,
            )  # fmt: skip
        Promise.objects.filter(pk__in=[row.pk for row in rows]).update(noticed_at=timezone.now())
    return len(rows)


def claim(*, by: User, task_id: UUID, version: int) -> Task:
    """Take a task on. Of two people one gets it; the other gets `Taken` with the row as it is now."""
    return _move("claim", by=by, task_id=task_id, version=version, announced="task.claimed", assignee=by)


def release(*, by: User, task_id: UUID, version: int) -> Task:
    """Put a task back for anyone to take."""
    return _move("release", by=by, task_id=task_id, version=version, announced="task.changed", assignee=None)


def assign(*, by: User, task_id: UUID, version: int, to: User | None) -> Task:
    """Hand a task to a person of the clinic, whoever has it now; they are told."""
    if to is None or not to.is_active or not allows(to.role, Permission.COMPLETE_TASKS):
        raise policy.Refused(gettext("Choose who shall have it."))
    if not Task.objects.visible_to(to).filter(pk=task_id).exists() and Task.objects.filter(pk=task_id).exists():
        raise policy.Refused(gettext("It belongs to a sensitive call that is closed to %(to)s.") % {"to": to})
    with transaction.atomic():
        task = _move("assign", by=by, task_id=task_id, version=version, announced="task.claimed", assignee=to)
        if to.pk != by.pk:
            _announce(task, "task.assigned", moment=task.version, audience=[to.pk])
    return task


def snooze(*, by: User, task_id: UUID, version: int, until: datetime | None) -> Task:
    """Put a task off: it leaves the queue and comes back by itself, before its due time at the latest."""
    away = {"snoozed_until": until, "snoozed_by": by}
    with transaction.atomic():
        task = _checked(Task.objects.with_people().seen_by(by, pk=task_id), version)
        snoozing.check_until(task, until, timezone.now())
        return _move("snooze", by=by, task_id=task_id, version=version, announced="task.changed", **away)


def wake(*, by: User, task_id: UUID, version: int) -> Task:
    """Bring a task back before its time."""
    return _move("wake", by=by, task_id=task_id, version=version, announced="task.changed")


def undo(*, by: User, task_id: UUID, version: int) -> Task:
    """Take the person's own last change of a task back, seconds after it: a change of its own, audited like any."""
    with transaction.atomic():
        task, now = _checked(Task.objects.with_people().seen_by(by, pk=task_id), version), timezone.now()
        deed = Deed.objects.filter(task=task, version=version, undone_at=None).first()
        if deed is None:
            raise policy.Refused(gettext("There is nothing of yours to undo. Look at how it is now."))
        policy.check_can_take_back(deed.verb, by=deed.by_id, at=deed.at, person=by, now=now)
        _update(task, deed.before, by=by)
        Deed.objects.filter(pk=deed.pk).update(undone_at=now)
        Deed.objects.create(task=task, verb="undo", by=by, at=now, version=task.version)
        mine = Promise.objects.filter(task=task)
        mine.filter(kept_by=by, kept_at__gte=deed.at).update(kept_at=None, kept_by=None)
        mine.filter(withdrawn_at__gte=deed.at).update(withdrawn_at=None)
        for kind in ("task.completed", "task.assigned"):
            withdraw(kind=kind, about=task.id)
        _announce(task, "task.changed", moment=task.version)
    return Task.objects.with_people().get(pk=task_id)


def complete(*, by: User, task_id: UUID, version: int) -> Task:
    """Call a task done."""
    done = {"completed_by": by, "completed_at": timezone.now()}
    return _move("complete", by=by, task_id=task_id, version=version, announced="task.completed", **done)


def cancel(*, by: User, task_id: UUID, version: int, reason: str) -> Task:
    """Close a task that nobody needs any more; the reason stays as a note."""
    if not reason.strip():
        raise policy.Refused(gettext("Write why it is not needed."))
    with transaction.atomic():
        task = _move("cancel", by=by, task_id=task_id, version=version, announced="task.changed")
        add_note(by=by, task_id=task_id, words=reason)
    return task


def reopen(*, by: User, task_id: UUID, version: int) -> Task:
    """Bring a closed task back to the queue, unclaimed; a decision stays made."""
    blank = {"assignee": None, "completed_by": None, "completed_at": None}
    return _move("reopen", by=by, task_id=task_id, version=version, announced="task.changed", **blank)


def decide(*, by: User, task_id: UUID, version: int, verdict: str, reason: str = "") -> Task:
    """A doctor's answer, given once. What follows from it (the pharmacy, the call back) is still the task's work."""
    reason = " ".join(reason.split())[:300]
    if verdict not in Verdict.values:
        raise policy.Refused(gettext("Choose approve or reject."))
    if verdict == Verdict.REJECTED and not reason:
        raise policy.Refused(gettext("Write why you reject it; staff will tell the patient."))
    with transaction.atomic():
        task = _checked(Task.objects.with_people().seen_by(by, pk=task_id), version)
        policy.check_can_decide(task, by, timezone.now())
        if verdict == Verdict.APPROVED:
            identity = identity_of(task, person=by)
            policy.check_can_approve(identity.certain, identity.words)
        _update(task, {}, by=by)
        Decision.objects.create(task=task, verdict=verdict, reason=reason, decided_by=by)
        _settle_promises(task, "decide", by=by)
        audit.record_change(by=by, of=task, changes={"verdict": ("", verdict)})
        audience = [task.assignee.id] if task.assignee else []
        _announce(task, "task.changed", moment=task.version)
        _announce(task, "task.decided", moment=task.version, audience=audience, wait_seconds=policy.UNDO_SECONDS)
    return task


@transaction.atomic
def add_note(*, by: User, task_id: UUID, words: str) -> Note:
    """Write a line about a task; it is never changed afterwards."""
    if not words.strip():
        raise policy.Refused(gettext("Write the note first."))
    task = Task.objects.seen_by(by, pk=task_id)
    note = Note.objects.create(task=task, words=words.strip()[:2000], written_by=by)
    audit.record_change(by=by, of=task, changes={"notes": ("", "one more")})
    return note


@transaction.atomic
def note_missed(*, by: User, task_id: UUID) -> Task:
    """Write down that the patient was called back in vain. They are told once a request, where the clinic wants it."""
    task = Task.objects.with_people().seen_by(by, pk=task_id)
    if task.status not in (Status.PENDING, Status.IN_PROGRESS):
        raise policy.Refused(gettext("It is closed. Reopen it first."))
    add_note(by=by, task_id=task_id, words="Called back, not reached.")
    _announce(task, "task.missed")
    return task


def _move(verb: str, *, by: User, task_id: UUID, version: int, announced: str, **changes: object) -> Task:
    """Do one transition of `policy.TRANSITIONS` on the row as the person saw it."""
    with transaction.atomic():
        task = Task.objects.with_people().seen_by(by, pk=task_id)
        if _is_repeat(verb, task, by):
            return task
        task, now = _checked(task, version), timezone.now()
        policy.CHECKS[verb](task, by, now)
        # Whatever is done to a task brings it back from a snooze.
        moved = {"snoozed_until": None, "snoozed_by": None} | changes
        moved["status"] = policy.TRANSITIONS[task.status][verb]
        before = as_it_was(task, moved)
        _update(task, moved, by=by)
        Deed.objects.create(task=task, verb=verb, by=by, at=now, version=task.version, before=before)
        _settle_promises(task, verb, by=by)
        _announce(task, announced, moment=task.version)
    return task


def _settle_promises(task: Task, verb: str, *, by: User) -> None:
    """A deed that fulfils what was promised keeps it; closing a task as not needed takes the promise back."""
    standing = Promise.objects.standing().filter(task=task)
    if verb == "cancel":
        standing.update(withdrawn_at=timezone.now())
    elif verb in ("complete", "decide"):
        standing.filter(name__in=promises.kept_by(verb)).update(kept_at=timezone.now(), kept_by=by)


def _is_repeat(verb: str, task: Task, by: User) -> bool:
    """A second click of the same person finds the work done, which is no conflict."""
    if verb == "claim":
        return task.status == Status.IN_PROGRESS and task.assignee_id == by.id
    return verb == "complete" and task.status == Status.COMPLETED and task.completed_by_id == by.id


def _checked(task: Task, version: int) -> Task:
    if task.version != version:
        raise Taken(task)
    return task


def _update(task: Task, changes: Mapping[str, object], *, by: User) -> None:
    """Change exactly this version of the row, or raise `Taken`; audit the safe fields."""
    before = {name: str(getattr(task, name) or "") for name in ("status", "assignee_id", "snoozed_until")}
    stamps = {"version": F("version") + 1, "updated_at": timezone.now()}
    if Task.objects.filter(pk=task.pk, version=task.version).update(**changes, **stamps) != 1:
        raise Taken(Task.objects.with_people().get(pk=task.pk))
    task.version += 1
    for name, value in changes.items():
        setattr(task, name, value)
    after = {name: str(getattr(task, name) or "") for name in before}
    moved = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    if moved:
        audit.record_change(by=by, of=task, changes=moved)


def _announce(
    task: Task, kind: str, *, moment: int | None = None, audience: list[UUID] | None = None, wait_seconds: int = 0
) -> None:
    key = f"{kind}:{task.id}" if moment is None else f"{kind}:{task.id}:{moment}"
    announce(
        kind=kind,
        about=task.id,
        path=task.path,
        key=key,
        audience=audience or [],
        call=task.call_id,
        test=task.test,
        wait_seconds=wait_seconds,
    )
