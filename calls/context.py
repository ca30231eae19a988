"""The live state of a call: kept in Redis for speed, rebuilt from the last turn whenever it is gone or behind."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from calls.dialogue.state import State
from calls.models import Call, Turn
from clinics import sealed

TTL = 30 * 60
"""Seconds that an untouched call stays in Redis."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running call as the next turn needs it."""

    call_id: UUID
    state: State
    policy_version: int
    test: bool
    intent: str
    language: str


def load(call_id: UUID) -> Live | None:
    """The live state of a call of this clinic; None when there is no such call."""
    kept = sealed.get(_name(call_id))
    if isinstance(kept, dict):
        return Live(call_id, State.from_json(kept["state"]), kept["policy"], kept["test"], kept["intent"], kept["lang"])
    return rebuild(call_id)


def rebuild(call_id: UUID) -> Live | None:
    """The live state read from the database, which is always right."""
    last = Turn.objects.filter(call_id=call_id).select_related("call").order_by("-n").first()
    if last is None:
        return None
    call: Call = last.call
    return Live(call_id, State.from_json(last.state), call.policy_version, call.test, call.intent, call.language)


def keep(live: Live) -> None:
    """Keep the state for the next turn. Losing it costs one query, never a word."""
    value = {
        "state": live.state.to_json(),
        "policy": live.policy_version,
        "test": live.test,
        "intent": live.intent,
        "lang": live.language,
    }
    sealed.put(_name(live.call_id), value, ttl=TTL)


def forget(call_id: UUID) -> None:
    sealed.drop(_name(call_id))


def _name(call_id: UUID) -> str:
    return f"call:{call_id}"
