"""Where a conversation stands: everything the next turn needs, and nothing else.

A `State` is stored as JSON beside the turn that led to it, so a call goes on from the database alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any

from calls.dialogue.types import Field, Intent, Lang, Value


class Step(StrEnum):
    """What the phone waits for; `diagram.py` says which may follow which."""

    ROUTE = "route"
    ASK = "ask"
    CONFIRM = "confirm"
    MORE = "more"
    CLARIFY = "clarify"
    OFFER_PERSON = "offer_person"
    DIALLING = "dialling"
    DANGER = "danger"
    VOICEMAIL = "voicemail"
    CONSENT = "consent"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Request:
    """One thing the caller wants, as far as it is collected; `number` counts the requests of the call from 1.

    `confirmed` are the fields that the caller has said yes to, `given_up` those that nobody could read,
    `opened` says that its task exists already, `urgent` that a nurse must see it today, `handed` that it is a person's
    from the start: the phone connects one, or takes a message; `unheard` that it is such a message, whose words nobody
    knows yet.
    """

    intent: Intent
    number: int = 1
    slots: Mapping[Field, Value] = field(default_factory=dict)
    confirmed: frozenset[Field] = frozenset()
    given_up: frozenset[Field] = frozenset()
    opened: bool = False
    urgent: bool = False
    handed: bool = False
    unheard: bool = False

    def with_slot(self, name: Field, value: Value, *, confirmed: bool = False) -> Request:
        names = self.confirmed | {name} if confirmed else self.confirmed - {name}
        return replace(self, slots={**self.slots, name: value}, confirmed=names)

    def without(self, *names: Field) -> Request:
        slots = {name: value for name, value in self.slots.items() if name not in names}
        return replace(self, slots=slots, confirmed=self.confirmed - set(names))

    def without_hope(self, name: Field) -> Request:
        return replace(self, given_up=self.given_up | {name})


@dataclass(frozen=True, slots=True)
class State:
    """The conversation after turn `n`.

    `tries` counts failed answers to the question that stands, `silences` and `unclear` those in a row,
    `idle` the turns since something last moved; `misunderstood`, `doubted` (by the recogniser), `corrected` and
    `distressed` count turns of the whole call. `cut_short` says that the last words were not heard to their end.
    `paused` keeps the step that a safety question interrupted, `told` the topics of facts that were said, `queue` the
    requests that wait for the current one, `last` the one just finished, which can still be corrected. `held` are words
    that were heard and not answered yet (`waiting.py`).
    """

    lang: Lang = Lang.EN
    step: Step = Step.ROUTE
    n: int = 0
    caller: str = ""
    started_at: str = ""
    intent: Intent = Intent.UNCLEAR
    request: Request | None = None
    queue: tuple[Request, ...] = ()
    last: Request | None = None
    numbered: int = 0
    asking: Field | None = None
    tries: int = 0
    silences: int = 0
    unclear: int = 0
    cut_short: bool = False
    idle: int = 0
    misunderstood: int = 0
    doubted: int = 0
    corrected: int = 0
    distressed: int = 0
    clarify: str = ""
    clarified: tuple[str, ...] = ()
    paused: Step | None = None
    earlier: tuple[str, ...] = ()
    known: Mapping[Field, Value] = field(default_factory=dict)
    escalated: tuple[str, ...] = ()
    requests_done: int = 0
    told: tuple[str, ...] = ()
    caller_declined: bool = False
    offered_person: bool = False
    dial_failed: bool = False
    held: str = ""
    held_confidence: float | None = None
    held_until: str = ""
    outcome: str = ""

    def but(self, **changes: Any) -> State:
        """The state with these fields changed, as `replace` makes it; a turn does so at every step."""
        return State(**{**_fields_of(self), **changes})

    def to_json(self) -> dict[str, Any]:
        return {key: _plain(value) for key, value in _fields_of(self).items() if value != _DEFAULTS[key]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        known = {key: _READERS.get(key, _same)(value) for key, value in data.items() if key in _DEFAULTS}
        return cls(**known)


def _fields_of(state: State) -> dict[str, Any]:
    return dict(zip(_NAMES, _all_fields(state), strict=True))


def _plain(value: Any) -> Any:
    match value:
        case Request():
            return {
                "intent": value.intent.value,
                "number": value.number,
                "slots": _plain(value.slots),
                "confirmed": sorted(value.confirmed),
                "given_up": sorted(value.given_up),
                "opened": value.opened,
                "urgent": value.urgent,
                "handed": value.handed,
                "unheard": value.unheard,
            }
        case Value():
            return {"text": value.text, "heard": value.heard, "confidence": value.confidence}
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple():
            return [_plain(item) for item in value]
        case StrEnum():
            return value.value
        case _:
            return value


def _same(value: Any) -> Any:
    return value


def _slots(data: Mapping[str, Any]) -> dict[Field, Value]:
    return {Field(name): Value(**value) for name, value in data.items()}


def _request(data: Mapping[str, Any] | None) -> Request | None:
    if data is None:
        return None
    return Request(
        intent=Intent(data["intent"]),
        number=data["number"],
        slots=_slots(data["slots"]),
        confirmed=frozenset(map(Field, data["confirmed"])),
        given_up=frozenset(map(Field, data["given_up"])),
        opened=data["opened"],
        urgent=data["urgent"],
        handed=data.get("handed", False),
        unheard=data.get("unheard", False),
    )


_NAMES = tuple(State.__dataclass_fields__)
_all_fields = attrgetter(*_NAMES)
_DEFAULTS: dict[str, Any] = _fields_of(State())
_READERS: dict[str, Any] = {
    "lang": Lang,
    "step": Step,
    "paused": lambda value: Step(value) if value else None,
    "intent": Intent,
    "request": _request,
    "last": _request,
    "queue": lambda value: tuple(filter(None, map(_request, value))),
    "asking": lambda value: Field(value) if value else None,
    "known": _slots,
    "clarified": tuple,
    "earlier": tuple,
    "escalated": tuple,
    "told": tuple,
}
