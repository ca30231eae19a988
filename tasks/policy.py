"""Rules of the queue: what each kind of task asks for, who may move one where, and the words for its due time. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from clinics.people.roles import Permission, allows, only
from clinics.words import gettext, gettext_noop

EMERGENCY, HIGH, NORMAL, LOW = range(4)
REOPEN_FOR = timedelta(hours=24)
UNDO_GRACE = timedelta(seconds=5)  # for an answer that was long on its way
UNDO_SECONDS = 10
"""How long a deed can be taken back by a click. A decision: until then neither staff nor patient act on it."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one kind of task asks for; `due_minutes` counts only minutes in which the clinic is open."""

    due_minutes: int
    priority: int
    needs_decision: bool


ONE_WORKING_DAY = 8 * 60

KINDS: dict[str, KindRule] = {
    "appointment": KindRule(240, NORMAL, needs_decision=False),
    "cancel_appointment": KindRule(240, NORMAL, needs_decision=False),
    "callback": KindRule(120, NORMAL, needs_decision=False),
    "refill": KindRule(ONE_WORKING_DAY, NORMAL, needs_decision=True),
    "test_result": KindRule(ONE_WORKING_DAY, NORMAL, needs_decision=True),
    "medical_advice": KindRule(240, HIGH, needs_decision=True),
    "general": KindRule(ONE_WORKING_DAY, LOW, needs_decision=False),
    "billing": KindRule(2 * ONE_WORKING_DAY, LOW, needs_decision=False),
    "handover": KindRule(60, HIGH, needs_decision=False),
}

TRANSITIONS: dict[str, dict[str, str]] = {
    "pending": {
        "claim": "in_progress",
        "assign": "in_progress",
        "snooze": "pending",
        "wake": "pending",
        "complete": "completed",
        "cancel": "cancelled",
    },
    "in_progress": {
        "release": "pending",
        "assign": "in_progress",
        "snooze": "in_progress",
        "wake": "in_progress",
        "complete": "completed",
        "cancel": "cancelled",
    },
    "completed": {"reopen": "pending"},
    "cancelled": {"reopen": "pending"},
}
"""From each status, the deeds that are possible and the status each leads to."""


RIGHTS: dict[str, Permission] = {
    "claim": Permission.CLAIM_TASKS,
    "release": Permission.RELEASE_TASKS,
    "assign": Permission.ASSIGN_TASKS,
    "snooze": Permission.SNOOZE_TASKS,
    "wake": Permission.WAKE_TASKS,
    "complete": Permission.COMPLETE_TASKS,
    "cancel": Permission.CANCEL_TASKS,
    "reopen": Permission.REOPEN_TASKS,
}
"""The right that each move of a task asks for; a door that serves several of them asks for the one that is done."""

UNDOABLE = frozenset({"claim", "release", "assign", "snooze", "wake", "complete", "cancel"})
"""What can be taken back as if it had not been; a doctor's decision and a reopening are deeds of their own."""


class Refused(Exception):
    """A deed the rules do not allow now; the text is the sentence that the person reads."""


class NotYours(Refused):
    """A decision that belongs to somebody else."""


class Person(Protocol):
    """What the rules need to know of a person."""

    id: UUID
    name: str
    role: str


class Work(Protocol):
    """What the rules need to know of a task."""

    status: str
    priority: int
    due_at: datetime
    needs_decision: bool
    completed_at: datetime | None
    identity_confirmed_at: datetime | None
    asked_back_at: datetime | None
    snoozed_until: datetime | None

    @property
    def deciders(self) -> Set[UUID]: ...
    @property
    def assignee(self) -> Person | None: ...
    @property
    def verdict(self) -> str: ...


class Made(Protocol):
    """What the rules need to know of a decision."""

    decided_at: datetime

    @property
    def decided_by(self) -> Person: ...


def check_can_claim(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may take the task on."""
    _check_right(person, RIGHTS["claim"])
    if task.status == "in_progress" and task.assignee:
        taken = gettext("Taken by %(name)s.") % {"name": task.assignee.name}
        raise Refused(gettext("You have this one already.") if _holds(task, person) else taken)
    _check_move(task, "claim")


def check_can_release(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may put the task back; anyone may, since a colleague may have gone home."""
    _check_right(person, RIGHTS["release"])
    _check_move(task, "release")


def check_can_assign(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may hand the task to somebody; anyone may, as with putting it back."""
    _check_right(person, RIGHTS["assign"])
    _check_move(task, "assign")


def check_can_snooze(task: Work, person: Person, now: datetime) -> None:
    """Raise unless the person may put the task off; how far is `snoozing.check_until`."""
    _check_right(person, RIGHTS["snooze"])
    _check_move(task, "snooze")
    if task.priority == EMERGENCY:
        raise Refused(gettext("An emergency is never snoozed."))
    if task.due_at <= now:
        raise Refused(gettext("It is late and stays in the queue."))
    _check_hands(task, person)


def check_can_wake(task: Work, person: Person, now: datetime) -> None:
    """Raise unless the task is put off and the person may bring it back before its time."""
    _check_right(person, RIGHTS["wake"])
    _check_move(task, "wake")
    if task.snoozed_until is None or task.snoozed_until <= now:
        raise Refused(gettext("It is back already."))


def check_can_take_back(verb: str, *, by: UUID, at: datetime, person: Person, now: datetime) -> None:
    """Raise unless the last change of a task was this person's own, moments ago."""
    _check_right(person, Permission.UNDO_DEEDS)
    if verb not in UNDOABLE or by != person.id:
        raise Refused(gettext("There is nothing of yours to undo. Look at how it is now."))
    if now - at > timedelta(seconds=UNDO_SECONDS) + UNDO_GRACE:
        told = gettext("Undo is offered for %(seconds)s seconds. Reopen it instead.")
        raise Refused(told % {"seconds": UNDO_SECONDS})


def check_can_complete(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may call the task done."""
    _check_right(person, RIGHTS["complete"])
    _check_move(task, "complete")
    if task.needs_decision and not task.verdict:
        raise Refused(gettext("A doctor has to decide first."))
    _check_hands(task, person)


def check_can_cancel(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may close the task as not needed."""
    _check_right(person, RIGHTS["cancel"])
    _check_move(task, "cancel")
    _check_hands(task, person)


def check_can_reopen(task: Work, person: Person, now: datetime) -> None:
    """Raise unless the person may bring a closed task back."""
    _check_right(person, RIGHTS["reopen"])
    _check_move(task, "reopen")
    if task.completed_at and now - task.completed_at > REOPEN_FOR:
        raise Refused(gettext("It was completed more than 24 hours ago and stays closed."))


def check_can_decide(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may approve or reject what is asked."""
    _check_right(person, Permission.DECIDE_TASKS)
    if not task.needs_decision:
        raise Refused(gettext("This one needs no decision."))
    if task.verdict:
        raise Refused(gettext(_STATUS_WORDS[task.verdict]))
    if task.asked_back_at:
        raise Refused(gettext("Staff are asking the patient first."))
    if task.status not in ("pending", "in_progress"):
        raise Refused(gettext(_STATUS_WORDS[task.status]))
    if person.id not in task.deciders:
        raise NotYours(gettext("It was put to another doctor. They decide, or who covers for them."))


def check_can_put_to(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may say which doctors decide. A doctor passes on only what was put to them."""
    _check_right(person, Permission.PUT_TO_DOCTORS)
    if not task.needs_decision:
        raise Refused(gettext("This one needs no decision."))
    if task.verdict:
        raise Refused(gettext(_STATUS_WORDS[task.verdict]))
    if task.status not in ("pending", "in_progress"):
        raise Refused(gettext(_STATUS_WORDS[task.status]))
    if allows(person.role, Permission.DECIDE_TASKS) and person.id not in task.deciders:
        raise NotYours(gettext("It was put to another doctor. They pass it on, or the front desk does."))


def check_can_approve(certain: bool, why_not: str) -> None:
    """Raise unless it is sure enough whose request it is."""
    if not certain:
        raise Refused(gettext("%(why_not)s Confirm who the patient is before you approve.") % {"why_not": why_not})


def check_can_confirm(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless the person may say that the patient is who the caller said."""
    _check_right(person, Permission.CONFIRM_PATIENTS)
    if task.identity_confirmed_at:
        raise Refused(gettext("It was confirmed already."))
    if task.status not in ("pending", "in_progress"):
        raise Refused(gettext(_STATUS_WORDS[task.status]))


def check_can_answer(task: Work, person: Person, _now: datetime) -> None:
    """Raise unless a doctor waits for what the patient says, and the person may ask."""
    _check_right(person, Permission.ANSWER_DOCTORS)
    if not task.asked_back_at:
        raise Refused(gettext("No doctor waits for an answer about it."))
    if task.status not in ("pending", "in_progress"):
        raise Refused(gettext(_STATUS_WORDS[task.status]))


def check_can_undo(task: Work, person: Person, decision: Made | None, now: datetime, *, window: timedelta) -> None:
    """Raise unless the decision is the person's own and was made within the window, with nothing done since."""
    if decision is None:
        raise Refused(gettext("There is no decision to take back."))
    if decision.decided_by.id != person.id:
        raise Refused(gettext("%(name)s decided it.") % {"name": decision.decided_by.name})
    if now - decision.decided_at > window or task.status not in ("pending", "in_progress"):
        raise Refused(gettext("Too late to take it back: others act on it by now. Write a note instead."))


CHECKS = {
    "claim": check_can_claim,
    "release": check_can_release,
    "assign": check_can_assign,
    "snooze": check_can_snooze,
    "wake": check_can_wake,
    "complete": check_can_complete,
    "cancel": check_can_cancel,
    "reopen": check_can_reopen,
    "decide": check_can_decide,
    "confirm": check_can_confirm,
    "answer": check_can_answer,
    "put_to": check_can_put_to,
}


def can(verb: str, task: Work, person: Person, now: datetime) -> bool:
    """Whether the check of this deed lets the person through."""
    return not refusal(verb, task, person, now)


def refusal(verb: str, task: Work, person: Person, now: datetime) -> str:
    """Why the person may not do it, as the button's tooltip says it; "" when they may."""
    try:
        CHECKS[verb](task, person, now)
    except Refused as refused:
        return str(refused)
    return ""


_STATUS_WORDS = {
    "pending": gettext_noop("It is not claimed."),
    "in_progress": gettext_noop("It is in progress."),
    "completed": gettext_noop("It is completed."),
    "cancelled": gettext_noop("It is cancelled."),
    "approved": gettext_noop("It was approved already."),
    "rejected": gettext_noop("It was rejected already."),
}


def _check_right(person: Person, permission: Permission) -> None:
    if not allows(person.role, permission):
        raise Refused(only(permission))


def _check_move(task: Work, verb: str) -> None:
    if verb not in TRANSITIONS[task.status]:
        raise Refused(gettext(_STATUS_WORDS[task.status]))


def _check_hands(task: Work, person: Person) -> None:
    if task.assignee and not _holds(task, person):
        raise Refused(gettext("%(name)s is working on it.") % {"name": task.assignee.name})


def _holds(task: Work, person: Person) -> bool:
    return task.assignee is not None and task.assignee.id == person.id
