"""What is sealed comes back as it was from its own place, and from nowhere else: anything else is an error."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.sealing import keys
from clinics.sealing.fields import Unreadable
from clinics.tenancy import inside
from tasks.actions import open_task
from tasks.models import Task

NAME = "Marigold Quorndale"


@pytest.fixture(autouse=True)
def _inside(north: Clinic) -> Any:
    with inside(north):
        yield


def a_task(**changes: Any) -> Task:
    asked = {
        "kind": "callback", "summary": "Wants a call back", "details": {}, "call_id": uuid4(), "priority": 2,
        "due_at": timezone.now() + timedelta(hours=1), "needs_decision": False, "patient_name": NAME,
        "date_of_birth": date(1937, 11, 19), "callback_number": "+12125550183",
    }  # fmt: skip
    return open_task(**{**asked, **changes})


def held(task: Task, column: str = "patient_name") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM tasks_task WHERE id = %s", [task.pk])
        return bytes(cursor.fetchone()[0])


def put(task: Task, value: object, column: str = "patient_name") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tasks_task SET {column} = %s WHERE id = %s", [value, task.pk])


def refused(task: Task, field: str = "patient_name") -> bool:
    """Whether reading the field is an error; what it says holds no part of the value."""
    row = Task.objects.get(pk=task.pk)
    with pytest.raises(Unreadable) as failure:
        getattr(row, field)
    return "Marigold" not in str(failure.value)


def test_a_value_comes_back_and_is_nowhere_in_the_row() -> None:
    task = a_task()

    again = Task.objects.get(pk=task.pk)
    assert (again.patient_name, again.date_of_birth) == (NAME, date(1937, 11, 19))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tasks_task::text FROM tasks_task")
        row = cursor.fetchone()[0]
    assert NAME.encode().hex() not in row
    assert NAME not in row


@pytest.mark.parametrize("value", ["", "0", " ", "None", "é ñ 漢 🦜", 'a "quoted" \\u0000 line\nand more', "x" * 120])
def test_text_comes_back_as_it_was(value: str) -> None:
    task = a_task(patient_name=value)
    assert Task.objects.get(pk=task.pk).patient_name == value


@pytest.mark.parametrize("value", ["", 0, False, None, [], {}, {"a": [0, False, None, ""]}, 1.5, True])
def test_json_comes_back_as_it_was(value: object) -> None:
    call = Call.objects.create(sid=str(uuid4()), to_number="+12025550101")
    turn = Turn.objects.create(call=call, n=1, language="en", said="", reply={"is": value}, state=value)

    again = Turn.objects.get(pk=turn.pk)
    assert again.state == value
    assert type(again.state) is type(value)
    assert again.reply == {"is": value}


@pytest.mark.parametrize("value", [None, date(1, 1, 1), date(2000, 2, 29)])
def test_a_date_comes_back_as_it_was(value: date | None) -> None:
    assert Task.objects.get(pk=a_task(date_of_birth=value).pk).date_of_birth == value


@pytest.mark.parametrize("value", ["a\0b", "\ud800", None, 7, "x" * 121])
def test_what_no_text_column_would_take_is_refused_and_nothing_is_written(value: object) -> None:
    task = a_task()
    task.patient_name = value
    with pytest.raises((ValueError, TypeError)), transaction.atomic():
        task.save()
    assert Task.objects.get(pk=task.pk).patient_name == NAME


def test_every_flipped_byte_is_an_error() -> None:
    task = a_task()
    whole = held(task)
    for place in range(len(whole)):
        put(task, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert refused(task), place
    for short in range(len(whole)):
        put(task, whole[:short])
        assert refused(task), short


@pytest.mark.parametrize("value", [NAME.encode(), b'"' + NAME.encode() + b'"', b"", b"null", b"\x00" * 60])
def test_what_was_never_sealed_is_an_error(value: bytes) -> None:
    task = a_task()
    put(task, value)
    assert refused(task)


def test_an_emptied_field_is_refused_by_the_table_and_would_be_an_error() -> None:
    task = a_task()
    with pytest.raises(IntegrityError), transaction.atomic():
        put(task, None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tasks_task ALTER patient_name DROP NOT NULL")
    put(task, None)
    assert refused(task)


def test_a_value_moved_to_another_row_or_column_is_an_error() -> None:
    task, other = a_task(), a_task(patient_name="Somebody Else")

    put(other, held(task))
    assert refused(other)
    put(task, held(task), column="summary")
    assert refused(task, "summary")


def test_a_value_moved_to_another_clinic_is_an_error_even_in_the_same_row(south: Clinic) -> None:
    task = a_task()
    with inside(south):
        same = a_task()
        Task.objects.filter(pk=same.pk).update(id=task.pk)
        put(task, _held_in_north(task))
        assert refused(task)


def _held_in_north(task: Task) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT patient_name FROM north.tasks_task WHERE id = %s", [task.pk])
        return bytes(cursor.fetchone()[0])


def test_a_row_opens_with_the_keys_of_the_clinic_it_was_read_in(south: Clinic) -> None:
    row = Task.objects.get(pk=a_task().pk)
    with inside(south):
        assert row.patient_name == NAME


def test_outside_any_clinic_nothing_is_sealed() -> None:
    with pytest.raises(keys.NoKey):
        keys.keys_of("public")


def test_a_raw_value_never_turns_into_text() -> None:
    a_task()
    raw = Task.objects.values_list("patient_name", flat=True)[0]
    assert repr(raw) == "<sealed>"
    with pytest.raises(TypeError):
        str(raw)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Task.objects.filter(patient_name=NAME).exists(),
        lambda: Task.objects.filter(patient_name__icontains="mari").exists(),
        lambda: Task.objects.update(patient_name=NAME),
        lambda: Task.objects.bulk_update([Task(patient_name=NAME)], ["patient_name"]),
    ],
)
def test_a_question_that_needs_the_plain_value_is_an_error(ask: Any) -> None:
    with pytest.raises((TypeError, ValueError, FieldError)):
        ask()


def test_a_refused_form_spoils_no_later_reading() -> None:
    class Form(forms.ModelForm):
        class Meta:
            model = Task
            fields = ("kind", "due_at")

    task = a_task()
    form = Form({"kind": "", "due_at": ""}, instance=task)
    assert not form.is_valid()
    with pytest.raises(ValueError, match="didn't validate"):
        form.save()

    again = Task.objects.get(pk=task.pk)
    assert again.patient_name == NAME
    again.save()
    assert Task.objects.get(pk=task.pk).patient_name == NAME


def test_saving_part_of_a_row_leaves_what_was_not_read_as_it_was() -> None:
    task = a_task()
    row = Task.objects.only("id", "priority").get(pk=task.pk)
    row.priority = 1
    row.save(update_fields=["priority"])
    assert Task.objects.get(pk=task.pk).patient_name == NAME


def test_a_number_is_found_by_its_blind_index_in_its_own_clinic_only(south: Clinic) -> None:
    task = a_task()
    a_task(callback_number="+12125550184")
    a_task(callback_number="")

    assert [one.pk for one in Task.objects.of_number("+12125550183")] == [task.pk]
    assert not Task.objects.of_number("").exists()
    with inside(south):
        other = a_task()
        indexes = {
            bytes(one.number_index) for one in [task, other] for one in [Task.objects.filter(pk=one.pk).first()] if one
        }
    assert bytes(Task.objects.get(pk=task.pk).number_index) not in indexes
