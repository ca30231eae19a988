"""A request as staff read it: one line for the queue, and the details by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date

from calls.dialogue.state import Request
from calls.dialogue.types import Field, Intent, Value

_OPENINGS = {
    Intent.APPOINTMENT: "Wants an appointment",
    Intent.CANCEL_APPOINTMENT: "Wants to cancel an appointment",
    Intent.CALLBACK: "Wants a call back",
    Intent.REFILL: "Medication request",
    Intent.TEST_RESULT: "Asks for a test result",
    Intent.MEDICAL_ADVICE: "Medical question",
    Intent.BILLING: "Billing question",
    Intent.GENERAL: "Question",
    Intent.HUMAN_REQUEST: "Asked for a person",
    Intent.UNCLEAR: "Wants a call back",
}
_TOLD = (
    Field.MEDICATION,
    Field.TEST_NAME,
    Field.REASON,
    Field.QUESTION,
    Field.APPOINTMENT_WHEN,
    Field.PREFERRED_TIME,
    Field.DOCTOR,
    Field.PHARMACY,
)


def summary(request: Request, *, complete: bool) -> str:
    """One line, such as "Medication request: Lisinopril; Walgreens". Unfinished requests say so."""
    opening = _OPENINGS[request.intent]
    if request.intent is Intent.APPOINTMENT and _text(request.slots, Field.APPOINTMENT_CHANGE) == "change":
        opening = "Wants to change an appointment"
    if request.urgent:
        opening = "Same-day red flag, nurse to call"
    told = "; ".join(filter(None, (_text(request.slots, name) for name in _TOLD)))
    line = f"{opening}: {told}" if told else opening
    if complete or request.urgent:
        return line
    return f"{line} (left to a person)" if request.handed else f"{line} (caller left early)"


def details(request: Request) -> dict[str, str]:
    """What was understood, by field, with what the caller did not confirm and what could not be read."""
    told = {str(name): value.text for name, value in request.slots.items() if value.text}
    unsure = _CHECKED & set(request.slots) - request.confirmed
    if unsure:
        told["not_confirmed"] = _named(unsure)
    if request.given_up:
        told["not_understood"] = _named(request.given_up)
    return told


def _named(fields: Set[Field]) -> str:
    return ", ".join(sorted(name.replace("_", " ") for name in fields))


_CHECKED = {Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER}


def date_of_birth(request: Request) -> date | None:
    """The date of birth, or None when it was not given."""
    text = _text(request.slots, Field.DATE_OF_BIRTH)
    return date.fromisoformat(text) if text else None


def _text(slots: Mapping[Field, Value], name: Field) -> str:
    return slots[name].text if name in slots else ""
