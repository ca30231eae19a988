"""The live state of a call: in this process, else in Redis, else rebuilt from the last turn.

A state that carries turn n is what turn n has written, for ever: whoever holds it may go on from it, and if another
process was faster the turn's row says so. So the copies near at hand need no agreement, they can only be behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from calls.dialogue.levels import Level
from calls.dialogue.state import State
from calls.models import Call, Turn
from clinics import sealed
from clinics.remembered import Remembered
from clinics.telephone import zone_of
from clinics.tenancy import current_clinic

TTL = 30 * 60
"""Seconds that an untouched call stays at hand."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running call as the next turn needs it; `zone` is the clock of the site that was rung, "" the clinic's own."""

    call_id: UUID
    state: State
    policy_version: int
    test: bool
    intent: str
    language: str
    drill: bool = False
    voice: str = ""
    level: Level = Level.RULES
    zone: str = ""


_near: Remembered[tuple[str, UUID], Live] = Remembered(seconds=TTL, limit=2000)


def load(call_id: UUID) -> Live | None:
    """The live state of a call of this clinic; None when there is no such call."""
    return _near.find(_here(call_id)) or distant(call_id)


def distant(call_id: UUID) -> Live | None:
    """The live state as another process left it."""
    kept = sealed.get(_name(call_id))
    if isinstance(kept, dict):
        state = State.from_json(kept["state"])
        return Live(
            call_id,
            state,
            kept["policy"],
            kept["test"],
            kept["intent"],
            kept["lang"],
            kept["drill"],
            kept.get("voice", ""),  # a release before this one wrote none
            Level(kept.get("level", Level.RULES)),
            kept.get("zone", ""),
        )
    return rebuild(call_id)


def rebuild(call_id: UUID) -> Live | None:
    """The live state read from the database, which is always right."""
    last = Turn.objects.filter(call_id=call_id).select_related("call").order_by("-n").first()
    if last is None:
        return None
    call: Call = last.call
    state = State.from_json(last.state)
    return Live(
        call_id,
        state,
        call.policy_version,
        call.test,
        call.intent,
        call.language,
        call.drill,
        call.voice,
        Level(call.level),
        zone_of(current_clinic(), call.to_number),
    )


def keep(live: Live) -> None:
    """Keep the state for the next turn. Losing it costs one query, never a word."""
    _near.put(_here(live.call_id), live)
    sealed.put_afterwards(_name(live.call_id), partial(_as_json, live), ttl=TTL)


def _as_json(live: Live) -> dict[str, Any]:
    return {
        "state": live.state.to_json(),
        "policy": live.policy_version,
        "test": live.test,
        "intent": live.intent,
        "lang": live.language,
        "drill": live.drill,
        "voice": live.voice,
        "level": live.level,
        "zone": live.zone,
    }


def forget(call_id: UUID) -> None:
    _near.drop(_here(call_id))
    sealed.drop(_name(call_id))


def _here(call_id: UUID) -> tuple[str, UUID]:
    return connection.schema_name, call_id


def _name(call_id: UUID) -> str:
    return f"call:{call_id}"
