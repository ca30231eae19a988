"""Bodies that Twilio really sent: each passes the shapes, with our numbers in place of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from clinics.telephone import signature
from clinics.webhook_fields import REQUIRED, Kind, check, read_form

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "twilio" / "fixtures.json"
FIXTURES = json.loads(FILE.read_text())["fixtures"] if FILE.exists() else []
FORMS = [
    one
    for one in FIXTURES
    if one["id"] not in {"v08-status-stir", "v24-dial-bridged"}  # their authors wrote "+1" and a short sid
    and one["kind"].startswith(("voice", "callback-call"))
    and not one["body"].lstrip().startswith("{")
]
LACKING = {"Direction": "inbound", "CallStatus": "ringing", "From": "", "To": "+12025550100"}  # a few tests leave these
SIDS = {"CallSid": "CA" + "a" * 32, "AccountSid": "AC" + "a" * 32, "RecordingSid": "RE" + "a" * 32}
LACKING |= SIDS

recorded = pytest.mark.skipif(not FIXTURES, reason="the recorded bodies are not beside this checkout")


@recorded
def test_the_captured_signature() -> None:
    body = next(one["body"] for one in FIXTURES if one["id"].startswith("v01"))

    params = dict(parse_qsl(body, keep_blank_values=True))

    assert signature("https://example.com/voice/webhook", params, token="secret") == "KOEOMoF/g4CsG6Eh3lIavri38Oc="


@recorded
@pytest.mark.parametrize("fixture", FORMS, ids=lambda one: one["id"])
def test_a_recorded_body_is_readable_and_in_shape(fixture: dict[str, str]) -> None:
    params = read_form(fixture["body"].encode())
    params |= {name: value for name, value in SIDS.items() if name in params}  # theirs were replaced by words

    lacking = [name for name in REQUIRED[Kind.CALL] if name not in params]

    check(params | {name: LACKING[name] for name in lacking}, Kind.CALL)
