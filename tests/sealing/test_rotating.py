"""Keys are replaced while the clinic works: nothing is lost, nothing stays under the old key, killed runs go on."""

from __future__ import annotations

import base64
import threading
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from clinics.models import Clinic, DataKey
from clinics.remembered import forget_everything
from clinics.sealing import keys, rotating
from clinics.sealing.fields import Unreadable
from clinics.telephone import account_for, seal_token
from clinics.tenancy import inside
from tasks.actions import open_task
from tasks.models import Task
from tests.sealing.test_fields import a_task

pytestmark = pytest.mark.django_db(transaction=True)


def key_ids_in_use() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT convert_from(substring(patient_name FROM 1 FOR 8), 'UTF8') FROM tasks_task")
        return {row[0] for row in cursor.fetchall()}


def test_a_rotation_leaves_every_row_readable_under_the_new_key_alone(north: Clinic) -> None:
    with inside(north):
        made = {a_task(patient_name=f"Patient {number}").pk: f"Patient {number}" for number in range(120)}
        before = key_ids_in_use()

        done = rotating.rotate(north, new_key=True, batch=50, rest=0, settle=0)

        assert done.rows >= 120
        assert (done.retired, done.unreadable) == (1, 0)
        assert key_ids_in_use().isdisjoint(before)
        assert {row.pk: row.patient_name for row in Task.objects.all()} == made
        assert Task.objects.found_by("patient 77").count() == 1


def test_calls_go_on_during_a_rotation_and_everything_is_found(north: Clinic) -> None:
    with inside(north):
        for number in range(60):
            a_task(patient_name=f"Before {number}")
    stop, told = threading.Event(), []

    def work() -> None:
        try:
            with inside(north):
                while not stop.is_set():
                    task = a_task(patient_name=f"Meanwhile {len(told)}")
                    assert Task.objects.found_by("meanwhile").filter(pk=task.pk).exists()
                    assert Task.objects.found_by("before").count() == 60
                    told.append(task.pk)
        except Exception as failure:
            told.append(failure)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        done = rotating.rotate(north, new_key=True, batch=5, rest=0.2, settle=0.5)
    finally:
        stop.set()
        worker.join()

    assert done.retired == 1
    assert told
    assert not [one for one in told if isinstance(one, Exception)]
    with inside(north):
        names = [row.patient_name for row in Task.objects.all()]
    assert len(names) == 60 + len(told)
    assert sum(name.startswith("Before") for name in names) == 60


def test_another_process_that_still_seals_with_the_old_key_is_read_and_caught_up_with(north: Clinic) -> None:
    with inside(north):
        a_task()
        behind = keys.keys_of("north")  # what another process still believes
        DataKey.objects.filter(clinic=north).update(made_at=timezone.now())
        keys.draw_key("north", number=2)
        keys._known.put("north", behind)
        late = a_task(patient_name="Late Larry")
        forget_everything()

        assert Task.objects.get(pk=late.pk).patient_name == "Late Larry"
        assert Task.objects.found_by("larry").exists()
        rotating.rotate(north, new_key=False, rest=0, settle=0)
        assert len(key_ids_in_use()) == 1


def test_a_run_that_was_killed_goes_on_where_it_was(north: Clinic, monkeypatch: Any) -> None:
    with inside(north):
        for number in range(30):
            a_task(patient_name=f"Patient {number}")
        true, rows = rotating._seal_anew, []

        def dies(row: Any, fields: Any) -> bool:
            rows.append(row)
            if len(rows) > 12:
                raise KeyboardInterrupt
            return true(row, fields)

        monkeypatch.setattr(rotating, "_seal_anew", dies)
        with pytest.raises(KeyboardInterrupt):
            rotating.rotate(north, new_key=True, batch=5, rest=0, settle=0)
        monkeypatch.undo()
        assert len(key_ids_in_use()) == 2
        assert len([row.patient_name for row in Task.objects.all()]) == 30

        done = rotating.rotate(north, new_key=True, batch=5, rest=0, settle=0)

        assert done.retired == 1
        assert len(key_ids_in_use()) == 1
        assert DataKey.objects.filter(clinic=north).count() == 2  # it went on, it did not begin anew


def test_an_altered_row_keeps_the_old_key_and_is_named(north: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    with inside(north):
        task = a_task()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tasks_task SET summary = summary || 'x'::bytea")
        done = rotating.rotate(north, new_key=True, rest=0, settle=0)
        with pytest.raises(Unreadable):
            _ = Task.objects.get(pk=task.pk).summary

    assert (done.retired, done.unreadable) == (0, 1)
    assert str(task.pk) in caplog.text


def test_a_retired_key_is_taken_away_a_day_later_unless_it_is_in_use_after_all(north: Clinic) -> None:
    with inside(north):
        a_task()
        rotating.rotate(north, new_key=True, rest=0, settle=0)
        assert rotating.rotate(north, new_key=False, rest=0, settle=0).taken_away == 0

        DataKey.objects.exclude(retired_at=None).update(retired_at=timezone.now() - timedelta(days=2))
        assert rotating.rotate(north, new_key=False, rest=0, settle=0).taken_away == 1
        assert DataKey.objects.filter(clinic=north).count() == 1
        assert Task.objects.get().patient_name


def test_two_rotations_of_a_clinic_do_not_run_at_once(north: Clinic) -> None:
    def hold() -> None:
        with rotating._alone(north):
            held.set()
            free.wait(20)
        connection.close()

    held, free = threading.Event(), threading.Event()
    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    try:
        with pytest.raises(rotating.Busy):
            rotating.rotate(north, new_key=True)
    finally:
        free.set()
        other.join()


def test_the_command_wraps_keys_and_tokens_anew_and_the_old_field_key_may_go(north: Clinic, settings: Any) -> None:
    with inside(north):
        task = a_task()
    north.twilio_account_sid = "AC" + "1" * 32
    seal_token(north, "a-token-of-its-own")
    north.save()
    new = {"new1": base64.b64decode(base64.b64encode(b"n" * 32))}
    settings.FIELD_KEYS = {**new, **settings.FIELD_KEYS}
    out = StringIO()

    call_command("rotate_field_keys", stdout=out)

    settings.FIELD_KEYS = new
    forget_everything()
    assert out.getvalue().startswith("3 keys wrapped")
    assert account_for(Clinic.objects.get(pk=north.pk)).token == "a-token-of-its-own"
    with inside(north):
        assert Task.objects.get(pk=task.pk).patient_name


def test_without_the_field_key_nothing_opens(north: Clinic, settings: Any) -> None:
    with inside(north):
        a_task()
    settings.FIELD_KEYS = {"new1": b"n" * 32}
    forget_everything()
    with inside(north), pytest.raises(keys.NoKey):
        _ = Task.objects.get().patient_name


def test_threads_share_a_clinics_cipher(north: Clinic) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            with inside(north):
                for each in range(15):
                    task = open_task(
                        kind="callback", summary="s", details={}, call_id=uuid4(), priority=2, due_at=timezone.now(),
                        needs_decision=False, patient_name=f"{number} {each}",
                    )  # fmt: skip
                    assert Task.objects.get(pk=task.pk).patient_name == f"{number} {each}"
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
