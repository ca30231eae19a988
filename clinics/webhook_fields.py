"""The shape of what Twilio sends: which fields a webhook must bring and what each may look like. Pure.

A signature covers the parameters glued together without marks between them: `Body=Hi&From=+1555` and
`Body=HiFrom+1555` have the same one. So a captured request could be cut anew; exact shapes leave no room for that.
New fields that Twilio adds without notice must not break a call: unknown names of a plain shape pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import parse_qsl

MOST_FIELDS = 200


class Kind(StrEnum):
    """What a webhook is about; it decides which fields must be there."""

    CALL = "call"
    CALL_STATUS = "call_status"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"
    PARTIAL = "partial"
    HOLD = "hold"
    CONFERENCE = "conference"
    MESSAGE = "message"
    MESSAGE_STATUS = "message_status"


class Malformed(ValueError):
    """Names the field or the fault, never a value."""


REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.CALL: ("CallSid", "AccountSid", "From", "To", "CallStatus", "Direction"),
    Kind.CALL_STATUS: ("CallSid", "AccountSid", "From", "To", "CallStatus"),
    Kind.RECORDING: ("CallSid", "AccountSid", "RecordingSid", "RecordingStatus"),
    Kind.TRANSCRIPT: ("CallSid", "AccountSid", "RecordingSid", "TranscriptionSid", "TranscriptionStatus"),
    # Of these two no page of Twilio says that they bring all of the call's own fields.
    Kind.PARTIAL: ("CallSid", "AccountSid"),
    Kind.HOLD: ("AccountSid",),
    Kind.CONFERENCE: ("ConferenceSid", "AccountSid", "StatusCallbackEvent"),
    Kind.MESSAGE: ("MessageSid", "AccountSid", "From", "To", "Body"),
    Kind.MESSAGE_STATUS: ("MessageSid", "AccountSid", "MessageStatus"),
}

_HEX = "[0-9a-f]{32}"
_PARTY = r"(\+?[0-9]{3,20}|(client|sip):[\w.@:;=+-]{1,120}|[A-Za-z]{0,20})"  # numbers, apps, "anonymous", withheld
_CALL_STATUS = "(queued|initiated|ringing|in-progress|completed|busy|failed|no-answer|canceled)"
_WHOLE = "[0-9]{0,9}"

SHAPES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "CallSid": f"CA{_HEX}",
        "ParentCallSid": f"CA{_HEX}",
        "DialCallSid": f"(CA{_HEX})?",
        "AccountSid": f"AC{_HEX}",
        "MessageSid": f"(SM|MM){_HEX}",
        "SmsSid": f"(SM|MM){_HEX}",
        "RecordingSid": f"RE{_HEX}",
        "TranscriptionSid": f"TR{_HEX}",
        "TranscriptionStatus": "(in-progress|completed|failed)",
        "From": _PARTY,
        "To": _PARTY,
        "Called": _PARTY,
        "Caller": _PARTY,
        "ForwardedFrom": _PARTY,
        "CallStatus": _CALL_STATUS,
        "DialCallStatus": "(completed|answered|busy|no-answer|failed|canceled)",
        "Direction": "(inbound|outbound-api|outbound-dial)",
        "ApiVersion": "[0-9a-z-]{1,20}",
        "Digits": "([0-9*#wW]{0,64}|hangup|timeout)",
        "FinishedOnKey": "[0-9*#]{0,12}",
        "Confidence": r"([0-9]{1,3}(\.[0-9]{1,20})?([eE]-?[0-9]{1,3})?)?",
        "CallDuration": _WHOLE,
        "Duration": _WHOLE,
        "DialCallDuration": _WHOLE,
        "RecordingDuration": "-?[0-9]{0,9}",
        "RecordingStatus": "(in-progress|completed|absent|failed|paused|stopped)",
        "MessageStatus": "(accepted|scheduled|queued|sending|sent|receiving|received|"
        "delivered|undelivered|failed|read|canceled)",
        "HandoffData": r"[\x20-\x7e]{0,200}",
        "ConferenceSid": f"CF{_HEX}",
        "CallSidEndingConference": f"(CA{_HEX})?",
        "StatusCallbackEvent": "[a-z-]{0,40}",
        "SequenceNumber": _WHOLE,
        "ErrorCode": _WHOLE,
        "CallbackSource": "[a-z-]{0,40}",
        "TestLevel": "[a-z]{0,10}",  # our own: the test phone asks for a level
    }.items()
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]{0,79}", re.ASCII)
_SWALLOWED = re.compile(r"Confidence[0-9]|Digits[0-9*#]|SpeechResult|CallSidCA|AccountSidAC")
_FREE = {"SpeechResult", "UnstableSpeechResult", "StableSpeechResult", "Body", "TranscriptionText"}


def read_form(body: bytes, *, query: str = "") -> dict[str, str]:
    """A form body as a dict. Raise `Malformed` for bad text and for doubled names, those of the query counted too."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
        asked = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS) if query else []
    except ValueError as unreadable:  # UnicodeDecodeError is one too
        raise Malformed("unreadable form") from unreadable
    params = dict(pairs)
    if len(params) != len(pairs) or params.keys() & {name for name, _ in asked}:
        raise Malformed("doubled parameter")
    if "%00" in text or "\x00" in text:
        raise Malformed("a NUL character")
    return params


def check(params: Mapping[str, str], kind: Kind) -> None:
    """Raise `Malformed` when a required field is missing or a known one is out of shape."""
    for name in REQUIRED[kind]:
        if name not in params:
            raise Malformed(f"{name} is missing")
    for name, value in params.items():
        shape = SHAPES.get(name)
        if shape is None:
            if not _NAME.fullmatch(name):
                raise Malformed("an odd name")
            if name not in _FREE and _SWALLOWED.search(value):
                raise Malformed("a field inside another")
        elif not shape.fullmatch(value):
            raise Malformed(f"{name} is out of shape")


def own_end(params: Mapping[str, str], kind: Kind) -> str | None:
    """Which number of these must be the clinic's own; None when the request names none."""
    if kind in (Kind.RECORDING, Kind.TRANSCRIPT, Kind.PARTIAL, Kind.HOLD, Kind.CONFERENCE):
        return None
    if kind is Kind.MESSAGE_STATUS or params.get("Direction", "inbound").startswith("outbound"):
        return params.get("From")
    return params.get("To")
