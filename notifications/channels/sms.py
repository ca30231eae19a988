"""A text message to a member of staff: the clinic's name, the kind's neutral title, and a link that needs sign-in."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from clinics.telephone import public_url
from notifications import addresses, claims, codes, network, optouts, outcomes, wording
from notifications.addresses import Nowhere, To
from notifications.claims import Started
from notifications.kinds import TABLE
from notifications.numbers import digest
from notifications.policy import Outcome, Result
from notifications.routing import Policy

HELD_SECONDS = 15.0  # while the end of another message to the same number is not known


def send(started: Started) -> Outcome:
    """Text one member of staff."""
    try:
        to = addresses.staff_number(started)
    except Nowhere as nowhere:
        return nowhere.outcome
    return text(started, to, body_of(started, to))


def body_of(started: Started, to: To) -> str:
    """The words of a text to staff; the same for the same announcement."""
    if started.kind == codes.KIND:
        return wording.code_for_staff(lang=to.language, clinic=to.clinic.name, code=to.code)
    link = public_url(to.clinic, started.path)
    return wording.text_for_staff(
        TABLE[started.kind], lang=to.language, clinic=to.clinic.name, link=link, mark=started.mark
    )


def text(started: Started, to: To, body: str) -> Outcome:
    """Hand one text over to the network. Whoever the network says has opted out is remembered."""
    if started.policy == Policy.RECONCILE and not claims.engage(started, digest(to.clinic, to.number)):
        return Outcome(Result.HELD, "another_unknown", wait_seconds=HELD_SECONDS)
    outcome = network.post_message(
        to.clinic,
        to=to.number,
        sender=to.sender,
        body=body,
        status_url=public_url(to.clinic, reverse("notifications:sms_status", args=[started.callback_token])),
        valid=int((started.expires_at - timezone.now()).total_seconds()),
        carries=network.carries_of(started.channel),
    )
    if outcome.code == f"twilio_{outcomes.OPTED_OUT}":
        optouts.opt_out(to.clinic, to.number, source="network")
    return outcome
