"""The rules of escalations, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from escalations import policy
from escalations.models import Level, Outcome, Reason, Status
from escalations.rows import PRIORITY_OF
from notifications.kinds import TABLE

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@dataclass
class Somebody:
    name: str
    role: str
    id: UUID = field(default_factory=uuid4)


@dataclass
class Matter:
    status: str = "open"
    handler: Somebody | None = None
    resolved_by: Somebody | None = None
    resolved_at: datetime | None = None


ALICE, BOB, OPERATOR = Somebody("Alice", "staff"), Somebody("Bob", "doctor"), Somebody("Olga", "operator")


def test_the_tables_name_everything_the_models_know() -> None:
    assert set(policy.LEVEL_OF) == set(Reason.values)
    assert set(policy.LEVELS) == set(Level.values) == set(policy.ANNOUNCED_AS) == set(PRIORITY_OF)
    assert set(policy.OUTCOME_NEEDS_REASON) == set(Outcome.values)
    assert set(policy.TRANSITIONS) == set(Status.values)
    assert {to for moves in policy.TRANSITIONS.values() for to in moves.values()} == set(Status.values)
    told = {f"escalation.{what}" for what in ("acknowledged", "taken_over", "resolved", "step", "unanswered")}
    assert set(policy.ANNOUNCED_AS.values()) | told <= set(TABLE)


@pytest.mark.parametrize(
    ("reason", "asked", "level"),
    [
        ("emergency", "attention", "emergency"),
        ("crisis", "urgent", "emergency"),
        ("urgent", "urgent", "urgent"),
        ("urgent", "emergency", "emergency"),
        ("distress", "attention", "attention"),
        ("clinic_rule", "urgent", "urgent"),
    ],
)
def test_a_reasons_level_is_a_floor(reason: str, asked: str, level: str) -> None:
    assert policy.at_least(reason, asked) == level


@pytest.mark.parametrize(
    ("verb", "matter", "person", "sentence"),
    [
        ("acknowledge", Matter(), ALICE, ""),
        ("acknowledge", Matter("acknowledged", ALICE), ALICE, "Alice has it already."),
        (
            "acknowledge",
            Matter(),
            OPERATOR,
            "Only Clinic admin or Doctor or Front desk may acknowledge escalations.",
        ),
        ("resolve", Matter(), ALICE, "Acknowledge it first, so that everyone sees who has it."),
        ("resolve", Matter("acknowledged", ALICE), ALICE, ""),
        ("resolve", Matter("resolved", ALICE, ALICE), ALICE, "Alice resolved it already."),
        ("take_over", Matter(), ALICE, "Nobody has it yet: acknowledge it."),
        ("take_over", Matter("acknowledged", ALICE), ALICE, "You have it already."),
        ("take_over", Matter("acknowledged", ALICE), BOB, ""),
        ("take_over", Matter("resolved", ALICE, ALICE), BOB, "Alice resolved it already."),
    ],
)
def test_a_refused_deed_says_why(verb: str, matter: Matter, person: Somebody, sentence: str) -> None:
    assert policy.refusal(verb, matter, person) == sentence


@pytest.mark.parametrize(
    ("matter", "person", "sentence"),
    [
        (Matter(), ALICE, "It is open already."),
        (Matter("acknowledged", ALICE), BOB, ""),
        (Matter("resolved", ALICE, ALICE, NOW - timedelta(hours=23)), ALICE, ""),
        (
            Matter("resolved", ALICE, ALICE, NOW - timedelta(hours=25)),
            ALICE,
            "It was resolved more than a day ago and stays closed.",
        ),
    ],
)
def test_what_was_closed_can_be_put_back_for_a_day(matter: Matter, person: Somebody, sentence: str) -> None:
    assert policy.reopen_refusal(matter, person, now=NOW) == sentence
    assert policy.reopen_refusal(matter, OPERATOR, now=NOW).startswith("Only Clinic admin")


def test_not_an_emergency_needs_a_reason() -> None:
    policy.check_outcome("reached", "")
    policy.check_outcome("not_emergency", "a test of the line")
    for outcome, reason in (("not_emergency", " "), ("", ""), ("nonsense", "x")):
        with pytest.raises(policy.Refused):
            policy.check_outcome(outcome, reason)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-5), "0:00"),
        (timedelta(seconds=42), "0:42"),
        (timedelta(minutes=59, seconds=59), "59:59"),
        (timedelta(hours=1, minutes=5), "1 h 05 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_ages_are_said_in_words(ago: timedelta, words: str) -> None:
    assert policy.age_words(NOW - ago, now=NOW) == words
