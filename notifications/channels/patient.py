"""A text message to a patient, where the clinic has turned it on: that there is news, never what or about what."""

from __future__ import annotations

from notifications import addresses, wording
from notifications.addresses import Nowhere
from notifications.channels import sms
from notifications.claims import Started
from notifications.kinds import TABLE
from notifications.policy import Outcome


def send(started: Started) -> Outcome:
    """Text the patient of one announcement."""
    try:
        to = addresses.patient_number(started)
    except Nowhere as nowhere:
        return nowhere.outcome
    body = wording.text_for_patient(
        TABLE[started.kind], lang=to.language, clinic=to.clinic.name, emergency=to.emergency
    )
    return sms.text(started, to, body)
