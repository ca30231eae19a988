"""Who a step of the ladder reaches: the people it asks for, less those it cannot tell, each with the reason. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy

from clinics.people.roles import Role
from clinics.practice.ladder import BACKUP, DOCTORS, EVERYONE, MANAGERS, ON_CALL, PHONES

NOBODY_THERE, NO_NUMBER, ONLY_A_TEST = "nobody_there", "no_number", "only_a_test"

WHY: dict[str, str] = {
    NOBODY_THERE: gettext_lazy("nobody is there"),
    NO_NUMBER: gettext_lazy("has no telephone number"),
    ONLY_A_TEST: gettext_lazy("a test call rings no phones"),
}
"""Why somebody was not told, as the ladder says it."""

ROLES: dict[str, frozenset[str]] = {
    EVERYONE: frozenset({Role.STAFF, Role.DOCTOR, Role.ADMIN}),
    DOCTORS: frozenset({Role.DOCTOR}),
    MANAGERS: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Someone:
    """What a step needs to know of an active person of the clinic."""

    id: UUID
    role: str
    phone: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What became of one step: whom it tells, over what, and who is left out, why (`None` is nobody in particular)."""

    told: tuple[UUID, ...]
    channels: tuple[str, ...]
    left_out: tuple[tuple[UUID | None, str], ...]

    @property
    def held(self) -> bool:
        """Whether the step was only kept from ringing phones."""
        return not self.told and any(why == ONLY_A_TEST for _, why in self.left_out)


def reach(
    *,
    who: str,
    channels: Sequence[str],
    people: Sequence[Someone],
    line: Sequence[Sequence[UUID]],
    rings: bool,
) -> Reach:
    """Whom a step tells now. `line` is who is on call, first place first; `rings` is false for a test."""
    asked = _asked_for(who, people, line)
    if not asked:
        return Reach((), (), ((None, NOBODY_THERE),))
    if not PHONES & set(channels):
        return Reach(tuple(one.id for one in asked), tuple(channels), ())
    if not rings:
        return Reach((), (), tuple((one.id, ONLY_A_TEST) for one in asked))
    told = tuple(one.id for one in asked if one.phone)
    left_out = tuple((one.id, NO_NUMBER) for one in asked if not one.phone)
    return Reach(told, tuple(channels) if told else (), left_out)


def _asked_for(who: str, people: Sequence[Someone], line: Sequence[Sequence[UUID]]) -> list[Someone]:
    if who in ROLES:
        return [one for one in people if one.role in ROLES[who]]
    first = list(line[0]) if line else []
    wanted = first if who == ON_CALL else [one for place in line[1:] for one in place] if who == BACKUP else []
    known = {one.id: one for one in people}
    return [known[one] for one in dict.fromkeys(wanted) if one in known]
