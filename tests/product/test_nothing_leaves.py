"""No patient's word leaves the clinic's schema: not into public rows, Redis, the broker, a stream, a log or a URL.

Calls full of canaries are played over HTTP at the real processes; then every place outside is searched.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from auditlog.models import LogEntry
from django.conf import settings
from django.db import connection

from calls.models import Turn
from clinics.models import Clinic
from clinics.tenancy import clinic_by_schema, inside
from notifications.models import Event, Notification
from tests import baseline
from tests.notifications.machines import wait_for
from tests.product.caller import Caller
from tests.product.canaries import EVERY_CALL, Patient, hits
from tests.product.house import FAULTY, House, Listener, monitored

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]


@dataclass
class Traces:
    """What the calls left behind, and where."""

    patient: Patient
    clinic: Clinic
    logs: str
    commands: str
    keys: dict[bytes, bytes]
    stream: str
    exchanges: list[Any]
    answers: dict[str, int]
    moments: list[bytes]


def fail_in_a_turn(caller: Caller, patient: Patient) -> None:
    line, _ = caller.call(caller=patient.caller)
    caller.say(line, f"kaput {patient.first} {patient.last} {patient.medicine} {patient.callback} {patient.reason}")


def send_malformed_bodies(caller: Caller, patient: Patient) -> dict[str, int]:
    """Bodies that the gate refuses, each full of canaries. What was answered, by fault."""
    line, _ = caller.call(caller=patient.caller)
    words, number = f"{patient.first} {patient.last}", patient.caller
    signed = "application/x-www-form-urlencoded"

    def post(body: str, kind: str = signed) -> int:
        headers = {"Host": f"north.localhost:{caller.server.port}", "Content-Type": kind, "X-Twilio-Signature": words}
        return caller._send("/calls/voice/", body, headers)[0]

    odd = caller._post(line, line.action, {"Direction": words, "CallStatus": "in-progress", "SpeechResult": words})
    return {
        "unsigned": post(f"SpeechResult={quote(words)}&From={quote(number)}"),
        "doubled": post(f"From={quote(number)}&From={quote(number)}"),
        "not a form": post(f'{{"SpeechResult": "{words}"}}', "application/json"),
        "not text": post("SpeechResult=%ff" + quote(words)),
        "out of shape": odd.status,
    }


@pytest.fixture(scope="module")
def traces(committed_database: None, django_db_blocker: Any) -> Iterator[Traces]:
    patient = Patient()
    with django_db_blocker.unblock(), House.opened(app=FAULTY) as house, monitored(house.valkey) as monitor:
        north = clinic_by_schema("north")
        session = house.cookie(north, "Alice")
        page = Listener(house, "north", session)
        caller = house.caller(north)
        caller.extra = {"CallerName": f"{patient.first} {patient.last}", "FromCity": "WOMBAT"}
        moments = []
        for call in EVERY_CALL:
            call(caller, patient)
            moments += [house.valkey.client().dump(key) or b"" for key in house.valkey.client().scan_iter()]
        fail_in_a_turn(caller, patient)
        answers = send_malformed_bodies(caller, patient)
        search = {"q": f"kaput {patient.first} {patient.last} {patient.callback}"}
        answers["a page"] = house.send("/tasks/search/", search, session=session)[0]
        for path in ("/alarms/open/", "/calls/", "/tasks/", "/escalations/"):  # looks that the audit trail keeps
            house.ask(path, Cookie=f"sid={session}")
        wait_for(lambda: not Event.objects.filter(state="pending").exists(), "all are told", seconds=30, every=0.2)
        time.sleep(0.5)
        client = house.valkey.client()
        keys = {key: client.dump(key) or b"" for key in client.scan_iter()}
        page.leave()
        yield Traces(patient, north, house.said(), monitor.said(), keys, page.heard, caller.exchanges, answers, moments)
        house.close()
        baseline.put_back()


def test_the_calls_were_heard_told_and_refused_as_intended(traces: Traces) -> None:
    """So that the searches below cannot pass because nothing happened."""
    with inside(traces.clinic):
        words = " ".join(str((turn.words, turn.reply, turn.state)) for turn in Turn.objects.all())
    assert set(hits(words, traces.patient)) >= set(traces.patient.patterns) - {traces.patient.caller}
    assert Notification.objects.filter(clinic=traces.clinic, kind="escalation.raised").exists()
    assert "turn failed: DatabaseError" in traces.logs
    assert "webhook refused: 403" in traces.logs
    assert traces.answers == {
        "unsigned": 403, "doubled": 400, "not a form": 415, "not text": 400, "out of shape": 403, "a page": 500,
    }  # fmt: skip
    assert "sealed:north:call:" in traces.commands
    assert "escalation.raised" in traces.stream


def test_the_search_would_find_them() -> None:
    patient = Patient()
    body = "eyJ3b3JkcyI6ICJtYXJpZ29sZCJ9"  # {"words": "marigold"} as the broker wraps it

    assert hits(f"... {body} ...", patient) == ["marigold"]
    assert hits("call 212-555-0183, born 11/19/1937", patient) == ["+12125550183", "the date of birth"]
    assert hits("12025550167", patient) == hits("(202) 555-0167", patient) == ["+12025550167"]


def test_no_public_row_holds_one(traces: Traces) -> None:
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM public."{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall())
            if seen := hits(rows, traces.patient):
                found[table] = seen

    assert len(tables) > 10
    assert found == {}


def test_no_audit_row_holds_one(traces: Traces) -> None:
    with inside(traces.clinic), connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {LogEntry._meta.db_table} t")
        rows = [row for (row,) in cursor.fetchall()]

    assert rows
    assert hits("\n".join(rows), traces.patient) == []


def test_redis_the_broker_and_the_channels_hold_none(traces: Traces) -> None:
    assert hits(b"\n".join([*traces.keys, *traces.keys.values(), *traces.moments]), traces.patient) == []
    assert hits(traces.commands, traces.patient) == []


def test_every_value_about_a_call_is_encrypted_and_ends(traces: Traces) -> None:
    key_id = next(iter(settings.FIELD_KEYS))
    written = re.findall(r'"SET" "(sealed:[^"]+)" "(.*)"$', traces.commands, re.MULTILINE)

    assert len(written) > 10
    assert [key for key, value in written if not value.startswith(f"{key_id}:")] == []
    assert [key for key, value in written if not re.search(r'" "EX" "\d+$', value)] == []


def test_the_stream_says_kinds_and_nothing_else(traces: Traces) -> None:
    said = set(re.findall(r"^data: (.*)$", traces.stream, re.MULTILINE))

    assert {line for line in said if not re.fullmatch(r'\{("kind": "[a-z_.]+")?\}', line)} == set()


def test_no_log_line_holds_one(traces: Traces) -> None:
    lines = [line for line in traces.logs.splitlines() if hits(line, traces.patient)]

    assert lines == []


def test_no_url_in_the_twiml_holds_one(traces: Traces) -> None:
    urls = []
    for exchange in traces.exchanges:
        urls.append(exchange.path)
        if exchange.status == 200 and exchange.twiml.startswith("<"):
            root = ElementTree.fromstring(exchange.twiml)
            urls += [value for node in root.iter() for name, value in node.items()]
            urls += [node.text or "" for node in root.iter("Redirect")]

    assert len(urls) > 50
    assert hits("\n".join(urls), traces.patient) == []
