"""A letter to a member of staff: the kind's neutral title and a link that needs sign-in."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage, get_connection

from clinics.leaving import refuse_in_transaction
from clinics.models import Clinic
from clinics.spans import span
from clinics.telephone import public_url, reach_of
from notifications import addresses, wording
from notifications.addresses import Nowhere
from notifications.claims import Started
from notifications.kinds import TABLE
from notifications.network import within_deadline
from notifications.policy import Outcome, Result
from notifications.wording import Letter


def send(started: Started) -> Outcome:
    """Hand one letter over to the mail server. A repeat carries the same Message-ID, so that mailboxes show one."""
    try:
        clinic, address, language = addresses.staff_email(started)
    except Nowhere as nowhere:
        return nowhere.outcome
    letter = wording.letter(
        TABLE[started.kind],
        lang=language,
        clinic=clinic.name,
        link=public_url(clinic, started.path),
        mark=started.mark,
    )
    return post(started, clinic, letter, address)


def post(started: Started, clinic: Clinic, letter: Letter, address: str) -> Outcome:
    """Send one letter of a delivery, within the channel's deadline."""
    refuse_in_transaction()
    headers = {"Message-ID": f"<delivery-{started.id}@{reach_of(clinic).host}>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(letter.subject, letter.body, to=[address], headers=headers)
    try:
        with span("mail"):
            return within_deadline(lambda: _hand_over(message))
    except TimeoutError:
        return Outcome(Result.UNKNOWN, "deadline")


def _hand_over(message: EmailMessage) -> Outcome:
    connection = message.connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as failure:
        return Outcome(Result.RETRY, type(failure).__name__)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        return _answered(max((code for code, _ in refused.recipients.values()), default=550))
    except smtplib.SMTPResponseException as refused:
        return _answered(refused.smtp_code)
    except (smtplib.SMTPException, OSError) as failure:
        return Outcome(Result.UNKNOWN, type(failure).__name__)
    finally:
        connection.close()
    return Outcome(Result.SENT)


def _answered(code: int) -> Outcome:
    """What the mail server said: 5xx for good, 4xx for now."""
    return Outcome(Result.REFUSED if 500 <= code < 600 else Result.RETRY, f"smtp_{code}")
