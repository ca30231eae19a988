"""A text to who rang and left with nothing, where the clinic wants it: one a number a day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from calls.models import Call
from clinics.tenancy import current_clinic
from notifications.addresses import messaging_of
from notifications.doors import Patient
from notifications.events import announce
from notifications.numbers import digest

KIND = "call.missed"


def text_back(call: Call, *, now: datetime) -> None:
    """Announce that a call was missed, in the transaction that ends it; `now` is on the clinic's clock.

    The announcement is named by the number's keyed digest and the day, so the same number is told once a day. Whether
    it may be texted at all (STOP, night, limits) is found at the moment of sending.
    """
    clinic = current_clinic()
    if not call.from_number or not messaging_of(clinic).missed_call:
        return
    announce(
        kind=KIND,
        about=call.id,
        path=call.path,
        key=f"{KIND}:{digest(clinic, call.from_number)[:40]}:{now:%Y-%m-%d}",
    )


def patient_of_call(call_id: UUID) -> Patient | None:
    """Who rang."""
    call = Call.objects.filter(pk=call_id).first()
    return Patient(number=call.from_number, language=call.language, wanted=True) if call else None
