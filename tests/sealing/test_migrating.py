"""A clinic that kept its patients in plain text is sealed by its migrations, row by row, and reads as before."""

from __future__ import annotations

import json
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.practice.sensitive import BrokenGlass
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Note, Task

BEFORE = [
    ("calls", "0004_corrections"),
    ("tasks", "0004_asked_doctors"),
    ("escalations", "0004_steps_by_the_databases_clock"),
    ("practice", "0015_retention"),
]
CANARY = "Quorndale"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_old_rows_are_sealed_and_read_as_before() -> None:
    clinic = Clinic(slug="older", schema_name="older", name="Older Clinic")
    clinic.auto_create_schema = False
    clinic.save()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA older")
    with inside(clinic):
        MigrationExecutor(connection).migrate(BEFORE)
        call, task, escalation = _old_rows()
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in dict(BEFORE)])

        assert Call.objects.of_number("+12025550167").get().pk == call
        turn = Turn.objects.get()
        assert (turn.words, turn.digits, turn.filled, turn.state) == (f"my name is {CANARY}", "", {"a": CANARY}, [1])
        assert Turn.objects.with_rule("en.chest.pain").count() == 1
        found = Task.objects.found_by("quorn").get()
        assert (found.pk, found.patient_name, found.date_of_birth) == (task, CANARY, date(1937, 11, 19))
        assert (found.details, found.summary) == ({"reason": CANARY}, "Call back")
        assert Note.objects.get().words == f"Rang {CANARY}"
        raised = Escalation.objects.get(pk=escalation)
        assert (raised.words, raised.outcome_reason) == (f"{CANARY} cannot breathe", "")
        glass = BrokenGlass.objects.get()
        assert (glass.words, glass.review_words) == (f"{CANARY} is on the line", "")
        assert CANARY.encode() not in _everything()


def _old_rows() -> tuple[object, object, object]:
    call, task, escalation = uuid4(), uuid4(), uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO calls_call (id, sid, from_number, to_number, status, language, intent, outcome, end_reason,"
            " started_at, recording_url, consent, policy_version, rules_version, voice, test)"
            " VALUES (%s, 'CA1', '+12025550167', '+12025550101', 'in_progress', 'en', '', '', '', now(), '',"
            " 'not_asked', 1, '', '', false)",
            [call],
        )
        cursor.execute(
            "INSERT INTO calls_turn (call_id, n, at, words, digits, language, intent, findings, filled, said, reply,"
            " state, took_ms) VALUES (%s, 1, now(), %s, '', 'en', '', %s, %s, 'Yes', '{}', '[1]', 5)",
            [call, f"my name is {CANARY}", json.dumps([{"rule": "en.chest.pain"}]), json.dumps({"a": CANARY})],
        )
        cursor.execute(
            "INSERT INTO tasks_task (id, kind, status, priority, due_at, patient_name, date_of_birth, callback_number,"
            " summary, details, complete_intake, request_number, needs_decision, search_words, test, version,"
            " created_at, updated_at) VALUES (%s, 'callback', 'pending', 2, now(), %s, '1937-11-19', '', 'Call back',"
            " %s, true, 1, false, 'quorndale call back', false, 1, now(), now())",
            [task, CANARY, json.dumps({"reason": CANARY})],
        )
        cursor.execute("ALTER TABLE tasks_note ALTER written_by_id DROP NOT NULL")  # nobody works there yet
        cursor.execute(
            "INSERT INTO tasks_note (task_id, words, written_at) VALUES (%s, %s, now())", [task, f"Rang {CANARY}"]
        )
        cursor.execute(
            "INSERT INTO escalations_escalation (id, reason, level, status, call_id, from_number, patient_name,"
            " summary, words, rule, rules_version, test, heard, opened, raised_at, outcome, outcome_reason)"
            " VALUES (%s, 'emergency', 'emergency', 'open', %s, '', '', 'Possible emergency', %s, '', '', false, 1, 1,"
            " now(), '', '')",
            [escalation, call, f"{CANARY} cannot breathe"],
        )
        cursor.execute("INSERT INTO practice_sensitivecall (call_id, why) VALUES (%s, 'vip')", [call])
        cursor.execute("ALTER TABLE practice_brokenglass ALTER person_id DROP NOT NULL")
        cursor.execute(
            "INSERT INTO practice_brokenglass (id, call_id, reason, words, expires_at, verdict, review_words)"
            " VALUES (%s, %s, 'care', %s, now(), '', '')",
            [uuid4(), call, f"{CANARY} is on the line"],
        )
    return call, task, escalation


def _everything() -> bytes:
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'older'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM older."{table}" t')
            found += [row[0].encode() for row in cursor.fetchall()]
    return b"\n".join(found)
