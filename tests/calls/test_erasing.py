"""A patient is erased by name and date of birth: what is surely theirs goes, what is in doubt is listed and stays."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from escalations.models import Escalation
from notifications.models import Delivery, Event
from tasks.actions import open_task
from tasks.models import Task
from tests.calls.network import Network
from tests.far_ends.twilio_rest import TwilioRest, twilio_rest

BORN = date(1982, 3, 4)
WHOLE = (
    "i would like an appointment", "my knee hurts a little", "tuesday morning", "maria alvarez", "yes",
    "march fourth nineteen eighty two", "yes", "yes", "no that is all",
)  # fmt: skip


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    return Clinic.objects.get(slug="north")


@pytest.fixture(autouse=True)
def far(settings: Any) -> Iterator[TwilioRest]:
    with twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far_end:
        settings.TWILIO_API_BASE_URL = far_end.url
        yield far_end


def a_call(clinic: Clinic, far: TwilioRest, *said: str, caller: str = "+12025550142") -> Call:
    network = Network(clinic)
    line, _ = network.call(caller=caller)
    for words in said:
        if not line.over:
            network.say(line, words)
    network.hang_up(line)
    far.inbound[line.sid] = "completed"
    with inside(clinic):
        return Call.objects.get(sid=line.sid)


def a_task(clinic: Clinic, *, name: str, born: date | None, call: Call | None = None, number: int = 7) -> Task:
    with inside(clinic):
        return open_task(
            kind="refill", summary="Refill", details={}, call_id=call.id if call else uuid.uuid4(), priority=2,
            due_at=timezone.now(), needs_decision=False, patient_name=name, date_of_birth=born,
            callback_number="+12025550142", request_number=number,
        )  # fmt: skip


def erase(
    monkeypatch: pytest.MonkeyPatch, name: str = "Maria Alvarez", born: str = "1982-03-04", confirm: Any = ()
) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{name}\n{born}\n"))
    out = StringIO()
    call_command(
        "erase_patient", clinic="north", person=True, reason="asked by letter", confirm=list(confirm), stdout=out
    )
    return out.getvalue()


def left(clinic: Clinic, model: type) -> set[uuid.UUID]:
    with inside(clinic):
        return set(model.objects.values_list("pk", flat=True))


def test_everything_of_the_patient_goes_from_whatever_number_and_the_report_names_each(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_call(clinic, far, *WHOLE)
    second = a_call(clinic, far, *WHOLE, caller="+12025550178")
    alone = a_task(clinic, name="ALVAREZ, María", born=BORN)
    other = a_call(
        clinic, far, "i have a question about my bill", "why was i charged", "john smith", "yes", "yes", "no"
    )

    report = erase(monkeypatch)

    for line in (
        "network       1 records of calls: deleted", "database      1 calls: deleted", "database      1 tasks: deleted",
        "turns with their words: deleted", "cache         1 live states of calls: deleted",
    ):  # fmt: skip
        assert line in report
    assert set(far.deleted) == {first.sid, second.sid}
    assert left(clinic, Call) == {other.id}
    assert alone.id not in left(clinic, Task)
    with inside(clinic):
        assert {task.patient_name for task in Task.objects.all()} == {"John Smith"}
    assert "Nothing was found under this name and date" in erase(monkeypatch)


def test_somebody_else_of_the_same_name_keeps_everything(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_call(clinic, far, *WHOLE)

    assert "Nothing was found" in erase(monkeypatch, born="1990-01-01")

    assert len(left(clinic, Call)) == 1


def test_the_same_name_without_a_date_of_birth_is_listed_and_goes_only_when_confirmed(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = a_task(clinic, name="Maria Alvarez", born=None)
    with inside(clinic):
        alarm = raise_escalation(
            reason="emergency", level="emergency", summary="x", call_id=uuid.uuid4(), patient_name="maria alvarez"
        )

    with pytest.raises(CommandError, match="in doubt"):
        erase(monkeypatch)
    assert (task.id in left(clinic, Task), alarm.id in left(clinic, Escalation)) == (True, True)

    erase(monkeypatch, confirm=[task.id, alarm.id])
    assert (task.id in left(clinic, Task), alarm.id in left(clinic, Escalation)) == (False, False)


def test_a_call_in_which_somebody_else_is_named_stays_until_it_is_confirmed(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = a_call(clinic, far, *WHOLE)
    son = a_task(clinic, name="Luis Alvarez", born=date(2012, 1, 1), call=call)

    with pytest.raises(CommandError, match="in doubt"):
        erase(monkeypatch)

    assert left(clinic, Call) == {call.id}
    assert left(clinic, Task) == {son.id}

    erase(monkeypatch, confirm=[call.id])
    assert left(clinic, Call) == set()


def test_a_call_that_ended_before_its_task_is_found_by_what_was_filled_in(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = a_call(clinic, far, *WHOLE[:7])
    with inside(clinic):
        Task.objects.all().delete()
        assert Turn.objects.filter(call=call).exists()

    erase(monkeypatch)

    assert left(clinic, Call) == set()


@pytest.mark.parametrize(
    ("name", "born", "says"),
    [("Maria", "1982-03-04", "first and last name"), ("Maria Alvarez", "March 4", "date of birth")],
)
def test_what_is_not_enough_to_know_a_person_is_refused(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, name: str, born: str, says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        erase(monkeypatch, name=name, born=born)


def test_texts_about_their_requests_are_deleted_at_the_network(
    clinic: Clinic, far: TwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = a_task(clinic, name="Maria Alvarez", born=BORN)
    sid = "SM" + "a" * 32
    far.transcripts.add(sid)  # whatever is there and can be deleted
    event = Event.objects.filter(about=task.id, kind="task.opened").get()
    Delivery.objects.create(
        event=event, clinic=clinic, channel="patient", state="sent", provider_id=sid, to_digest="x",
        expires_at=timezone.now(), policy="reconcile",
    )  # fmt: skip

    report = erase(monkeypatch)

    assert "network       1 texts: deleted" in report
    assert far.deleted == [sid]
