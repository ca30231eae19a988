"""All that a clinic holds of a patient who is known by name and date of birth: what is surely theirs, and what is not.

Tasks are found by their index of words; what was filled in during calls, and the names on escalations, have none and
are opened one by one. Something is surely theirs when name and date of birth agree. The same name without a date of
birth, and a call in which somebody else is named too, need a person who says whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from calls.dialogue.types import Field
from calls.models import Call, Turn
from escalations.models import Escalation
from tasks.identity import same_name
from tasks.models import Task
from tasks.search import typed_words

NO_BIRTH = "the same name, no date of birth"
OTHERS = "somebody else is named in it too"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may be the patient's; `what` is "call", "task" or "escalation"."""

    what: str
    id: UUID
    why: str


@dataclass(slots=True)
class Found:
    """What is surely the patient's, by id, and what needs a person's word."""

    calls: set[UUID] = field(default_factory=set)
    tasks: set[UUID] = field(default_factory=set)
    escalations: set[UUID] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)


class TooLittle(Exception):
    """A name that would fit half of the patients."""


@dataclass(slots=True)
class _Named:
    """Who is named in one call: names, and the dates of birth that were told."""

    names: set[str] = field(default_factory=set)
    births: set[date] = field(default_factory=set)

    def add(self, name: str, born: date | None) -> None:
        self.names |= {name} if name else set()
        self.births |= {born} if born else set()


def find(*, name: str, born: date, confirmed: Collection[UUID] = ()) -> Found:
    """Look through this clinic. Raise `TooLittle` for less than two words; what is `confirmed` by id is sure."""
    if len(typed_words(name)) < 2:
        raise TooLittle
    found, calls = Found(), _named_in_calls()
    for task in Task.objects.found_by(name):
        if same_name(task.patient_name, name):
            _weigh("task", task.id, task.date_of_birth, born, found)
    for call, named in calls.items():
        if not any(same_name(one, name) for one in named.names):
            continue
        if named.births and born not in named.births:
            continue
        why = "" if named.births else NO_BIRTH
        if any(not same_name(one, name) for one in named.names) or len(named.births) > 1:
            why = why or OTHERS
        _note("call", call, why, found)
    for row in Escalation.objects.exclude(patient_name__blank=True).only("id", "call_id", "reason", "patient_name"):
        named = calls.get(row.call_id, _Named())  # type: ignore[arg-type]
        if same_name(row.patient_name, name) and (not named.births or born in named.births):
            _note("escalation", row.id, "" if named.births else NO_BIRTH, found)
    return _settled(found, frozenset(confirmed))


def _named_in_calls() -> dict[UUID, _Named]:
    """Of each call who was named in it: in its tasks, or, where none has a name, what its turns filled in last."""
    calls: dict[UUID, _Named] = defaultdict(_Named)
    for task in Task.objects.exclude(call_id=None).only("id", "call_id", "patient_name", "date_of_birth"):
        calls[task.call_id].add(task.patient_name, task.date_of_birth)  # type: ignore[index]
    last: dict[UUID, dict[str, str]] = defaultdict(dict)
    for turn in Turn.objects.exclude(filled__blank=True).opened("filled").order_by("call_id", "n").iterator():
        last[turn.call_id] |= turn.filled
    for call, told in last.items():
        if not calls[call].names:
            calls[call].add(told.get(Field.PATIENT_NAME, ""), _date(told.get(Field.DATE_OF_BIRTH, "")))
    return calls


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _weigh(what: str, id_: UUID, told: date | None, born: date, found: Found) -> None:
    if told is None or told == born:
        _note(what, id_, "" if told else NO_BIRTH, found)


def _note(what: str, id_: UUID, why: str, found: Found) -> None:
    if why:
        found.doubts.append(Doubt(what, id_, why))
    else:
        getattr(found, f"{what}s").add(id_)


def _settled(found: Found, confirmed: frozenset[UUID]) -> Found:
    """With what a person has confirmed, and without doubts about what goes with a sure call anyway."""
    for model, mine in ((Call, found.calls), (Task, found.tasks), (Escalation, found.escalations)):
        mine |= set(model.objects.filter(pk__in=confirmed).values_list("pk", flat=True))
    gone = set(Task.objects.filter(call_id__in=found.calls).values_list("id", flat=True))
    gone |= set(Escalation.objects.filter(call_id__in=found.calls).values_list("id", flat=True))
    calls = {one.id for one in found.doubts if one.what == "call"}
    gone |= calls - set(Call.objects.filter(pk__in=calls).values_list("id", flat=True))  # their words have expired
    found.doubts = [one for one in found.doubts if one.id not in confirmed | gone]
    return found
