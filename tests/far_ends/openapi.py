"""What Twilio's own description of its API refuses: unknown or missing parameters, and values out of their shape.

After `twilio_api_v2010` of github.com/twilio/twilio-oai: CreateCall, UpdateCall and CreateMessage, whose every property
is named here. The real API is more patient with names it does not know; a test should not be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Refusal:
    """An answer of the API that says no."""

    status: int
    code: int
    message: str


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CALL = _names(
    "To From Method FallbackUrl FallbackMethod StatusCallback StatusCallbackEvent StatusCallbackMethod SendDigits "
    "Timeout Record RecordingChannels RecordingStatusCallback RecordingStatusCallbackMethod RecordingConfigurationId "
    "SipAuthUsername SipAuthPassword MachineDetection MachineDetectionTimeout RecordingStatusCallbackEvent Trim "
    "CallerId MachineDetectionSpeechThreshold MachineDetectionSpeechEndThreshold MachineDetectionSilenceTimeout "
    "AsyncAmd AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod Passports Byoc CallReason CallToken RecordingTrack "
    "TimeLimit ClientNotificationUrl Url Twiml ApplicationSid"
)
_UPDATE = _names("Url Method Status FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod Twiml TimeLimit")
_MESSAGE = _names(
    "To StatusCallback ApplicationSid MaxPrice ProvideFeedback Attempt ValidityPeriod ForceDelivery ContentRetention "
    "AddressRetention SmartEncoded PersistentAction TrafficType ShortenUrls ScheduleType SendAt SendAsMms "
    "ContentVariables RiskCheck From MessagingServiceSid FallbackFrom Body MediaUrl ContentSid"
)
_METHODS, _EVENTS = frozenset({"GET", "POST"}), frozenset({"initiated", "ringing", "answered", "completed"})
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_ADDRESSES = ("Url", "StatusCallback", "FallbackUrl")


def refuses_creation(kind: str, form: dict[str, str]) -> Refusal | None:
    """Why a new message or call is refused; None when it is not."""
    named = {"Messages": _MESSAGE, "Calls": _CALL}.get(kind)
    if named is None:
        return Refusal(404, 20404, "no such resource")
    if "To" not in form:
        return Refusal(400, 21201 if kind == "Calls" else 21604, "no To")
    if kind == "Calls" and not _NUMBER.fullmatch(form.get("From", "")):
        return Refusal(400, 21212, "From is no number")
    if kind == "Calls" and len({"Url", "Twiml", "ApplicationSid"} & form.keys()) != 1:
        return Refusal(400, 21205, "one of Url, Twiml and ApplicationSid")
    if kind == "Messages" and not {"From", "MessagingServiceSid"} & form.keys():
        return Refusal(400, 21603, "no From")
    return _shapes(form, named)


def refuses_update(form: dict[str, str], *, status: str) -> Refusal | None:
    """Why a change of a call is refused; `status` is the call's own, "" for one that does not exist."""
    if not status:
        return Refusal(404, 20404, "no such call")
    if status in ("completed", "busy", "failed", "no-answer", "canceled"):
        return Refusal(400, 21220, "the call is over")
    if form.get("Status", "completed") not in ("canceled", "completed"):
        return Refusal(400, 21218, "no such status")
    return _shapes(form, _UPDATE)


def _shapes(form: dict[str, str], named: frozenset[str]) -> Refusal | None:
    if unknown := sorted(form.keys() - named):
        return Refusal(400, 20001, f"unknown: {', '.join(unknown)}")
    for name, value in form.items():
        if name.endswith("Method") and value not in _METHODS:
            return Refusal(400, 21207, f"{name} is no method")
        if name == "StatusCallbackEvent" and value not in _EVENTS:
            return Refusal(400, 21626, "no such event")
        if name in ("Timeout", "TimeLimit", "ValidityPeriod") and not value.isdigit():
            return Refusal(400, 20001, f"{name} is no number")
        if name in _ADDRESSES and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname):
            return Refusal(400, 21205, f"{name} is no absolute address")
    return None
