"""Recordings come home: fetched from the network with the clinic's own credentials, sealed, and deleted there.

A job looks for what is due; each try is written down before it begins, so that a process that dies has only put the
next one off. The address is made of our own settings and the recording's id, never taken from a request.
"""

from __future__ import annotations

import logging

from calls.recordings import actions, vault
from calls.recordings.models import DUE, Recording, State
from clinics.tenancy import current_clinic
from clinics.waiting import clinics_with
from notifications import network
from notifications.policy import Result

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 20


def fetch_everywhere() -> int:
    """Do what is due in every clinic; returns how many recordings were looked at."""
    return sum(fetch_due() for _clinic in clinics_with("calls_recording", DUE))


def fetch_due() -> int:
    """Do what is due in this clinic; returns how many recordings were looked at."""
    for done in range(MOST_AT_ONCE):
        recording = actions.claim_due()
        if recording is None:
            return done
        if recording.state != State.TOLD or _fetch(recording):
            _delete_at_network(recording)
    return MOST_AT_ONCE


def _fetch(recording: Recording) -> bool:
    """Keep our own copy; False when there is none yet, or nobody wants it any more."""
    try:
        with network.media(current_clinic(), f"Recordings/{recording.sid}.mp3") as parts:
            stored = vault.store(recording, parts)
    except network.NotAsked as failure:
        logger.warning("recording %s is not fetched yet: %s", recording.id, failure)
        return False
    if actions.note_stored(recording=recording, file=stored.file, key=stored.key, size=stored.size):
        return True
    vault.delete(stored.file)
    return False


def _delete_at_network(recording: Recording) -> None:
    """The words that it wrote down first: without the recording's row nobody would know of them."""
    clinic = current_clinic()
    outcomes = [network.delete_transcript(clinic, sid=recording.transcript_sid)] if recording.transcript_sid else []
    outcomes.append(network.delete_recording(clinic, sid=recording.sid))
    left = [one.code for one in outcomes if one.result is not Result.SENT and one.http_status != 404]
    if left:
        logger.warning("recording %s is not deleted at the network yet: %s", recording.id, left[0])
    else:
        actions.note_gone_at_network(recording=recording)
