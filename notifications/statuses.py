"""What the network reports of a message or a call, repeated and in any order: the furthest stage is what is kept.

A report at a try's own secret address proves that the network accepted that try. So it also settles a delivery whose
answer was lost, before anyone would send it again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from clinics.models import Clinic
from notifications import optouts, outcomes
from notifications.claims import PROVIDER
from notifications.models import Attempt, Delivery

logger = logging.getLogger(__name__)

PRESSED = "pressed"

# Each stage has a rank of its own: whatever the order of the reports, the highest is the same one in the end.
RANKS: Mapping[str, int] = MappingProxyType(
    {
        stage: rank
        for rank, stage in enumerate(
            [
                *("", "accepted", "scheduled", "queued", "initiated", "sending", "ringing", "sent", "in-progress"),
                *("canceled", "failed", "busy", "no-answer", "undelivered", "delivered", "read", "completed", PRESSED),
            ]
        )
    }
)


class NotOurs(Exception):
    """No try of this clinic has this token, or it has another id at the network."""


def report(clinic: Clinic, *, token: UUID, sid: str, status: str, error: str = "", number: str = "") -> Attempt:
    """Note a report. `number` is whom it went to, for the case that they have opted out. Raises `NotOurs`."""
    with transaction.atomic():
        attempt = _held(clinic, token=token, sid=sid)
        if RANKS.get(status, 0) > RANKS.get(attempt.provider_status, 0):
            attempt.provider_status = status
            attempt.error_code = f"twilio_{error}" if error else attempt.error_code
        attempt.provider_id = sid
        if attempt.finished_at is None or attempt.outcome in ("unknown", "lost"):
            attempt.outcome, attempt.finished_at = "reported", Now()
        attempt.save(update_fields=["provider_status", "provider_id", "error_code", "outcome", "finished_at"])
        _settle(attempt)
    if error == outcomes.OPTED_OUT and number:
        optouts.opt_out(clinic, number, source="network")
    return attempt


def _held(clinic: Clinic, *, token: UUID, sid: str) -> Attempt:
    """The try of a token, with its delivery's row locked: reports of one message come at the same time."""
    found = Attempt.objects.filter(callback_token=token, delivery__clinic=clinic).first()
    if found is None:
        raise NotOurs("token")
    Delivery.objects.select_for_update().get(pk=found.delivery_id)
    attempt = Attempt.objects.select_related("delivery").get(pk=found.pk)
    if attempt.provider_id not in ("", sid):
        raise NotOurs("sid")
    return attempt


def _settle(attempt: Attempt) -> None:
    """Call the delivery sent, whatever we believed of it, and keep how far its message came."""
    delivery = attempt.delivery
    if delivery.state != "sent":
        if delivery.state not in ("sending", "leased", "unknown", "pending"):
            logger.warning("delivery %d was %s and is sent after all", delivery.pk, delivery.state)
        delivery.state, delivery.done_at, delivery.last_error_code = "sent", Now(), ""
        delivery.lease_token = delivery.lease_expires_at = None
    if delivery.provider_id in ("", attempt.provider_id):
        delivery.provider, delivery.provider_id = PROVIDER, attempt.provider_id
        delivery.provider_status = attempt.provider_status
        delivery.provider_error = attempt.error_code.removeprefix("twilio_")[:10]
    try:
        with transaction.atomic():
            delivery.save()
    except IntegrityError:  # the list gave this message to another delivery, which is what the reports say is wrong
        logger.error("delivery %d: its message was taken for another's", delivery.pk)
        Delivery.objects.filter(provider=PROVIDER, provider_id=attempt.provider_id).update(provider_id="")
        delivery.save()
