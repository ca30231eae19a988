"""A call as its reviewer reads it: each utterance with its findings, and what would leave the clinic of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from calls.dialogue.state import Request, State
from calls.dialogue.types import Field, Value
from calls.models import Call, Turn
from calls.reviews import labels
from calls.reviews.redacting import Known, left_to_check, redact, says_anything
from escalations.models import Escalation
from tasks.models import Task

_NAMES = (Field.PATIENT_NAME, Field.DOCTOR)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of an utterance; `key` names it in a form, such as "3:0"."""

    key: str
    kind: str
    rule: str
    reason: str
    alarm: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of the transcript."""

    turn: Turn
    found: tuple[Found, ...]
    label: str
    """What the telephone took it for."""
    redacted: str
    check: tuple[str, ...]

    @property
    def words(self) -> str:
        return self.turn.words

    @property
    def alarms(self) -> bool:
        return any(one.alarm for one in self.found)

    @property
    def shareable(self) -> bool:
        """Whether anything but placeholders would leave."""
        return says_anything(self.redacted)

    @property
    def digest(self) -> str:
        """Says which text a person saw when they confirmed it."""
        return digest(self.redacted)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def lines_of(call: Call, *, hide: Iterable[str] = ()) -> list[Line]:
    """The turns of a call in order; `hide` are further words that the reviewer wants hidden."""
    turns = list(call.turns.order_by("n"))
    states = [State.from_json(turn.state) for turn in turns]
    known, hide = _known(call, states), tuple(hide)
    before: list[State | None] = [None, *states]
    return [_line(turn, known, hide, asked=state) for turn, state in zip(turns, before, strict=False)]


def _line(turn: Turn, known: Known, hide: Sequence[str], *, asked: State | None) -> Line:
    found = tuple(
        Found(f"{turn.n}:{place}", one["kind"], one["rule"], one["reason"], labels.is_alarm(one["kind"]))
        for place, one in enumerate(turn.findings)
    )
    # A whole answer is read as a name only where a name was asked for and no danger was heard instead.
    name_asked = asked is not None and asked.asking is Field.PATIENT_NAME and not found
    redacted = redact(turn.words, lang=turn.language, known=known, expecting_name=name_asked, hide=hide)
    label = labels.of([one.kind for one in found], turn.intent)
    return Line(turn, found, label, redacted, tuple(left_to_check(redacted)))


def known_of(call: Call) -> Known:
    """Everything that the call and what came of it says about people."""
    return _known(call, [State.from_json(turn.state) for turn in call.turns.opened("state")])


def _known(call: Call, states: Sequence[State]) -> Known:
    slots = [slot for state in states for slot in _slots(state)]
    tasks = list(Task.objects.filter(call_id=call.id))
    alarms = list(Escalation.objects.filter(call_id=call.id))
    names = {value.text for name, value in slots if name in _NAMES}
    names |= {task.patient_name for task in tasks} | {alarm.patient_name for alarm in alarms}
    names |= {str(task.details.get(str(name), "")) for task in tasks for name in _NAMES}
    numbers = {value.text for name, value in slots if name is Field.CALLBACK_NUMBER}
    numbers |= {call.from_number} | {task.callback_number for task in tasks} | {alarm.from_number for alarm in alarms}
    pharmacies = {value.text for name, value in slots if name is Field.PHARMACY}
    pharmacies |= {str(task.details.get(str(Field.PHARMACY), "")) for task in tasks}
    return Known(
        frozenset(filter(None, names)),
        frozenset("".join(filter(str.isdigit, number)) for number in numbers if number),
        frozenset(filter(None, pharmacies)),
    )


def _slots(state: State) -> list[tuple[Field, Value]]:
    requests: list[Request] = [one for one in (state.request, state.last, *state.queue) if one]
    return [pair for held in (state.known, *(one.slots for one in requests)) for pair in held.items()]
