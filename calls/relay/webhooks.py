"""How a call goes on when its session is over: with the document of the turn that ended it, or by `<Gather>`."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from calls import conversation, rescue
from calls.dialogue.reply import Then
from calls.dialogue.types import Heard
from calls.relay.document import relay_document
from calls.webhooks import document_of, never_dead_air, xml
from clinics.telephone import from_twilio


@from_twilio
@never_dead_air
def after(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The session is over. Without a word of ours the socket has died: the question is put again by `<Gather>`."""
    handed = _handed(request.twilio.get("HandoffData", ""))
    spoken = conversation.said_last(call_id=call_id)
    if handed.get("failed"):
        turn = reverse("calls:hear", args=[call_id, spoken.next_turn])
        return xml(rescue.after_failure(call_id, Heard(), path=turn))
    if handed and spoken.reply.then is Then.LISTEN:
        return xml(relay_document(spoken))
    return xml(document_of(spoken))


def _handed(text: str) -> dict[str, object]:
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
