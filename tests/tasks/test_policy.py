"""The queue's rules, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tasks import policy, wording
from tasks.models import Kind, Priority, Status
from tasks.search import typed_words, words_to_find

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # 10:00 in New York, a Wednesday
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Somebody:
    name: str
    role: str
    id: UUID = field(default_factory=uuid4)


@dataclass
class Work:
    status: str = "pending"
    assignee: Somebody | None = None
    needs_decision: bool = False
    verdict: str = ""
    completed_at: datetime | None = None
    identity_confirmed_at: datetime | None = None
    asked_back_at: datetime | None = None
    deciders: Any = field(default_factory=lambda: {BOB.id})


ALICE, BOB, CAROL = Somebody("Alice", "staff"), Somebody("Bob", "doctor"), Somebody("Carol", "admin")
OPERATOR = Somebody("Olga", "operator")
NOT_BOBS = "It was put to another doctor. They decide, or who covers for them."
NOT_BOBS_TO_GIVE = "It was put to another doctor. They pass it on, or the front desk does."


def test_every_kind_has_a_rule_and_every_rule_a_kind() -> None:
    assert set(policy.KINDS) == set(Kind.values)
    assert all(rule.due_minutes > 0 and rule.priority in Priority.values for rule in policy.KINDS.values())
    assert {kind for kind, rule in policy.KINDS.items() if rule.needs_decision} == {
        "refill",
        "test_result",
        "medical_advice",
    }


def test_the_priorities_of_the_rules_are_those_of_the_table() -> None:
    assert tuple(Priority.values) == (policy.EMERGENCY, policy.HIGH, policy.NORMAL, policy.LOW)


def test_the_transitions_name_every_status_and_every_status_can_be_reached() -> None:
    reached = {target for moves in policy.TRANSITIONS.values() for target in moves.values()}
    assert set(policy.TRANSITIONS) == set(Status.values) == reached


def test_every_deed_of_the_transitions_has_a_check_and_a_right_of_its_own() -> None:
    verbs = {verb for moves in policy.TRANSITIONS.values() for verb in moves}
    assert verbs == set(policy.RIGHTS)
    assert len(set(policy.RIGHTS.values())) == len(verbs)
    assert verbs | {"decide", "confirm", "answer", "put_to"} == set(policy.CHECKS)


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", ["claim", "release", "complete", "cancel", "reopen"])
def test_a_check_lets_through_what_the_transitions_hold_and_nothing_else(status: str, verb: str) -> None:
    mine = ALICE if status == "in_progress" else None
    done = NOW - timedelta(hours=1) if status == "completed" else None
    allowed = not policy.refusal(verb, Work(status=status, assignee=mine, completed_at=done), ALICE, NOW)
    assert allowed == (verb in policy.TRANSITIONS[status])


@pytest.mark.parametrize(
    ("verb", "work", "person", "sentence"),
    [
        ("claim", Work(), ALICE, ""),
        ("claim", Work(), CAROL, ""),
        ("claim", Work("in_progress", BOB), ALICE, "Taken by Bob."),
        ("claim", Work("in_progress", ALICE), ALICE, "You have this one already."),
        ("claim", Work("completed"), ALICE, "It is completed."),
        ("claim", Work(), OPERATOR, "Only Clinic admin or Doctor or Front desk may claim tasks."),
        ("complete", Work(), ALICE, ""),
        ("complete", Work("in_progress", ALICE), ALICE, ""),
        ("complete", Work("in_progress", BOB), ALICE, "Bob is working on it."),
        ("complete", Work(needs_decision=True), ALICE, "A doctor has to decide first."),
        ("complete", Work(needs_decision=True, verdict="approved"), ALICE, ""),
        ("release", Work("in_progress", BOB), ALICE, ""),
        ("reopen", Work("completed", completed_at=NOW - timedelta(hours=23)), ALICE, ""),
        (
            "reopen",
            Work("completed", completed_at=NOW - timedelta(hours=25)),
            ALICE,
            "It was completed more than 24 hours ago and stays closed.",
        ),
        ("decide", Work(needs_decision=True), BOB, ""),
        ("decide", Work("in_progress", ALICE, needs_decision=True), BOB, ""),
        ("decide", Work(needs_decision=True), ALICE, "Only Doctor may approve or reject requests."),
        ("decide", Work(needs_decision=True), CAROL, "Only Doctor may approve or reject requests."),
        (
            "decide",
            Work(needs_decision=True, deciders=frozenset()),
            BOB,
            NOT_BOBS,
        ),
        ("put_to", Work(needs_decision=True), BOB, ""),
        ("put_to", Work(needs_decision=True, deciders=frozenset()), ALICE, ""),
        ("put_to", Work(needs_decision=True, deciders=frozenset()), CAROL, ""),
        (
            "put_to",
            Work(needs_decision=True, deciders=frozenset()),
            BOB,
            NOT_BOBS_TO_GIVE,
        ),
        ("put_to", Work(), ALICE, "This one needs no decision."),
        ("put_to", Work(needs_decision=True, verdict="approved"), ALICE, "It was approved already."),
        ("decide", Work(), BOB, "This one needs no decision."),
        ("decide", Work(needs_decision=True, verdict="rejected"), BOB, "It was rejected already."),
        ("decide", Work("cancelled", needs_decision=True), BOB, "It is cancelled."),
        ("decide", Work(needs_decision=True, asked_back_at=NOW), BOB, "Staff are asking the patient first."),
        ("confirm", Work(identity_confirmed_at=NOW), BOB, "It was confirmed already."),
        ("confirm", Work("completed"), BOB, "It is completed."),
        ("answer", Work(), ALICE, "No doctor waits for an answer about it."),
        ("answer", Work("cancelled", asked_back_at=NOW), ALICE, "It is cancelled."),
    ],
)
def test_a_refused_deed_says_why(verb: str, work: Work, person: Somebody, sentence: str) -> None:
    assert policy.refusal(verb, work, person, NOW) == sentence
    assert policy.can(verb, work, person, NOW) == (not sentence)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=-42), "Late 0:42"),
        (timedelta(seconds=-1), "Late 0:00"),
        (timedelta(0), "Late 0:00"),
        (timedelta(hours=-2, minutes=-5), "Late 2:05"),
        (timedelta(hours=-25), "Late 1 day"),
        (timedelta(days=-3), "Late 3 days"),
        (timedelta(seconds=20), "1 min"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(minutes=60), "60 min"),
        (timedelta(hours=4, minutes=30), "today 14:30"),
        (timedelta(hours=23), "tomorrow 09:00"),
        (timedelta(days=5), "Mon 10:00"),  # daylight saving begins on Sunday the 8th
        (timedelta(days=30), "3 Apr 11:00"),
    ],
)
def test_due_times_are_said_in_words_of_the_clinics_clock(left: timedelta, words: str) -> None:
    if words.startswith("Mon"):
        left -= timedelta(hours=1)
    assert wording.due_words(NOW + left, now=NOW, zone=NEW_YORK) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [(timedelta(minutes=48), "09:12"), (timedelta(hours=20), "yesterday 14:00"), (timedelta(days=9), "23 Feb 10:00")],
)
def test_past_moments_are_said_in_words(ago: timedelta, words: str) -> None:
    assert wording.when_words(NOW - ago, now=NOW, zone=NEW_YORK) == words


@pytest.mark.parametrize(
    ("gone", "pace"), [(30, "on_time"), (89, "on_time"), (90, "soon"), (119, "soon"), (120, "late")]
)
def test_three_quarters_of_the_time_are_a_warning(gone: int, pace: str) -> None:
    asked = NOW - timedelta(minutes=gone)
    assert wording.pace(created_at=asked, due_at=asked + timedelta(minutes=120), now=NOW) == pace


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (1000, "999+")])
def test_counts_are_capped(count: int, words: str) -> None:
    assert wording.capped(count) == words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Álvarez", "alvarez"),
        ("  maria  alv ", "maria alv"),
        ("(202) 555-0142", "2025550142"),
        ("+1 202 555 0142", "12025550142"),
        ("0142", "0142"),
        ("a", ""),
        ("", ""),
        ("!!! &|", ""),
        ("o'brien", "o brien"),
    ],
)
def test_what_is_typed_becomes_a_query_of_word_beginnings(typed: str, words: str) -> None:
    assert " ".join(typed_words(typed)) == words


def test_a_number_is_found_whole_without_country_code_and_by_its_end() -> None:
    words = words_to_find(texts=["María"], number="+12025550142")
    assert words == ["maria", "12025550142", "2025550142", "5550142", "0142"]
