"""How a call is handed to a person: the states, who is rung in which order, and what proves that it held. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from clinics.people.roles import Role
from clinics.words import gettext_noop

REQUESTED, RINGING, BRIEFING, ACCEPTED, BRIDGED = "requested", "ringing", "briefing", "accepted", "bridged"
DECLINED, NO_ANSWER, RETURNED, ENDED = "declined", "no_answer", "returned", "ended"

STATES: Mapping[str, str] = MappingProxyType(
    {
        REQUESTED: gettext_noop("A person was asked for"),
        RINGING: gettext_noop("Rung"),
        BRIEFING: gettext_noop("Picked up, told what it is about"),
        ACCEPTED: gettext_noop("Pressed 1"),
        BRIDGED: gettext_noop("Speaking with the caller"),
        DECLINED: gettext_noop("Declined"),
        NO_ANSWER: gettext_noop("Did not answer"),
        RETURNED: gettext_noop("Back with the telephone assistant"),
        ENDED: gettext_noop("Over"),
    }
)

MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        REQUESTED: frozenset({RINGING, RETURNED, ENDED}),
        RINGING: frozenset({BRIEFING, NO_ANSWER, RETURNED, ENDED}),
        BRIEFING: frozenset({ACCEPTED, DECLINED, NO_ANSWER, RETURNED, ENDED}),
        DECLINED: frozenset({RINGING, RETURNED, ENDED}),
        NO_ANSWER: frozenset({RINGING, RETURNED, ENDED}),
        ACCEPTED: frozenset({BRIDGED, NO_ANSWER, RETURNED, ENDED}),
        BRIDGED: frozenset({ENDED}),
        RETURNED: frozenset(),
        ENDED: frozenset(),
    }
)
"""Which state may follow which. Nothing follows `returned` and `ended`: late news changes neither."""

MAY_RING = frozenset({REQUESTED, DECLINED, NO_ANSWER})
"""Where the next person may be rung."""
ASKING = frozenset({RINGING, BRIEFING})
"""Where somebody is being asked right now."""
OVER = frozenset({RETURNED, ENDED})

CALLER, STAFF, NETWORK = "caller", "staff", "network"
ENDED_BY: Mapping[str, str] = MappingProxyType(
    {
        CALLER: gettext_noop("The caller"),
        STAFF: gettext_noop("The person of the clinic"),
        NETWORK: gettext_noop("The telephone network"),
    }
)

RING_SECONDS = 18
"""How long one telephone rings: shorter than most voicemails wait."""
LOST_SECONDS = 45
"""After so long without news of somebody who is asked, the news is taken for lost and the next one is rung."""
WAIT_SECONDS = 90
"""How long a caller is asked to wait before nobody else is rung."""
LAST_WORDS_SECONDS = 8
"""How long after that a caller who could not be brought back is told so by the hold music itself."""
UNPROVEN_SECONDS = 10
"""Who pressed 1 so long ago has spoken with the caller, even if the network never said that they met."""
MOST_PEOPLE = 4

HELD_SECONDS = 60
"""From so long a conversation on a handover counts as held."""
AGAIN = timedelta(hours=2)
"""Who rings again within this time was not helped by the handover."""

LOOKED_AT, ALIKE, WITHIN_SECONDS = 10, 4, 3
"""So many of the last conversations, ending within so few seconds of the same length, are a fault and no chance."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be rung. `place` is that of their shift, 1 first."""

    id: UUID
    place: int
    role: str
    name: str
    speaks: frozenset[str]


_ROLES = (Role.STAFF, Role.DOCTOR, Role.ADMIN)


def ring_order(people: Sequence[Candidate], *, language: str) -> list[UUID]:
    """Whom to ring, one after the other: by shift, then who speaks the caller's language, then by role."""

    def key(one: Candidate) -> tuple[int, bool, int, str]:
        role = _ROLES.index(Role(one.role)) if one.role in _ROLES else len(_ROLES)
        return one.place, language not in one.speaks, role, one.name

    return [one.id for one in sorted(people, key=key)][:MOST_PEOPLE]


def is_lost(*, state: str, since: datetime, now: datetime) -> bool:
    """Whether somebody is being asked for so long that the news of them must have been lost."""
    return state in ASKING and now - since > timedelta(seconds=LOST_SECONDS)


def spoke(*, state: str, bridged: bool, accepted_at: datetime | None, now: datetime) -> bool:
    """Whether the caller has spoken with a person, as far as anybody can tell."""
    if bridged or state == BRIDGED:
        return True
    waited = now - accepted_at if state == ACCEPTED and accepted_at is not None else timedelta(0)
    return waited > timedelta(seconds=UNPROVEN_SECONDS)


def cut_off_at(lengths: Sequence[int]) -> int | None:
    """The length in seconds at which the last conversations (newest first) end too often; None when they vary."""
    recent = sorted(lengths[:LOOKED_AT])
    for first, last in zip(recent, recent[ALIKE - 1 :], strict=False):
        if last - first <= WITHIN_SECONDS:
            return first
    return None
