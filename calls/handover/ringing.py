"""What a handover asks of the network: ring the next telephone, hang one up, bring the caller back.

Done after an answer has left, by the thread that gave it, and never inside a transaction. The caller's own hold music
asks again every few seconds, so a request that was lost with its process is made by the next one. Only a few threads
of a process wait for the network at a time: callers need the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.urls import reverse

from calls.handover import actions, policy
from clinics.afterwards import afterwards
from clinics.models import Clinic
from clinics.telephone import public_url
from clinics.tenancy import current_clinic, inside
from notifications import addresses, network
from notifications.policy import Outcome, Result

logger = logging.getLogger(__name__)

_threads = threading.BoundedSemaphore(3)


def go_on_afterwards(handover_id: UUID) -> None:
    """Ring whoever is next once this request is answered, or bring the caller back when nobody is left."""
    afterwards(partial(_with_a_place, partial(_go_on, current_clinic(), handover_id)))


def hang_up_afterwards(sids: Sequence[str]) -> None:
    """Stop telephones that ring in vain once this request is answered."""
    for sid in sids:
        afterwards(partial(_with_a_place, partial(_hang_up, current_clinic(), sid)))


def _with_a_place(deed: partial[None]) -> None:
    if not _threads.acquire(blocking=False):
        logger.warning("the network is slow: a handover waits for its caller's next sign of life")
        return
    try:
        deed()
    finally:
        _threads.release()


def _go_on(clinic: Clinic, handover_id: UUID) -> None:
    with inside(clinic):
        while (wanted := actions.next_to_ring(handover_id=handover_id)) is not None:
            outcome = _ring(clinic, wanted)
            if outcome.result in (Result.SENT, Result.UNKNOWN):  # unknown: it may ring; lost news ends it in time
                actions.note_rung(leg_id=wanted.leg_id, sid=outcome.provider_id)
                return
            actions.note_not_reached(leg_id=wanted.leg_id, why=outcome.code)
        back = actions.to_bring_back(handover_id=handover_id)
        if back is not None:
            _bring_back(clinic, back)


def _ring(clinic: Clinic, wanted: actions.ToRing) -> Outcome:
    try:
        caller = addresses.caller_id(clinic)
    except addresses.Nowhere as nowhere:
        return nowhere.outcome
    return network.post_call(
        clinic,
        to=wanted.number,
        caller=caller,
        url=public_url(clinic, reverse("handover:brief", args=[wanted.leg_id])),
        status_url=public_url(clinic, reverse("handover:leg_status", args=[wanted.leg_id])),
        ring_seconds=policy.RING_SECONDS,
    )


def _bring_back(clinic: Clinic, back: actions.Back) -> None:
    url = public_url(clinic, reverse("handover:after", args=[back.call_id, back.turn]))
    outcome = network.redirect_call(clinic, sid=back.sid, url=url)
    if outcome.result is not Result.SENT:
        logger.error("a waiting caller could not be brought back: %s", outcome.code)


def _hang_up(clinic: Clinic, sid: str) -> None:
    outcome = network.end_call(clinic, sid=sid)
    if outcome.result is not Result.SENT:
        logger.warning("a telephone that rings in vain could not be stopped: %s", outcome.code)
