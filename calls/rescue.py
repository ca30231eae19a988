"""What a caller hears when a turn failed: one sentence and a human line, never silence.

Every part works without the one before it: no state, no policy and no database still end in a sentence that says
what to do in an emergency.
"""

from __future__ import annotations

import logging
from uuid import UUID

from twilio.twiml.voice_response import Dial, VoiceResponse

from calls import actions, context
from calls.context import Live
from calls.dialogue import wording
from calls.dialogue.safety import Added
from calls.dialogue.types import ESCALATES_NOW, Heard, Verdict
from calls.models import Call
from calls.own_rules import added_by
from calls.twiml import RINGING_SECONDS, VOICES
from calls.understanding import find_danger
from clinics.practice import policies

logger = logging.getLogger(__name__)

EMERGENCY_NUMBER = "911"


def call_of(sid: str) -> UUID | None:
    """The id of a call of this clinic, or None when it cannot be read."""
    try:
        return Call.objects.filter(sid=sid).values_list("id", flat=True).first()
    except Exception as fault:
        logger.error("call not readable: %s", type(fault).__name__)
        return None


def after_failure(call_id: object, heard: Heard, *, path: str) -> str:
    """The document for a failed turn. An emergency in the words is still said, and still raised if that is possible."""
    live = _live(call_id) if isinstance(call_id, UUID) else None
    verdict = _verdict(live, heard)
    alarming = verdict is not None and verdict.worst is not None and verdict.worst.kind in ESCALATES_NOW
    if alarming and live is not None:
        _raise(live, heard, verdict)
    lang = live.state.lang if live else "en"
    return _document(lang, alarming=alarming, action=path)


def _live(call_id: UUID) -> Live | None:
    try:
        return context.load(call_id)
    except Exception as fault:
        logger.error("state not readable: %s", type(fault).__name__)
        return None


def _verdict(live: Live | None, heard: Heard) -> Verdict | None:
    if live is None or not heard.words:
        return None
    try:
        return find_danger(live.state, heard, _own_rules(live))
    except Exception as fault:
        logger.error("safety rules failed: %s", type(fault).__name__)
        return None


def _own_rules(live: Live) -> tuple[Added, ...]:
    """What the clinic added to the rules of this call; without it the shipped ones still judge."""
    try:
        return added_by(policies.policy(live.policy_version).own_rules)
    except Exception as fault:
        logger.error("own safety rules not readable: %s", type(fault).__name__)
        return ()


def _raise(live: Live, heard: Heard, verdict: Verdict) -> None:
    try:
        actions.sound_the_alarm(live=live, heard=heard, verdict=verdict)
    except Exception as fault:
        logger.error("alarm not written: %s", type(fault).__name__)


def _line() -> tuple[str, str]:
    """The clinic's human line and its emergency number, as last known."""
    try:
        policy = policies.policy_in_force()
    except Exception as fault:
        logger.error("policy not readable: %s", type(fault).__name__)
        return "", EMERGENCY_NUMBER
    return policy.clinic_line, policy.emergency_number


def _document(lang: str, *, alarming: bool, action: str) -> str:
    line, emergency = _line()
    spelled = wording.digit_by_digit(emergency)
    voice, tag = VOICES[lang]
    keys = ["greet.emergency"] if alarming or not line else []
    keys.append("person.failed_turn" if line else "person.no_answer")
    words = " ".join(wording.speak(key, lang, emergency=spelled).text for key in keys)
    response = VoiceResponse()
    response.say(words, voice=voice, language=tag)
    if line:
        follows = {"action": action, "method": "POST"} if "/turn/" in action else {}
        dial = Dial(timeout=RINGING_SECONDS, answer_on_bridge=True, **follows)
        dial.number(line)
        response.append(dial)
    if not line or "/turn/" not in action:
        response.say(wording.speak("greet.emergency", lang, emergency=spelled).text, voice=voice, language=tag)
        response.hangup()
    return str(response)
