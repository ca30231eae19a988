"""What the phone commits somebody to is a row before it is spoken, and no sentence commits without one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.dialogue import promises, wording
from calls.dialogue.types import Intent
from clinics.models import Clinic
from clinics.practice import actions
from clinics.practice.promises import TABLE
from clinics.tenancy import inside
from tasks.models import Promise, Task
from tests.calls.network import Network
from tests.calls.talk import NORTHSIDE, Talk, closed
from tests.calls.test_dialogue_ends import DEEDS, HOUSES, play

COMMITTING = {
    "en": re.compile(
        r"\b(will|shall|going to|right away|today|tomorrow|soon|be told|are told|have told|been alerted)\b|\{by\}",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"\b(voy a|va a|van a|hoy|mañana|pronto|enseguida|avis\w+|aviso)\b|\b\w+(rá|rán|ré|remos)\b|\{by\}",
        re.IGNORECASE,
    ),
}
NO_COMMITMENT = {
    "ask.how": "asks about today",
    "ask.question.medical_advice": "what the phone itself does now",
    "ask.preferred_time": "asks for a day",
    "lang.switched": "what the phone itself does now",
    "sorry.skip": "what the phone itself does now",
    "hand.message": "what the phone itself does now",
    "bound.cancel_appointment": "an offer: done.cancel_appointment says when it is done",
    "bye.silence": "what the phone itself does now",
    "person.closed": "the opening hours",
    "distress.go_on": "what the phone itself does now",
    "danger.listening": "what the phone itself does now",
}
"""Sentences with a word of the future that commit nobody, and why."""


# --- Every wording -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", sorted(wording.TABLE))
def test_a_sentence_that_commits_has_a_promise_or_an_alarm_behind_it(key: str) -> None:
    commits = any(COMMITTING[lang].search(text) for lang, text in zip(wording.LANGS, wording.TABLE[key], strict=True))
    accounted = key in promises.COMMITS or key in promises.ALARMS or key in NO_COMMITMENT

    assert accounted or not commits, wording.TABLE[key]


def test_the_lists_name_sentences_that_exist() -> None:
    assert set(promises.COMMITS) | promises.ALARMS | set(NO_COMMITMENT) <= set(wording.TABLE)
    assert set(promises.COMMITS.values()) == set(TABLE)
    assert set(promises.AFTER.values()) <= set(TABLE)
    assert not set(promises.COMMITS) & set(NO_COMMITMENT)


def test_every_finished_request_but_a_cancellation_is_promised_an_answer() -> None:
    without = set(Intent) - set(promises.AFTER)

    assert without == {Intent.CANCEL_APPOINTMENT, Intent.UNCLEAR}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=st.lists(DEEDS, max_size=25), house=HOUSES, withheld=st.booleans())
def test_whatever_a_caller_does_no_turn_commits_without_its_row(deeds, house, withheld) -> None:
    talk = play(house, deeds, "" if withheld else "+12025550142")
    opened: set[int] = set()

    for decision in talk.decisions:
        opened |= {task.request.number for task in decision.tasks}
        made = {one.name for one in decision.promises}
        said = {one.key for one in decision.reply.say}
        assert {promises.COMMITS[key] for key in said if key in promises.COMMITS} == made
        assert {one.request_number for one in decision.promises} <= opened
        if said & promises.ALARMS:
            assert decision.state.escalated


# --- By when -------------------------------------------------------------------------------------------------------
def test_the_deadline_that_is_spoken_is_the_one_that_is_written() -> None:
    talk = Talk().say("please have someone call me back", "my referral", "maria alvarez", "yes", "yes")

    [promised] = talk.last.promises
    assert (promised.name, promised.request_number) == ("staff_call_back", 1)
    assert "They will call you by noon today." in talk.last.reply.words
    assert promised.due_at == talk.now + timedelta(minutes=120)


def test_a_caller_without_a_number_is_promised_no_call() -> None:
    talk = Talk(caller="").say("please have someone call me back", "my referral", "maria alvarez", "yes", "", "")

    assert "promise.staff_call_back" not in {one.key for turn in talk.decisions for one in turn.reply.say}


def test_a_red_flag_is_promised_a_nurse_today_or_when_the_clinic_opens() -> None:
    opened, shut = Talk(house=NORTHSIDE), Talk(house=closed())
    for talk in (opened, shut):
        talk.say("there is blood in my urine")

    assert [one.name for one in opened.last.promises] == ["nurse_calls_today"]
    assert [one.name for one in shut.last.promises] == ["nurse_calls"]


# --- On the road -----------------------------------------------------------------------------------------------------
CALLBACK = ("please have someone call me back", "my referral papers", "maria alvarez", "yes", "yes")


def call(clinic: Clinic, *said: str) -> None:
    network = Network(clinic)
    line, _ = network.call()
    for words in said:
        network.say(line, words)


def test_a_promise_is_a_row_with_the_tasks_own_due_time(north: Clinic) -> None:
    call(north, *CALLBACK)

    with inside(north):
        task = Task.objects.get()
        promise = Promise.objects.get()
    assert (promise.task_id, promise.name, promise.due_at, promise.turn) == (task.id, "staff_call_back", task.due_at, 5)
    assert promise.due_at > timezone.now()


def test_the_clinics_own_time_is_promised_in_its_opening_hours(north: Clinic) -> None:
    with inside(north):
        actions.publish_policy(by=None, changes={"promise_minutes": {"staff_call_back": 15}})

    call(north, *CALLBACK)

    with inside(north):
        promise = Promise.objects.get()
    local = promise.due_at.astimezone(ZoneInfo(north.timezone))
    assert promise.due_at - promise.made_at >= timedelta(minutes=14)
    assert isinstance(local, datetime)


def test_a_refill_is_promised_that_the_doctor_looks_at_it(north: Clinic) -> None:
    call(
        north, "i need a refill of my lisinopril", "the walgreens on main street", "maria alvarez", "yes",
        "march fourth nineteen eighty two", "yes", "yes",
    )  # fmt: skip

    with inside(north):
        assert [one.name for one in Promise.objects.all()] == ["doctor_decides"]
        assert Promise.objects.get().owner == "doctor"


def test_a_policy_with_a_promise_that_makes_no_sense_is_refused(north: Clinic) -> None:
    with inside(north), pytest.raises(Exception, match="15 to 7200"):
        actions.publish_policy(by=None, changes={"promise_minutes": {"staff_call_back": 1}})
