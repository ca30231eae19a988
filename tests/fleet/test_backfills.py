"""Data is moved in batches that may be ended anywhere: nothing twice, nothing left out, everything on the record."""

from __future__ import annotations

from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinics.fleet import backfills
from clinics.fleet.backfills import Backfill
from clinics.fleet.models import Backfilling
from clinics.models import Clinic
from clinics.tenancy import inside
from tasks.models import Task
from tests.sealing.test_fields import a_task

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = "index.tasks.task"


@pytest.fixture
def unindexed(north: Clinic) -> Clinic:
    with inside(north):
        for number in range(7):
            a_task(patient_name=f"Quorndale {number}")
        Task.objects.update(search_index=[])
    return north


def found(clinic: Clinic) -> int:
    with inside(clinic):
        return Task.objects.found_by("quorndale").count()


def test_a_run_goes_on_where_the_last_one_ended(unindexed: Clinic) -> None:
    work = backfills.known()[INDEX]

    first = backfills.run(unindexed, work, batch=3, rest=0, most=1)
    assert (first.done, first.total, first.finished_at, found(unindexed)) == (3, 7, None, 3)

    last = backfills.run(unindexed, work, batch=3, rest=0)
    assert (last.done, found(unindexed)) == (7, 7)
    assert last.finished_at is not None


def test_a_batch_and_the_note_of_it_are_one(unindexed: Clinic) -> None:
    """Killed in a batch: the rows are as before and so is the note."""
    work = backfills.known()[INDEX]
    seen = []

    def fail_on_the_fifth(row: Task) -> dict[str, object] | None:
        seen.append(row.pk)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return work.fill(row)

    with pytest.raises(KeyboardInterrupt):
        backfills.run(unindexed, Backfill(INDEX, "", work.rows, fail_on_the_fifth), batch=3, rest=0)

    assert (Backfilling.objects.get().done, found(unindexed)) == (3, 3)
    backfills.run(unindexed, work, batch=3, rest=0)
    assert (Backfilling.objects.get().done, found(unindexed)) == (7, 7)


def test_one_process_at_a_time(unindexed: Clinic) -> None:
    work = backfills.known()[INDEX]
    plain = {name: value for name, value in connection.get_connection_params().items() if name in PLAIN}
    with psycopg.connect(**plain) as other:
        other.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", [f"backfill {INDEX}", unindexed.pk])

        with pytest.raises(backfills.Busy):
            backfills.run(unindexed, work, batch=3, rest=0)

    assert found(unindexed) == 0


PLAIN = {"dbname", "user", "password", "host", "port"}


def test_the_command_goes_through_the_clinics_and_says_how_far_they_are(unindexed: Clinic, south: Clinic) -> None:
    backfills.run(unindexed, backfills.known()[INDEX], batch=3, rest=0, most=1)
    assert "north: 3 of about 7 rows" in told()

    said = told(INDEX, rest=0)

    assert said.splitlines() == ["north: 7 rows, finished.", "south: 0 rows, finished."]
    assert f"{INDEX}: Makes number_index, unread, search_index of tasks anew." in told()
    assert told(INDEX, clinic="north", again=True, rest=0) == "north: 7 rows, finished.\n"
    with pytest.raises(CommandError, match="There is no backfill nothing"):
        told("nothing")


def told(*args: str, **options: object) -> str:
    said = StringIO()
    call_command("backfill", *args, stdout=said, **options)
    return said.getvalue()
