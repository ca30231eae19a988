"""A call to a member of staff: a neutral sentence, and 1 to take what waits. What is said then: `webhooks.py`."""

from __future__ import annotations

from django.urls import reverse

from clinics.telephone import public_url
from notifications import addresses, network
from notifications.addresses import Nowhere
from notifications.claims import Started
from notifications.policy import Outcome

RING_SECONDS = 25  # shorter than most voicemails wait


def send(started: Started) -> Outcome:
    """Ring one member of staff."""
    try:
        to = addresses.staff_number(started)
        caller = addresses.caller_id(to.clinic)
    except Nowhere as nowhere:
        return nowhere.outcome

    def ours(name: str) -> str:
        return public_url(to.clinic, reverse(f"notifications:{name}", args=[started.callback_token]))

    return network.post_call(
        to.clinic,
        to=to.number,
        caller=caller,
        url=ours("voice_answered"),
        status_url=ours("voice_status"),
        ring_seconds=RING_SECONDS,
    )
