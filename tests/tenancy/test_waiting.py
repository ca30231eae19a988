"""Passes that run by themselves look only where something waits, and say the same as the rows' own questions."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.recordings.models import DUE, Recording, State
from clinics import waiting
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tasks.ledger import UNNOTICED, Promise
from tests.analytics.making import a_call
from tests.sealing.test_fields import a_task

pytestmark = pytest.mark.django_db
SOON, GONE = timedelta(hours=1), timedelta(hours=-1)


def found(table: str, condition: str) -> list[str]:
    return waiting.schemas_with(table, condition)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("away", [SOON, GONE])
def test_a_recording_waits_where_its_own_question_says_so(north: Clinic, state: State, away: timedelta) -> None:
    with inside(north):
        of_file = {"file": "x", "stored_at": timezone.now()} if state in (State.STORED, State.KEPT) else {}
        of_file |= {"deleted_at": timezone.now()} if state == State.DELETED else {}
        Recording.objects.create(
            call=a_call(at=timezone.now()),
            sid=f"RE{uuid4().hex}",
            state=state,
            available_at=timezone.now() + away,
            **of_file,
        )
        due = Recording.objects.due().exists()

    assert found("calls_recording", DUE) == (["north"] if due else [])
    assert due == (away == GONE and state in (State.TOLD, State.STORED, State.UNWANTED))


@pytest.mark.parametrize("field", ["", "kept_at", "withdrawn_at", "noticed_at"])
@pytest.mark.parametrize("away", [SOON, GONE])
def test_a_promise_waits_where_it_is_broken_and_nobody_has_noticed(south: Clinic, field: str, away: timedelta) -> None:
    with inside(south):
        task = a_task(call_id=uuid4())
        row = Promise.objects.create(task=task, name="call_back", turn=3, due_at=timezone.now() + away)
        if field:
            by = {"kept_by": User.objects.first()} if field == "kept_at" else {}
            Promise.objects.filter(pk=row.pk).update(**{field: timezone.now()}, **by)

    assert found("tasks_promise", UNNOTICED) == (["south"] if not field and away == GONE else [])


def test_many_schemas_are_asked_in_one_statement_and_suspended_ones_not_at_all(
    north: Clinic, south: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert found("tasks_task", "true") == []
        assert found("tasks_task", "NOT EXISTS (SELECT WHERE false)") == []
    assert len(asked) == 4

    for clinic in (north, south):
        with inside(clinic):
            a_task()
    monkeypatch.setattr(waiting, "SCHEMAS_A_QUERY", 1)
    assert found("tasks_task", "true") == ["north", "south"]

    Clinic.objects.filter(pk=south.pk).update(suspended_at=timezone.now())
    assert [clinic.slug for clinic in waiting.clinics_with("tasks_task", "true")] == ["north"]
    assert connection.schema_name == "public"
