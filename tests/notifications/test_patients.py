"""Texts to patients: only where the clinic wants them, by day, once a request, never to who said STOP."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from calls.models import Call
from clinics.tenancy import inside
from notifications import addresses, optouts, quiet
from notifications.kinds import TABLE
from notifications.models import Delivery, Event, Messaging, OptOut
from notifications.reach import SWITCHES
from notifications.wording import text_for_patient
from tasks.actions import cancel, decide, open_task
from tasks.models import Decision, Task
from tests.providers.conftest import sign

pytestmark = pytest.mark.usefixtures("no_nudge")

NUMBER = "+12025550142"
CALLED_FROM = "+12025550177"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def signed(outbox):
    """An agreement with the telephone network."""
    row = sign(outbox.north, "twilio")
    yield row
    row.delete()


@pytest.fixture
def wanted(outbox, signed):
    """A clinic that lets its patients be told everything, at any hour."""
    return Messaging.objects.create(
        clinic=outbox.north,
        request_received=True,
        decision_made=True,
        missed_you=True,
        quiet_from=time(0),
        quiet_until=time(0),
    )


@pytest.fixture
def request_of(outbox):
    """A patient's request, taken on a call; and afterwards every row of it is taken away."""
    made = []

    def ask(*, number: str = NUMBER, lang: str = "en", clinic=None, **more) -> Task:
        with inside(clinic or outbox.north):
            call = Call.objects.create(
                sid=f"CA{uuid.uuid4().hex}", from_number=CALLED_FROM, to_number="+12025550101", language=lang
            )
            task = open_task(
                kind="refill",
                summary="Refill of something private",
                details={},
                call_id=call.id,
                priority=2,
                due_at=timezone.now(),
                patient_name="Marigold Quorndale",
                callback_number=number,
                **{"needs_decision": False, **more},
            )
        made.append((clinic or outbox.north, task, call))
        return task

    yield ask
    for clinic, task, call in made:
        with inside(clinic):
            Decision.objects.filter(task=task).delete()
            task.notes.all().delete()
            task.delete()
            call.delete()


def deliver(outbox) -> None:
    """Past the two minutes that a request is given to be completed or withdrawn."""
    outbox.deliver()
    outbox.due()
    outbox.deliver()


# --- Whether ---------------------------------------------------------------------------------------------------------
def test_a_clinic_that_did_not_turn_it_on_texts_no_patient(outbox, far, request_of):
    task = request_of()
    deliver(outbox)
    assert far.posts == []
    assert "patient" not in outbox.states(task.id)


@pytest.mark.parametrize("kind", SWITCHES)
def test_each_switch_lets_one_sort_of_news_through(outbox, far, signed, request_of, kind):
    Messaging.objects.create(clinic=outbox.north, quiet_from=time(0), quiet_until=time(0), **{SWITCHES[kind]: True})
    task = request_of()
    for other in SWITCHES:
        about = task.call_id if other == "call.missed" else task.id
        outbox.announce(other, about=about, key=f"again:{other}:{task.id}")
    deliver(outbox)
    assert set(Delivery.objects.filter(channel="patient").values_list("event__kind", flat=True)) == {kind}
    assert far.to(CALLED_FROM if kind == "call.missed" else NUMBER) != []


def test_one_text_a_request_at_the_number_they_gave_with_nothing_private(outbox, far, wanted, request_of):
    task = request_of()
    deliver(outbox)
    deliver(outbox)
    (item,) = far.sent()
    assert item.form["To"] == NUMBER
    assert item.form["Body"] == (
        "Northside Clinic: We have received your request. In an emergency call 911. Reply STOP for no more texts."
    )
    for private in ("Marigold", "Refill", "private", str(task.id), "http"):
        assert private not in item.form["Body"]


def test_it_waits_two_minutes_and_is_dropped_when_the_request_is_cancelled_meanwhile(outbox, far, wanted, request_of):
    task = request_of()
    outbox.deliver()
    wait = (outbox.delivery(task.id, "patient").available_at - timezone.now()).total_seconds()
    assert 110 < wait <= 120
    with inside(outbox.north):
        cancel(by=outbox.person("alice"), task_id=task.id, version=task.version, reason="they rang again")
    outbox.due()
    outbox.deliver()
    row = outbox.delivery(task.id, "patient")
    assert (row.state, row.last_error_code) == ("cancelled", "withdrawn")
    assert far.posts == []


def test_a_decision_is_news_but_not_which(outbox, far, wanted, request_of):
    task = request_of(needs_decision=True)
    with inside(outbox.north):
        decide(by=outbox.person("bob"), task_id=task.id, version=task.version, verdict="rejected", reason="no")
    Event.objects.filter(kind="task.decided").update(available_at=Now())  # the time to take it back is over
    deliver(outbox)
    bodies = [item.form["Body"] for item in far.sent()]
    assert len(bodies) == 2
    assert any("There is news about your request. Please call us." in body for body in bodies)
    assert not any(re.search("reject|approv|doctor", body, re.IGNORECASE) for body in bodies)


def test_a_patient_who_was_missed_is_told_unless_they_were_reached_since(outbox, far, wanted, request_of):
    task, closed = request_of(), request_of()
    deliver(outbox)
    far.accepted.clear()
    with inside(outbox.north):
        cancel(by=outbox.person("alice"), task_id=closed.id, version=closed.version, reason="reached at last")
    for one in (task, closed):
        outbox.announce("task.missed", about=one.id, key=f"task.missed:{one.id}:1")
    deliver(outbox)
    assert [item.form["Body"].split(". ")[0] for item in far.sent()] == ["Northside Clinic: We tried to call you"]


def test_in_the_language_of_the_call(outbox, far, wanted, request_of):
    request_of(lang="es")
    deliver(outbox)
    assert "Recibimos su solicitud. En una emergencia llame al 911." in far.sent()[0].form["Body"]


def test_without_a_number_of_their_own_the_one_they_called_from_is_used(outbox, far, wanted, request_of):
    request_of(number="")
    deliver(outbox)
    assert [item.form["To"] for item in far.sent()] == ["+12025550177"]


def test_the_clinics_own_line_is_never_texted(outbox, far, wanted, request_of):
    task = request_of(number="+12025550101")
    deliver(outbox)
    assert outbox.delivery(task.id, "patient").last_error_code == "no_number"
    assert far.posts == []


@pytest.mark.parametrize("number", ["+19005550142", "+18765550142", "+447911123456", "+442079460018", "+33899123456"])
def test_a_number_with_a_fee_or_of_another_country_is_never_texted(outbox, far, wanted, request_of, number):
    task = request_of(number=number)
    deliver(outbox)
    assert far.posts == []
    assert outbox.delivery(task.id, "patient").last_error_code == "costly_number"


def test_a_test_call_texts_nobody(outbox, far, wanted, request_of):
    task = request_of(test=True)
    deliver(outbox)
    assert far.posts == []
    assert "patient" not in outbox.states(task.id)


def test_the_other_clinics_wish_is_its_own(outbox, far, wanted, request_of):
    request_of(clinic=outbox.south)
    deliver(outbox)
    assert far.posts == []


def test_a_caller_cannot_have_one_number_texted_without_end(outbox, far, wanted, request_of):
    """Six in a day, however many requests name the number; another number is still told."""
    for _ in range(9):
        request_of()
    request_of(number="+12025550143")
    for _ in range(3):
        deliver(outbox)
    assert len(far.to(NUMBER)) == addresses.MOST_TO_A_NUMBER
    assert len(far.to("+12025550143")) == 1
    refused = Delivery.objects.filter(channel="patient", state="cancelled")
    assert set(refused.values_list("last_error_code", flat=True)) == {"too_many_to_number"}
    assert refused.count() == 3


def test_a_clinics_texts_of_a_day_end_somewhere(outbox, far, wanted, request_of, monkeypatch):
    monkeypatch.setattr(addresses, "MOST_OF_A_CLINIC", 2)
    for last in range(4):
        request_of(number=f"+1202555015{last}")
    deliver(outbox)
    assert len(far.sent()) == 2


# --- When ------------------------------------------------------------------------------------------------------------
def test_at_night_it_waits_for_the_morning_and_counts_as_no_try(outbox, far, wanted, request_of):
    local = timezone.now().astimezone(NEW_YORK)
    wanted.quiet_from = (local - timedelta(hours=1)).time()
    wanted.quiet_until = (local + timedelta(hours=2)).time()
    wanted.save()
    task = request_of()
    deliver(outbox)

    row = outbox.delivery(task.id, "patient")
    assert (row.state, row.last_error_code, row.attempts) == ("pending", "quiet_hours", 0)
    assert 7100 < (row.available_at - timezone.now()).total_seconds() < 7300
    assert far.posts == []


def test_an_escalation_is_not_asked_for_quiet_hours(outbox, far, wanted, phones):
    local = timezone.now().astimezone(NEW_YORK)
    wanted.quiet_from, wanted.quiet_until = (local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time()
    wanted.save()
    bob = outbox.person("bob")
    outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    outbox.deliver()
    assert len(far.sent()) == 1


@pytest.mark.parametrize(
    ("at", "since", "until", "seconds"),
    [
        ("2026-11-22T12:00", time(20), time(8), 0),
        ("2026-11-22T20:00", time(20), time(8), 12 * 3600),
        ("2026-11-22T07:59", time(20), time(8), 60),
        ("2026-11-22T08:00", time(20), time(8), 0),
        ("2026-11-22T13:30", time(12), time(14), 1800),
        ("2026-11-22T03:00", time(0), time(0), 0),
        ("2026-10-31T23:00", time(20), time(8), 10 * 3600),  # the night has an hour twice
        ("2026-03-07T23:00", time(20), time(8), 8 * 3600),  # the night lacks an hour
        ("2026-03-08T01:30", time(20), time(2, 30), 3600),  # its end is skipped: 2:30 is 3:30 by the new time
    ],
)
def test_quiet_hours_end_by_the_clinics_clock(at, since, until, seconds):
    moment = datetime.fromisoformat(at).replace(tzinfo=NEW_YORK)
    assert quiet.seconds_left(moment, since=since, until=until) == seconds


# --- Who said STOP ---------------------------------------------------------------------------------------------------
def test_who_opted_out_between_the_plan_and_the_sending_is_not_texted(outbox, far, wanted, request_of):
    task = request_of()
    outbox.deliver()
    optouts.opt_out(outbox.north, NUMBER, source="keyword")
    outbox.due()
    outbox.deliver()
    row = outbox.delivery(task.id, "patient")
    assert (row.state, row.last_error_code) == ("cancelled", "opted_out")
    assert far.posts == []


def test_an_opt_out_at_one_clinic_is_none_at_the_other_and_cannot_be_matched(outbox):
    optouts.opt_out(outbox.north, NUMBER, source="keyword")
    optouts.opt_out(outbox.south, NUMBER, source="keyword")
    assert optouts.opt_in(outbox.south, NUMBER)
    assert optouts.opted_out(outbox.north, NUMBER)
    assert not optouts.opted_out(outbox.south, NUMBER)
    assert len(set(OptOut.objects.values_list("digest", flat=True))) == 2


def test_under_another_key_no_patient_is_texted_until_a_person_mends_it(outbox, far, wanted, request_of, settings):
    optouts.opt_out(outbox.north, "+12025550111", source="keyword")
    settings.NUMBER_KEY = bytes(32)
    task = request_of()
    deliver(outbox)
    row = outbox.delivery(task.id, "patient")
    assert (row.state, row.last_error_code, row.attempts) == ("pending", "number_key_changed", 0)
    assert far.posts == []


# --- Words -----------------------------------------------------------------------------------------------------------
def test_every_text_to_patients_has_a_switch_and_every_switch_a_text():
    assert {name for name, kind in TABLE.items() if kind.patient} == set(SWITCHES)
    assert {field.name for field in Messaging._meta.fields} >= set(SWITCHES.values())


@pytest.mark.parametrize("kind", SWITCHES)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_text_to_patients_is_short_and_says_how_to_stop(kind, lang):
    name = "A clinic whose name goes on and on and on " * 3
    body = text_for_patient(TABLE[kind], lang=lang, clinic=name, emergency="911")
    assert len(body) <= 190
    assert "STOP" in body
    assert "911" in body
    assert not re.search(r"\b(will|promise|prometemos|doctor|médico|nurse|result)", body)


def test_numbers_are_nowhere_in_the_shared_tables(outbox, far, wanted, request_of):
    request_of()
    deliver(outbox)
    optouts.opt_out(outbox.north, NUMBER, source="keyword")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'notif%'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM public."{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall())
            assert NUMBER[1:] not in rows, table
            assert "Marigold" not in rows, table
    assert far.to(NUMBER)
    assert addresses.messaging_of(outbox.south).tells_patients("task.opened") is False


def test_a_rolled_back_request_is_told_to_nobody(outbox, far, wanted):
    with inside(outbox.north), transaction.atomic():
        open_task(
            kind="refill", summary="x", details={}, call_id=None, priority=2, due_at=timezone.now(),
            needs_decision=False, callback_number=NUMBER,
        )  # fmt: skip
        transaction.set_rollback(True)
    deliver(outbox)
    assert far.posts == []
