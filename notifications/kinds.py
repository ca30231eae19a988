"""Everything the product announces, one line each: who hears it, over what, how urgently, in which words. Pure.

The titles are all that leaves the clinic's schema, so they are neutral: what happened is read on the page itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from clinics.people.roles import Role


class Lane(IntEnum):
    """Lanes are drained in this order, so that bulk work never delays an emergency."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


@dataclass(frozen=True)
class Kind:
    """One announcement. `roles` hear it, and so do the people that the announcer names."""

    roles: frozenset[Role]
    channels: tuple[str, ...]
    lane: Lane
    expires_after_minutes: int
    title: Mapping[str, str]


_NOBODY: frozenset[Role] = frozenset()
_STAFF = frozenset({Role.STAFF})
_DOCTORS = frozenset({Role.DOCTOR})
_CARERS = frozenset({Role.STAFF, Role.DOCTOR})
_EVERYONE = frozenset({Role.STAFF, Role.DOCTOR, Role.ADMIN})
_TOLD = ("inbox", "browser")
_SHOWN = ("browser",)
_DAY = 24 * 60


def _kind(roles: frozenset[Role], channels: tuple[str, ...], lane: Lane, minutes: int, en: str, es: str) -> Kind:
    return Kind(roles, channels, lane, minutes, MappingProxyType({"en": en, "es": es}))


TABLE: Mapping[str, Kind] = MappingProxyType(
    {
        "task.opened": _kind(_STAFF, _TOLD, Lane.NORMAL, 7 * _DAY, "New task", "Nueva tarea"),
        "task.decision_needed": _kind(
            _DOCTORS, _TOLD, Lane.NORMAL, 7 * _DAY, "A request waits for a doctor", "Una solicitud espera a un médico"
        ),
        "task.claimed": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 5, "Task taken", "Tarea asignada"),
        "task.changed": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 5, "Task changed", "Tarea modificada"),
        "task.completed": _kind(_NOBODY, _TOLD, Lane.NORMAL, 7 * _DAY, "Task completed", "Tarea completada"),
        "task.decided": _kind(
            _STAFF, _TOLD, Lane.NORMAL, 7 * _DAY, "A doctor has decided", "Un médico ha tomado una decisión"
        ),
        "escalation.raised": _kind(_EVERYONE, _TOLD, Lane.URGENT, _DAY, "Emergency on a call", "Emergencia en llamada"),
        "escalation.urgent": _kind(_CARERS, _TOLD, Lane.URGENT, _DAY, "Urgent call", "Llamada urgente"),
        "escalation.attention": _kind(
            _STAFF, _TOLD, Lane.NORMAL, 7 * _DAY, "A caller needs a person", "Una persona espera atención"
        ),
        "escalation.acknowledged": _kind(
            _NOBODY, _SHOWN, Lane.URGENT, 5, "Escalation acknowledged", "Escalamiento aceptado"
        ),
        "escalation.resolved": _kind(_NOBODY, _SHOWN, Lane.URGENT, 5, "Escalation resolved", "Escalamiento resuelto"),
        "call.started": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 2, "Call started", "Llamada iniciada"),
        "call.ended": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 2, "Call ended", "Llamada terminada"),
        "system.canary": _kind(_NOBODY, ("pulse",), Lane.NORMAL, 2, "Self-test", "Autoprueba"),
    }
)


def title(kind: str, lang: str = "en") -> str:
    """The neutral line that people read; a kind of an older release is shown as a plain notice."""
    found = TABLE.get(kind)
    if found is None:
        return "Notification"
    return found.title.get(lang, found.title["en"])
