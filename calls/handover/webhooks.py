"""What the network asks and tells about handovers: each request signed, as everything that it sends."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from calls import conversation
from calls.dialogue.types import Heard
from calls.handover import actions, documents, policy, ringing
from calls.handover.models import Handover, HandoverLeg
from calls.webhooks import document_of, never_dead_air, xml
from clinics.practice.policies import policy_in_force
from clinics.telephone import from_twilio, public_url
from clinics.webhook_fields import Kind
from notifications.addresses import messaging_of

logger = logging.getLogger(__name__)

HELD = "completed"
NOBODY = "no-answer"


# --- The caller ------------------------------------------------------------------------------------------------------
@from_twilio(kind=Kind.HOLD)
@never_dead_air
def wait(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """The caller waits: music. Each time it is asked for, whatever is due is done."""
    handover = _find(call_id, n)
    patience = timedelta(seconds=policy.LAST_WORDS_SECONDS)
    if handover.gave_up_at is not None and timezone.now() - handover.gave_up_at > patience:
        logger.error("a waiting caller hears the last words: they could not be brought back")
        return xml(documents.last_words(lang=handover.language, emergency=policy_in_force().emergency_number))
    ringing.go_on_afterwards(handover.id)
    return xml(
        documents.wait(
            lang=handover.language,
            music=public_url(request.clinic, static("hold.wav")),
            again=reverse("handover:wait", args=[call_id, n]),
            first=handover.state == policy.REQUESTED,
        )
    )


@from_twilio(kind=Kind.CONFERENCE)
def events(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """Who has come, who has left, and that it is over."""
    posted = request.twilio
    _find(call_id, n)
    where = {"call_id": call_id, "turn": n}
    match posted["StatusCallbackEvent"]:
        case "participant-join":
            actions.note_joined(**where, sid=posted.get("CallSid", ""))
        case "participant-leave":
            ringing.hang_up_afterwards(actions.note_left(**where, sid=posted.get("CallSid", "")))
        case "conference-end":
            actions.note_conference_over(**where, ended_by_sid=posted.get("CallSidEndingConference", ""))
    return HttpResponse(status=204)


@from_twilio
@never_dead_air
def after(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """The caller is out of the conference: on with the turn that follows, whatever came of it."""
    posted = request.twilio
    handover = _find(call_id, n)
    spoke, ringing_still = actions.come_back(call_id=call_id, turn=n, hung_up=posted["CallStatus"] == "completed")
    ringing.hang_up_afterwards(ringing_still)
    outcome = HELD if spoke else NOBODY
    if handover.test and not spoke:
        outcome = posted.get("DialCallStatus", NOBODY)  # the test phone says how its connecting ends
    return xml(document_of(conversation.take_turn(call_id=call_id, n=n + 1, heard=Heard(dial=outcome))))


def _find(call_id: UUID, turn: int) -> Handover:
    found = Handover.objects.filter(call=call_id, turn=turn).first()
    if found is None:
        raise Http404
    return found


# --- The person ------------------------------------------------------------------------------------------------------
@from_twilio
def brief(request: HttpRequest, leg_id: UUID) -> HttpResponse:
    """Somebody has picked up."""
    _leg(leg_id)
    lang = messaging_of(request.clinic).staff_language
    handover = actions.brief(leg_id=leg_id, sid=request.twilio["CallSid"])
    if handover is None:
        return xml(documents.gone(lang=lang))
    return xml(
        documents.brief(
            lang=lang,
            clinic=request.clinic.name,
            about=handover.about,
            speaks=handover.language,
            key=reverse("handover:key", args=[leg_id]),
        )
    )


@from_twilio
def key(request: HttpRequest, leg_id: UUID) -> HttpResponse:
    """A key was pressed: 1 takes the call, any other passes it on."""
    leg = _leg(leg_id)
    lang = messaging_of(request.clinic).staff_language
    takes = request.twilio.get("Digits", "") == "1"
    handover = actions.answer(leg_id=leg_id, takes=takes)
    if handover is not None:
        return xml(documents.join(lang=lang, room=handover.room))
    ringing.go_on_afterwards(leg.handover_id)
    return xml(documents.gone(lang=lang) if takes else documents.passed_on(lang=lang))


@from_twilio(kind=Kind.CALL_STATUS)
def leg_status(request: HttpRequest, leg_id: UUID) -> HttpResponse:
    """How far the call to a telephone came; only its end matters here."""
    posted = request.twilio
    _leg(leg_id)
    if posted["CallStatus"] in ("completed", *actions.IN_WORDS):
        handover_id = actions.note_not_reached(leg_id=leg_id, why=posted["CallStatus"])
        if handover_id is not None:
            ringing.go_on_afterwards(handover_id)
    return HttpResponse(status=204)


def _leg(leg_id: UUID) -> HandoverLeg:
    found = HandoverLeg.objects.filter(pk=leg_id).first()
    if found is None:
        raise Http404
    return found
