"""Two views behind the gate, and a call as Twilio sends it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinics.telephone import from_twilio
from clinics.webhook_fields import Kind

FORM = "application/x-www-form-urlencoded"
seen: list[dict[str, str]] = []


@from_twilio
def call(request: HttpRequest) -> HttpResponse:
    seen.append(request.twilio)
    return HttpResponse("<Response/>", content_type="text/xml")


@from_twilio(kind=Kind.RECORDING)
def recording(request: HttpRequest) -> HttpResponse:
    seen.append(request.twilio)
    return HttpResponse(status=204)


urlpatterns = [path("hook/", call), path("recording/", recording)]
handler404 = "clinics.people.views.not_found"


def a_call(**changes: str) -> dict[str, str]:
    known = {
        "CallSid": "CA" + "1" * 32,
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "From": "+12025550142",
        "To": "+12025550101",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
        "FromCity": "",
        "SpeechResult": "I need a refill, please",
        "Confidence": "0.9123",
    }
    return {name: value for name, value in (known | changes).items() if value != "-"}
