"""Everything the product announces, one line each: who hears it, over what, how urgently, in which words. Pure.

The titles are all that leaves the clinic's schema, so they are neutral: what happened is read on the page itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from clinics.people.roles import Role
from clinics.words import gettext_noop


class Lane(IntEnum):
    """Lanes are drained in this order, so that bulk work never delays an emergency."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


@dataclass(frozen=True)
class Kind:
    """One announcement. `roles` hear it, and so do the people that the announcer names.

    `channels` carry it to all of them. `offered` ones carry it to who asked for it, or where the announcer says so.
    `patient` is what the patient is texted, where the clinic has turned that on; `spoken` what a call to a member of
    staff says. Words that leave the portal name the clinic and nobody else.
    """

    roles: frozenset[Role]
    channels: tuple[str, ...]
    lane: Lane
    expires_after_minutes: int
    title: Mapping[str, str]
    offered: tuple[str, ...] = ()
    spoken: Mapping[str, str] = field(default_factory=dict)
    patient: Mapping[str, str] = field(default_factory=dict)

    @property
    def urgent(self) -> bool:
        """An urgent kind is sent again when the end of a try is not known: twice is better than never."""
        return self.lane is Lane.URGENT


_NOBODY: frozenset[Role] = frozenset()
_STAFF = frozenset({Role.STAFF})
_DOCTORS = frozenset({Role.DOCTOR})
_CARERS = frozenset({Role.STAFF, Role.DOCTOR})
_EVERYONE = frozenset({Role.STAFF, Role.DOCTOR, Role.ADMIN})
_TOLD = ("inbox", "browser")
_SHOWN = ("browser",)
_WRITTEN = ("sms", "email")
_DAY = 24 * 60


def _words(en: str, es: str) -> Mapping[str, str]:
    return MappingProxyType({"en": en, "es": es})


def _kind(
    roles: frozenset[Role],
    channels: tuple[str, ...],
    lane: Lane,
    minutes: int,
    en: str,
    es: str,
    *,
    offered: tuple[str, ...] = (),
    spoken: Mapping[str, str] | None = None,
    patient: Mapping[str, str] | None = None,
) -> Kind:
    return Kind(roles, channels, lane, minutes, _words(en, es), offered, spoken or {}, patient or {})


TABLE: Mapping[str, Kind] = MappingProxyType(
    {
        "task.opened": _kind(
            _STAFF,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "New task",
            "Nueva tarea",
            offered=_WRITTEN,
            patient=_words("We have received your request.", "Recibimos su solicitud."),
        ),
        "task.decision_needed": _kind(
            _DOCTORS,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A request waits for a doctor",
            "Una solicitud espera a un médico",
            offered=_WRITTEN,
        ),
        "task.asked_back": _kind(
            _STAFF,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A doctor wants a patient asked",
            "Un médico quiere que se pregunte a un paciente",
            offered=_WRITTEN,
        ),
        "task.claimed": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 5, "Task taken", "Tarea asignada"),
        "task.assigned": _kind(
            _NOBODY,
            _TOLD,
            Lane.NORMAL,
            _DAY,
            "A colleague handed you a task",
            "Un colega le pasó una tarea",
            offered=_WRITTEN,
        ),
        "task.changed": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 5, "Task changed", "Tarea modificada"),
        "task.completed": _kind(
            _NOBODY, _TOLD, Lane.NORMAL, 7 * _DAY, "Task completed", "Tarea completada", offered=_WRITTEN
        ),
        "task.decided": _kind(
            _STAFF,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A doctor has decided",
            "Un médico ha tomado una decisión",
            offered=_WRITTEN,
            patient=_words(
                "There is news about your request. Please call us.",
                "Hay novedades sobre su solicitud. Por favor llámenos.",
            ),
        ),
        "task.put_to": _kind(
            _NOBODY,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A request was put to you",
            "Le han asignado una solicitud",
            offered=_WRITTEN,
        ),
        "task.missed": _kind(
            _NOBODY,
            _SHOWN,
            Lane.NORMAL,
            _DAY,
            "Patient not reached",
            "No se pudo contactar al paciente",
            patient=_words(
                "We tried to call you. Please call us back.", "Intentamos llamarle. Por favor devuélvanos la llamada."
            ),
        ),
        "promise.broken": _kind(
            frozenset({Role.STAFF, Role.ADMIN}),
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A promise to a caller was not kept in time",
            "Una promesa a una persona que llamó no se cumplió a tiempo",
            offered=_WRITTEN,
        ),
        "escalation.raised": _kind(
            _EVERYONE, _TOLD, Lane.URGENT, _DAY, "Emergency on a call", "Emergencia en llamada", offered=_WRITTEN
        ),
        "escalation.urgent": _kind(
            _CARERS, _TOLD, Lane.URGENT, _DAY, "Urgent call", "Llamada urgente", offered=_WRITTEN
        ),
        "escalation.attention": _kind(
            _STAFF,
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A caller needs a person",
            "Una persona espera atención",
            offered=_WRITTEN,
        ),
        "escalation.step": _kind(
            _NOBODY,
            _TOLD,
            Lane.URGENT,
            60,
            "An urgent call waits for you",
            "Una llamada urgente le espera",
            offered=(*_WRITTEN, "voice"),
            spoken=_words(
                "An urgent call needs a person now, and nobody has taken it yet.",
                "Una llamada urgente necesita a una persona ahora, y nadie la ha tomado todavía.",
            ),
        ),
        "escalation.unanswered": _kind(
            frozenset({Role.ADMIN}),
            _TOLD,
            Lane.URGENT,
            60,
            "Nobody has answered an urgent call",
            "Nadie ha respondido a una llamada urgente",
            offered=_WRITTEN,
        ),
        "escalation.taken_over": _kind(
            _NOBODY, _SHOWN, Lane.URGENT, 5, "Escalation taken over", "Escalamiento asumido por otra persona"
        ),
        "escalation.acknowledged": _kind(
            _NOBODY, _SHOWN, Lane.URGENT, 5, "Escalation acknowledged", "Escalamiento aceptado"
        ),
        "escalation.resolved": _kind(_NOBODY, _SHOWN, Lane.URGENT, 5, "Escalation resolved", "Escalamiento resuelto"),
        "call.started": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 2, "Call started", "Llamada iniciada"),
        "call.ended": _kind(_NOBODY, _SHOWN, Lane.NORMAL, 2, "Call ended", "Llamada terminada"),
        "call.missed": _kind(
            _NOBODY,
            _SHOWN,
            Lane.NORMAL,
            120,  # a text about a call of last night would puzzle who gets it in the morning
            "Call missed",
            "Llamada perdida",
            patient=_words(
                "We missed your call. You can call us again at any time.",
                "Perdimos su llamada. Puede llamarnos de nuevo en cualquier momento.",
            ),
        ),
        "sensitive.opened": _kind(
            frozenset({Role.ADMIN}),
            _TOLD,
            Lane.URGENT,
            7 * _DAY,
            "A sensitive call was opened with a reason",
            "Se abrió una llamada confidencial con un motivo",
            offered=_WRITTEN,
        ),
        "handover.cut_off": _kind(
            frozenset({Role.ADMIN}),
            _TOLD,
            Lane.URGENT,
            _DAY,
            "Conversations with callers seem to be cut off",
            "Las conversaciones con quienes llaman parecen cortarse",
            offered=_WRITTEN,
        ),
        "delivery.trouble": _kind(
            frozenset({Role.ADMIN}),
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "Messages of this clinic have trouble",
            "Hay problemas con los mensajes de esta clínica",
            offered=_WRITTEN,
        ),
        "system.incident": _kind(
            _NOBODY,
            ("email",),
            Lane.URGENT,
            _DAY,
            "An incident has begun",
            "Ha comenzado un incidente",
            offered=("sms",),
        ),
        "webhook.disabled": _kind(
            frozenset({Role.ADMIN}),
            _TOLD,
            Lane.NORMAL,
            7 * _DAY,
            "A webhook of this clinic was switched off",
            "Se desactivó un webhook de esta clínica",
            offered=_WRITTEN,
        ),
        "webhook.ping": _kind(_NOBODY, (), Lane.NORMAL, 10, "Test of a webhook", "Prueba de un webhook"),
        "person.code": _kind(_NOBODY, ("sms",), Lane.URGENT, 10, "Your code", "Su código"),
        "person.invited": _kind(_NOBODY, ("letter",), Lane.NORMAL, 3 * _DAY, "You are invited", "Tiene una invitación"),
        "person.reset": _kind(
            _NOBODY, ("letter",), Lane.NORMAL, 30, "Choose a new password", "Elija una contraseña nueva"
        ),
        "person.new_address": _kind(
            _NOBODY, ("letter",), Lane.NORMAL, 60, "Confirm your new address", "Confirme su dirección nueva"
        ),
        "person.moved": _kind(
            _NOBODY,
            ("email",),
            Lane.NORMAL,
            7 * _DAY,
            "Your sign-in address was changed",
            "Su dirección para iniciar sesión se cambió",
        ),
        "person.changed": _kind(
            _NOBODY,
            ("inbox", "browser", "email"),
            Lane.NORMAL,
            7 * _DAY,
            "Your way to sign in was changed or used",
            "Su forma de iniciar sesión se modificó o se usó",
        ),
        "system.canary": _kind(_NOBODY, ("pulse",), Lane.NORMAL, 2, "Self-test", "Autoprueba"),
    }
)


def mark_of(*, test: bool, drill: bool) -> str:
    """The word that a person sees beside what is not real; a real thing has none."""
    return "DRILL" if drill else "TEST" if test else ""


FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "task": gettext_noop("Tasks"),
        "escalation": gettext_noop("Escalations"),
        "promise": gettext_noop("Promises"),
        "delivery": gettext_noop("Messages"),
    }
)
"""What the inbox can be narrowed to: the first word of the kinds that reach one."""


def title(kind: str, lang: str = "en") -> str:
    """The neutral line that people read; a kind of an older release is shown as a plain notice."""
    found = TABLE.get(kind)
    if found is None:
        return "Notification"
    return found.title.get(lang, found.title["en"])
