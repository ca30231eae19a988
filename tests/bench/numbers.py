"""The page of numbers of a clinic with a million turns: made by PostgreSQL, kept by the job, asked for."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from analytics.rolling import roll_up
from clinics.models import Clinic
from clinics.tenancy import current_clinic, inside

TURNS, DAYS, TURNS_OF_A_CALL = 1_000_000, 90, 8
ROUNDS = 15
PAGES = {
    "7 days": "/analytics/?days=7",
    "90 days": "/analytics/?days=90",
    "calls behind a bar": "/analytics/calls/?days=90&of=intents&is=refill",
    "summary of 90 days for programs": "/api/analytics/summary/?days=90",
}

_CALLS = """
INSERT INTO calls_call (id, sid, from_number, number_index, to_number, status, language, intent, outcome, end_reason,
    started_at, ended_at, duration_sec, recording_url, consent, policy_version, rules_version, voice, level, reprompts,
    test, drill)
SELECT gen_random_uuid(), 'CA' || lpad(n::text, 32, '0'), ''::bytea,
    decode(md5((mod(n, 20000))::text), 'hex'), '+12025550120',
    'completed', CASE WHEN mod(n, 5) = 0 THEN 'es' ELSE 'en' END,
    (ARRAY['refill', 'appointment', 'callback', 'test_result', 'billing', 'general', 'unclear'])[1 + mod(n, 7)],
    (ARRAY['task', 'task', 'task', 'answered', 'escalated', 'abandoned', 'handed_over', 'nothing'])[1 + mod(n, 8)],
    'goodbye', began, began + long * interval '1 second', long,
    '', 'not_asked', 1, '', '', 'rules', mod(n, 3), false, false
FROM (SELECT n, 20 + (random() * 400)::int AS long,
             now() - (mod(n, %(days)s)) * interval '1 day' - random() * interval '10 hours' AS began
      FROM generate_series(1, %(calls)s) n) AS made
ORDER BY began"""

_TURNS = """
INSERT INTO calls_turn (call_id, n, at, words, digits, confidence, language, intent, findings, rule_index, filled, said,
    reply, state, took_ms, stages, understood_by)
SELECT c.id, n, c.started_at + n * interval '8 seconds', filler, ''::bytea, 0.9, c.language, c.intent, ''::bytea, '{}',
    ''::bytea, filler, filler, filler, took,
    jsonb_build_object('recogniser', 1000, 'transport', 120, 'webhook', took, 'model', 0, 'speech', 0, 'start', 250), ''
FROM calls_call c CROSS JOIN generate_series(0, %(turns)s - 1) n
CROSS JOIN LATERAL (SELECT (5 + random() * random() * 400)::int AS took,
    decode(repeat(md5(c.id::text || n), 18), 'hex') AS filler) AS made
ORDER BY c.started_at"""

_TASKS = """
INSERT INTO tasks_task (id, kind, status, priority, due_at, patient_name, date_of_birth, callback_number, number_index,
    summary, details, unread, complete_intake, call_id, request_number, needs_decision, search_index, test, version,
    created_at, updated_at, completed_at, completed_by_id)
SELECT gen_random_uuid(), CASE WHEN intent IN ('unclear') THEN 'callback' ELSE intent END,
    CASE WHEN open THEN 'pending' ELSE 'completed' END, 2, started_at + interval '4 hours',
    ''::bytea, ''::bytea, ''::bytea, number_index, ''::bytea, ''::bytea,
    CASE WHEN reprompts = 2 THEN '{pharmacy}'::varchar[] ELSE '{}' END, true,
    id, 1, false, '{}', false, 2, started_at, started_at,
    CASE WHEN NOT open THEN started_at + random() * interval '6 hours' END,
    CASE WHEN NOT open THEN %(person)s::uuid END
FROM (SELECT *, started_at > now() - interval '1 day' AS open FROM calls_call WHERE outcome = 'task') AS c
ORDER BY started_at"""

_PROMISES = """
INSERT INTO tasks_promise (id, task_id, name, turn, due_at, made_at, kept_at, kept_by_id, test)
SELECT gen_random_uuid(), id, 'staff_call_back', 5, due_at, created_at, completed_at, completed_by_id, false
FROM tasks_task
ORDER BY created_at"""

_ESCALATIONS = """
INSERT INTO escalations_escalation (id, reason, level, status, call_id, from_number, patient_name, summary, words, rule,
    rules_version, test, drill, heard, opened, raised_at, acknowledged_at, acknowledged_by_id, acknowledged_way,
    seconds_to_acknowledge, handler_id, outcome, outcome_reason)
SELECT gen_random_uuid(), (ARRAY['urgent', 'emergency', 'distress'])[1 + (random() * 2)::int], 'urgent',
    'acknowledged', id, ''::bytea, ''::bytea, ''::bytea, ''::bytea, '', '', false, false, 1, 1, started_at,
    started_at + interval '1 minute', %(person)s, 'portal', (random() * 300)::int, %(person)s, '', ''::bytea
FROM calls_call WHERE outcome = 'escalated'
ORDER BY started_at"""

_ASKED = """
INSERT INTO calls_providercall (call_id, n, at, provider, capability, carries, trouble, took_ms, units)
SELECT call_id, n, at, 'one-voice', 'speech', 'fixed', CASE WHEN random() < 0.01 THEN 'timeout' ELSE '' END,
    (random() * 800)::int, 40
FROM calls_turn WHERE mod(n, 4) = 1
ORDER BY at"""

_EVENTS = """
INSERT INTO public.notifications_event (public_id, clinic_id, kind, about, path, key, audience, test, drill, lane,
    state, attempts, expires_at, last_error_code, created_at, planned_at)
SELECT gen_random_uuid(), %(clinic)s, 'task.opened', id, '/tasks/', 'task.opened:' || id, '[]', false, false, 1,
    'planned', 1, created_at + interval '1 day', '', created_at, created_at
FROM tasks_task
ORDER BY created_at"""

_DELIVERIES = """
INSERT INTO public.notifications_delivery (event_id, clinic_id, person, channel, lane, policy, state, attempts,
    lost_leases, max_attempts, expires_at, leased_by, provider, provider_id, last_error_code, created_at, done_at)
SELECT id, clinic_id, gen_random_uuid(), channel, lane, 'at_least_once', CASE WHEN dead THEN 'dead' ELSE 'sent' END,
    CASE WHEN dead THEN 3 ELSE 1 END, 0, 8, expires_at, '', '', '', CASE WHEN dead THEN 'twilio_30005' ELSE '' END,
    created_at, created_at + CASE WHEN channel = 'sms' THEN 200 + random() * random() * 1500
        ELSE 5 + random() * random() * 60 END * interval '1 millisecond'
FROM (SELECT e.*, channel, channel = 'sms' AND random() < 0.01 AS dead FROM public.notifications_event e
      CROSS JOIN unnest(ARRAY['inbox', 'inbox', 'browser', 'sms']) AS told (channel)
      WHERE clinic_id = %(clinic)s) AS told"""

_ATTEMPTS = """
INSERT INTO public.notifications_attempt (delivery_id, number, lease_token, callback_token, started_at, finished_at,
    outcome, error_code, provider_id)
SELECT id, n, gen_random_uuid(), gen_random_uuid(), created_at, created_at + random() * interval '900 milliseconds',
    CASE WHEN state = 'dead' THEN 'refused' ELSE 'sent' END, last_error_code, ''
FROM public.notifications_delivery CROSS JOIN generate_series(1, attempts) n WHERE clinic_id = %(clinic)s"""

_FILL = {
    _CALLS: "calls_call",
    _TURNS: "calls_turn",
    _TASKS: "tasks_task",
    _PROMISES: "tasks_promise",
    _ESCALATIONS: "escalations_escalation",
    _ASKED: "calls_providercall",
    _EVENTS: "public.notifications_event",
    _DELIVERIES: "public.notifications_delivery",
    _ATTEMPTS: "public.notifications_attempt",
}
LARGE = tuple(_FILL.values())
"""What grows with the calls."""


@dataclass(frozen=True)
class Found:
    """Milliseconds of each page, of counting today, and of the job: its first run, and one with nothing new."""

    pages: dict[str, float]
    today: float
    first_roll_up: float
    roll_up: float
    turns: int
    kept_bytes: float


def measure(clinic: Clinic) -> Found:
    """Fill the clinic, roll it up, and ask."""
    with inside(clinic):
        fill(days=DAYS, calls=TURNS // TURNS_OF_A_CALL, turns=TURNS_OF_A_CALL)
        first, again = _timed(roll_up), _timed(roll_up)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE analytics_daily")
            cursor.execute("SELECT count(*) FROM calls_turn")
            (turns,) = cursor.fetchone()
            cursor.execute("SELECT avg(pg_column_size(parts)) FROM analytics_daily")
            (size,) = cursor.fetchone()
    client = _signed_in(clinic)
    pages = {name: _median(lambda path=path: _asked(client, path)) for name, path in PAGES.items()}
    return Found(
        pages, _median(lambda: _asked(client, "/api/analytics/hourly/?days=1")), first, again, turns, float(size)
    )


def fill(*, days: int, calls: int, turns: int) -> None:
    """Calls with all that hangs on them, in the current clinic, spread over so many days up to now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM people_user LIMIT 1")
        (person,) = cursor.fetchone()
        asked = {"days": days, "calls": calls, "turns": turns, "person": person, "clinic": current_clinic().pk}
        for statement, table in _FILL.items():
            cursor.execute(statement, asked)
            cursor.execute(f"ANALYZE {table}")


def _signed_in(clinic: Clinic) -> Client:
    client = Client(HTTP_HOST=clinic.domains.get(is_primary=True).domain)
    with inside(clinic):
        person = get_user_model().objects.first()
        person.role = "admin"
        person.save(update_fields=["role"])
        client.force_login(person)
    return client


def _asked(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}.")


def _median(act: Callable[[], object]) -> float:
    act()
    return statistics.median(_timed(act) for _ in range(ROUNDS))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)
