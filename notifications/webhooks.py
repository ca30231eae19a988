"""What the network tells us of texts and calls to people: each request signed, each address a try's own secret."""

from __future__ import annotations

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from clinics.people.models import User
from clinics.phones import is_e164
from clinics.telephone import from_twilio
from clinics.tenancy import inside
from clinics.webhook_fields import Kind
from notifications import addresses, doors, inbound, statuses, wording
from notifications.inbound import Meaning
from notifications.kinds import TABLE
from notifications.models import Attempt
from notifications.statuses import NotOurs

logger = logging.getLogger(__name__)

KEY_SECONDS = 6
TIMES_SAID = 3  # a pocketed telephone is at the ear by the second time


# --- Texts -----------------------------------------------------------------------------------------------------------
@from_twilio(kind=Kind.MESSAGE)
def sms(request: HttpRequest) -> HttpResponse:
    """A text came in."""
    posted, clinic = request.twilio, request.clinic
    answer = MessagingResponse()
    if is_e164(posted["From"]):
        meaning, due = inbound.take_in(
            clinic,
            sid=posted["MessageSid"],
            number=posted["From"],
            body=posted["Body"],
            opt_out_type=posted.get("OptOutType", ""),
        )
        messaging = addresses.messaging_of(clinic)
        if due and (meaning is Meaning.OTHER or messaging.answers_keywords):
            answer.message(_answer(clinic.name, meaning))
    return _xml(str(answer))


def _answer(clinic: str, meaning: Meaning) -> str:
    words = {Meaning.STOP: wording.STOPPED, Meaning.START: wording.STARTED}.get(meaning, wording.HELP)
    emergency = addresses.emergency_number()
    return "\n".join(words[lang].format(clinic=clinic, emergency=emergency) for lang in ("en", "es"))


@from_twilio(kind=Kind.MESSAGE_STATUS)
def sms_status(request: HttpRequest, token: UUID) -> HttpResponse:
    """How far a text of ours came."""
    posted = request.twilio
    _report(request, token, sid=posted["MessageSid"], status=posted["MessageStatus"])
    return HttpResponse(status=204)


# --- Calls to staff --------------------------------------------------------------------------------------------------
@from_twilio
def voice_answered(request: HttpRequest, token: UUID) -> HttpResponse:
    """Somebody has picked up: the neutral sentence, and a key to press."""
    attempt = _report(request, token, sid=request.twilio["CallSid"], status="in-progress")
    delivery, lang = attempt.delivery, addresses.messaging_of(request.clinic).staff_language
    spoken = {"language": wording.VOICES[lang]}
    said = wording.call(TABLE[delivery.event.kind], lang=lang, clinic=request.clinic.name, mark=delivery.event.mark)
    response = VoiceResponse()
    if doors.key_of(delivery.event.kind) is None:
        response.say(said, **spoken)
        return _xml(str(response))
    for _ in range(TIMES_SAID):
        gather = Gather(input="dtmf", num_digits=1, timeout=KEY_SECONDS, action="key/", method="POST")
        gather.say(f"{said} {wording.PRESS_ONE[lang]}", **spoken)
        response.append(gather)
    response.say(wording.NO_KEY[lang], **spoken)
    return _xml(str(response))


@from_twilio
def voice_key(request: HttpRequest, token: UUID) -> HttpResponse:
    """A key was pressed: 1 takes what the call is about, in the name of the person who was rung."""
    lang = addresses.messaging_of(request.clinic).staff_language
    pressed = request.twilio.get("Digits", "") == "1"
    attempt = _report(
        request, token, sid=request.twilio["CallSid"], status=statuses.PRESSED if pressed else "in-progress"
    )
    words = _taken(request, attempt) if pressed else wording.NO_KEY
    response = VoiceResponse()
    response.say(words[lang], language=wording.VOICES[lang])
    response.hangup()
    return _xml(str(response))


def _taken(request: HttpRequest, attempt: Attempt) -> dict[str, str]:
    event, delivery = attempt.delivery.event, attempt.delivery
    take = doors.key_of(event.kind)
    with inside(request.clinic):
        person = User.objects.active().filter(pk=delivery.person).first()
        if take is None or person is None:
            logger.error("delivery %d: a key was pressed that nobody answers for", delivery.pk)
            return wording.NOT_DONE
        return wording.YOURS if take(person, event.about) else wording.TAKEN


@from_twilio(kind=Kind.CALL_STATUS)
def voice_status(request: HttpRequest, token: UUID) -> HttpResponse:
    """How far a call of ours came."""
    _report(request, token, sid=request.twilio["CallSid"], status=request.twilio["CallStatus"])
    return HttpResponse(status=204)


def _report(request: HttpRequest, token: UUID, *, sid: str, status: str) -> Attempt:
    posted = request.twilio
    try:
        return statuses.report(
            request.clinic,
            token=token,
            sid=sid,
            status=status,
            error=posted.get("ErrorCode", ""),
            number=posted.get("To", ""),
        )
    except NotOurs as foreign:
        logger.warning("webhook refused: a report about no try of ours: %s", foreign)
        raise Http404 from foreign


def _xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml; charset=utf-8")
