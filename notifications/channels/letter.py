"""A letter with a link that works once: an invitation, or a new password. The link is worked out here, at sending."""

from __future__ import annotations

from clinics.people import links
from clinics.telephone import public_url
from notifications import addresses, wording
from notifications.addresses import Nowhere
from notifications.channels import email
from notifications.claims import Started
from notifications.policy import Outcome


def send(started: Started) -> Outcome:
    """Hand it over, unless the link was used, withdrawn or ended in the meantime."""
    try:
        clinic, link, path, language = addresses.of_letter(started)
    except Nowhere as nowhere:
        return nowhere.outcome
    letter = wording.letter_with_link(
        started.kind, lang=language, clinic=clinic.name, link=public_url(clinic, path), lives=links.LIVES[link.purpose]
    )
    return email.post(started, clinic, letter, link.email)
