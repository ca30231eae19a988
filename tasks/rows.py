"""A task as the portal shows it: words instead of codes, and the deeds that this person may do now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_lazy

from clinics import recorded
from clinics.people.models import User
from clinics.phones import readable
from clinics.practice import promises
from clinics.tenancy import current_clinic
from tasks import policy, wording
from tasks.models import Kind, Priority, Promise, Status, Task

HAS_A_COLUMN = frozenset({"patient_name", "date_of_birth", "callback_number"})


@dataclass(frozen=True, slots=True)
class Button:
    """One deed as a button. `refusal` is its tooltip when it may not be done; it is never hidden for that."""

    verb: str
    label: str
    busy: str
    key: str
    style: str
    refusal: str = ""


_CLAIM = Button("claim", gettext_lazy("Claim"), gettext_lazy("Claiming…"), "c", "")
_COMPLETE = Button("complete", gettext_lazy("Complete"), gettext_lazy("Completing…"), "e", "primary")
_RELEASE = Button("release", gettext_lazy("Put back"), gettext_lazy("Putting back…"), "", "quiet")
_REOPEN = Button("reopen", gettext_lazy("Reopen"), gettext_lazy("Reopening…"), "", "")
_WAKE = Button("wake", gettext_lazy("Bring back"), gettext_lazy("Bringing back…"), "", "")
BUTTONS: dict[str, tuple[Button, ...]] = {
    Status.PENDING: (_CLAIM, _COMPLETE),
    Status.IN_PROGRESS: (_RELEASE, _COMPLETE),
    Status.COMPLETED: (_REOPEN,),
    Status.CANCELLED: (_REOPEN,),
}


TONES = {promises.KEPT: "good", promises.LATE: "warn", promises.BROKEN: "bad"}


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise in words: what, by when, and how it stands."""

    label: str
    due: str
    state: str
    state_label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """Everything a row or a card shows of one task to one person at one moment.

    What only a card shows is worked out when it is asked for: a list has fifty rows.
    """

    task: Task
    person: User
    now: datetime
    title: str
    kind: str
    priority: str
    priority_label: str
    due: str
    late: bool
    soon: bool
    received: str
    owner: str
    number: str
    completed: str
    snoozed: str = ""
    promises: tuple[Promised, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether a caller waits for something that should have been done."""
        return any(one.state == promises.BROKEN for one in self.promises)

    @property
    def promised(self) -> bool:
        return any(one.state == promises.OPEN for one in self.promises)

    @property
    def closed(self) -> bool:
        return self.task.status in (Status.COMPLETED, Status.CANCELLED)

    @property
    def left(self) -> bool:
        """Whether a deed has just taken it out of the list that it stands in."""
        return self.closed or bool(self.snoozed)

    @property
    def select_label(self) -> str:
        return gettext("Select %(title)s") % {"title": self.title}

    @property
    def short(self) -> str:
        """The end of the id, enough to tell the rows of a page apart: fifty rows carry it four times each."""
        return self.task.id.hex[-12:]

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(map(self._for_this_person, self._possible))

    @property
    def first_button(self) -> Button:
        """What is done next: claim, then complete; the card has the others."""
        last = self.task.status == Status.IN_PROGRESS and not self.snoozed
        return self._for_this_person(self._possible[-1 if last else 0])

    @property
    def _possible(self) -> tuple[Button, ...]:
        buttons = (_WAKE, _COMPLETE) if self.task.is_away(self.now) else BUTTONS[self.task.status]
        mine = self.task.assignee_id == self.person.id
        return tuple(button for button in buttons if not (mine and button.verb == "claim"))

    def _for_this_person(self, button: Button) -> Button:
        return replace(button, label=str(button.label), refusal=self._refusal(button.verb))

    @property
    def decide_refusal(self) -> str:
        return self._refusal("decide")

    @property
    def put_to_refusal(self) -> str:
        return self._refusal("put_to")

    @property
    def snooze_refusal(self) -> str:
        return self._refusal("snooze")

    @property
    def assign_refusal(self) -> str:
        return self._refusal("assign")

    def _refusal(self, verb: str) -> str:
        return policy.refusal(verb, self.task, self.person, self.now)

    @property
    def asked(self) -> str:
        """The doctors whom the question is put to."""
        return ", ".join(str(one.user) for one in self.task.asked.all()) or gettext("Whoever is on duty")

    @property
    def key(self) -> str:
        """The row as the person sees it: a deed on an older version of it is a conflict."""
        return f"{self.task.id}.{self.task.version}"

    @property
    def stamp(self) -> str:
        """Changes whenever the row looks different, so that a refresh knows which rows to swap."""
        return f"{self.task.version}-{self.due}{'-broken' if self.broken else ''}"

    @property
    def waits_for_doctor(self) -> bool:
        return self.task.needs_decision and not self.task.verdict and not self.closed

    @property
    def details(self) -> list[tuple[str, str]]:
        """What else the caller said, by readable names."""
        told = self.task.details.items()
        return [(recorded.field(key), str(value)) for key, value in told if key not in HAS_A_COLUMN and value]


def zone_of_clinic() -> tzinfo:
    return ZoneInfo(current_clinic().timezone)


def row_of(task: Task, *, person: User, now: datetime, zone: tzinfo) -> Row:
    """One task in words, for one person at one moment."""
    closed = task.status in (Status.COMPLETED, Status.CANCELLED)
    pace = "" if closed else wording.pace(created_at=task.created_at, due_at=task.due_at, now=now)
    number = readable(task.callback_number) if task.callback_number else ""
    return Row(
        task=task,
        person=person,
        now=now,
        title=task.patient_name or number or gettext("Unknown caller"),
        kind=Kind(task.kind).label,  # Django's get_kind_display translates all kinds to find one
        priority=Priority(task.priority).name.lower(),
        priority_label=Priority(task.priority).label,
        due="" if closed else wording.due_words(task.due_at, now=now, zone=zone),
        late=pace == "late",
        soon=pace == "soon",
        received=wording.when_words(task.created_at, now=now, zone=zone),
        owner=_owner(task, person),
        number=number,
        completed=wording.when_words(task.completed_at, now=now, zone=zone) if task.completed_at else "",
        snoozed=_snoozed(task, person, now=now, zone=zone),
        promises=tuple(promised_of(one, now=now, zone=zone) for one in task.promises.all()),
    )


def promised_of(promise: Promise, *, now: datetime, zone: tzinfo) -> Promised:
    """One promise in words at one moment."""
    state = promise.state(now)
    due = wording.due_words(promise.due_at, now=now, zone=zone)
    if state != promises.OPEN:
        due = wording.when_words(promise.due_at, now=now, zone=zone)
    label = gettext(promises.TABLE[promise.name].label)
    return Promised(label, due, state, gettext(promises.STATES[state]), TONES.get(state, "info"))


def _snoozed(task: Task, person: User, *, now: datetime, zone: tzinfo) -> str:
    """Who put it off and until when, while it is away."""
    if not task.is_away(now):
        return ""
    until = wording.clock_words(task.snoozed_until, now=now, zone=zone)
    return gettext("Snoozed by %(name)s until %(until)s") % {"name": _name(task.snoozed_by, person), "until": until}


def _owner(task: Task, person: User) -> str:
    if task.status == Status.COMPLETED and task.completed_by:
        return gettext("Done by %(name)s") % {"name": _name(task.completed_by, person)}
    return _name(task.assignee, person) if task.assignee else gettext("Unclaimed")


def _name(someone: User, person: User) -> str:
    return gettext("you") if someone.id == person.id else str(someone)
