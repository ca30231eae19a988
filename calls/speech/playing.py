"""What of an answer is played: asked for when the turn is written, and never a reason for a turn to fail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from django.utils import timezone

from calls.conversation import Spoken
from calls.house import house_of
from calls.speech import voicing
from calls.speech.accounts import note
from calls.speech.fixed import Text
from clinics.afterwards import afterwards
from clinics.practice import policies
from clinics.tenancy import current_clinic

logger = logging.getLogger(__name__)


def clips_of(spoken: Spoken) -> Mapping[Text, str]:
    """The addresses of the sentences that are played. The turn is recorded by now; what fails is said by Twilio."""
    try:
        clinic, policy = current_clinic(), policies.policy(spoken.policy_version)
        house = house_of(policy, policy.local(timezone.now()))
        voiced = voicing.voiced(clinic, policy=policy, house=house, voice=spoken.voice, reply=spoken.reply)
    except Exception as fault:
        logger.error("a reply is not played: %s", type(fault).__name__)
        return {}
    afterwards(partial(note, clinic, call_id=spoken.call_id, n=spoken.next_turn - 1, voiced=voiced))
    return voiced.clips
