"""What the phone collects for each request, as one table: fields in the order they are asked.

The reason for the call comes first and who it is about second: callers say why they ring before they say who
they are, and an abandoned call then still tells staff what it was about.
"""

from __future__ import annotations

from calls.dialogue.state import Request
from calls.dialogue.types import Field, Intent

FORMS: dict[Intent, tuple[Field, ...]] = {
    Intent.APPOINTMENT: (
        Field.REASON,
        Field.PREFERRED_TIME,
        Field.PATIENT_NAME,
        Field.DATE_OF_BIRTH,
        Field.CALLBACK_NUMBER,
    ),
    Intent.CANCEL_APPOINTMENT: (
        Field.APPOINTMENT_WHEN,
        Field.PATIENT_NAME,
        Field.DATE_OF_BIRTH,
        Field.CALLBACK_NUMBER,
    ),
    Intent.CALLBACK: (Field.REASON, Field.PATIENT_NAME, Field.CALLBACK_NUMBER),
    Intent.REFILL: (
        Field.MEDICATION,
        Field.PHARMACY,
        Field.PATIENT_NAME,
        Field.DATE_OF_BIRTH,
        Field.CALLBACK_NUMBER,
    ),
    Intent.TEST_RESULT: (Field.TEST_NAME, Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER),
    Intent.MEDICAL_ADVICE: (Field.QUESTION, Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER),
    Intent.BILLING: (Field.QUESTION, Field.PATIENT_NAME, Field.CALLBACK_NUMBER),
    Intent.GENERAL: (Field.QUESTION, Field.PATIENT_NAME, Field.CALLBACK_NUMBER),
    Intent.HUMAN_REQUEST: (Field.REASON, Field.PATIENT_NAME, Field.CALLBACK_NUMBER),
}

MOVED_APPOINTMENT = (
    Field.APPOINTMENT_WHEN,
    Field.PREFERRED_TIME,
    Field.PATIENT_NAME,
    Field.DATE_OF_BIRTH,
    Field.CALLBACK_NUMBER,
)

MESSAGE = (Field.REASON, Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER)
"""What a person needs who calls back about a request that the phone does not take by itself."""

READ_BACK = frozenset({Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER})
"""Fields that are wrong more often than they sound, so that the caller always confirms them."""

KEYPAD = {Field.DATE_OF_BIRTH: 8, Field.CALLBACK_NUMBER: 10}
"""Fields that keys can give, with how many keys: MMDDYYYY and a ten-digit number."""

WHO = frozenset({Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.CALLBACK_NUMBER})
"""Fields that a second request of the same call does not ask for again."""

FIGURES = frozenset(KEYPAD)
"""Fields whose value never looks like the words that gave it."""

ALWAYS_WELCOME = (Field.DOCTOR, Field.DATE_OF_BIRTH, Field.MEDICATION)
"""Fields that help staff with any request and are never asked for where the form does not name them."""

FREE_TEXT = frozenset(Field) - READ_BACK
"""Fields in which whatever the caller says is an answer."""

ANY_WORDS = frozenset({Field.REASON, Field.QUESTION})
"""Those of them that are no name of anything: nothing else can be said in their place."""

SURE = 0.9
"""At and above this confidence a free-text value is believed without reading it back."""

VOLUNTEERED = 0.65
"""Below this confidence an answer that nobody asked for yet is left to be asked for."""

READABLE = 0.5
"""Below this confidence a name, a date or a number was not understood at all."""

TRIES = 2
"""How often a question is put by voice before the other way (keys), and then a person."""


def fields_of(request: Request) -> tuple[Field, ...]:
    """The fields of a request, in the order they are asked."""
    if request.handed and not request.urgent:
        return MESSAGE
    change = request.slots.get(Field.APPOINTMENT_CHANGE)
    if request.intent is Intent.APPOINTMENT and change is not None and change.text == "change":
        return MOVED_APPOINTMENT
    if request.urgent:
        return (Field.PATIENT_NAME, Field.CALLBACK_NUMBER)
    return FORMS[request.intent]


def next_field(request: Request) -> Field | None:
    """The first field still to be asked or confirmed; None when the request is complete."""
    for name in fields_of(request):
        if name in request.given_up:
            continue
        if name not in request.slots or needs_yes(request, name):
            return name
    return None


def needs_yes(request: Request, name: Field) -> bool:
    """Whether a value that was understood still wants the caller's yes."""
    if name in request.confirmed or name not in request.slots:
        return False
    return name in READ_BACK or (name is Field.MEDICATION and request.slots[name].confidence < SURE)


def is_complete(request: Request) -> bool:
    return next_field(request) is None
