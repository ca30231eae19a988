"""The rules of a handover, without a telephone: the machine, the order of ringing, and what is too alike for chance."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from calls.handover import documents, policy
from calls.handover.policy import Candidate
from calls.simulator.rules import faults

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_every_state_is_named_can_be_reached_and_leads_to_an_end() -> None:
    assert policy.MOVES.keys() == policy.STATES.keys()
    assert {state for state, after in policy.MOVES.items() if not after} == policy.OVER

    for state in policy.MOVES.keys() - policy.OVER:
        seen, left = set(), [state]
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left += policy.MOVES[one]
        assert seen & policy.OVER, state
    assert set().union(*policy.MOVES.values()) | {policy.REQUESTED} == policy.STATES.keys()


def test_from_every_state_in_which_a_caller_waits_they_can_come_back_or_hang_up() -> None:
    for state in policy.MOVES.keys() - policy.OVER - {policy.BRIDGED}:
        assert policy.MOVES[state] >= policy.OVER, state


def someone(name: str, *, place: int = 1, role: str = "staff", spanish: bool = False) -> Candidate:
    return Candidate(
        UUID(bytes=name.encode().ljust(16)), place, role, name, frozenset({"en", "es"} if spanish else {"en"})
    )


@pytest.mark.parametrize(
    ("language", "people", "rung"),
    [
        ("en", [someone("Bo", place=2), someone("Al")], ["Al", "Bo"]),
        (
            "en",
            [someone("Doc", role="doctor"), someone("Desk"), someone("Chief", role="admin")],
            ["Desk", "Doc", "Chief"],
        ),
        ("es", [someone("Desk"), someone("Doc", role="doctor", spanish=True)], ["Doc", "Desk"]),
        ("es", [someone("Ana", place=2, spanish=True), someone("Al")], ["Al", "Ana"]),
        ("en", [someone("Desk"), someone("Ana", role="doctor", spanish=True)], ["Desk", "Ana"]),
        ("en", [], []),
    ],
)
def test_people_are_rung_by_shift_then_language_then_role(
    language: str, people: list[Candidate], rung: list[str]
) -> None:
    for shuffled in (people, people[::-1]):
        assert policy.ring_order(shuffled, language=language) == [someone(name).id for name in rung]


def test_not_more_people_are_rung_than_a_caller_waits_for() -> None:
    people = [Candidate(uuid4(), 1, "staff", str(n), frozenset({"en"})) for n in range(30)]

    rung = policy.ring_order(people, language="en")

    assert len(rung) * policy.RING_SECONDS < policy.WAIT_SECONDS


@pytest.mark.parametrize(
    ("lengths", "at"),
    [
        ([30, 31, 30, 29, 200, 90, 340, 61, 77, 12], 29),
        ([300, 30, 120, 30, 45, 30, 90, 33, 10, 400], 30),
        ([30, 30, 30], None),
        ([30, 34, 38, 42, 46, 50, 54, 58, 62, 66], None),
        ([], None),
        ([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 30, 30, 30, 30], None),
    ],
)
def test_conversations_of_one_length_are_a_fault(lengths: list[int], at: int | None) -> None:
    assert policy.cut_off_at(lengths) == at


def test_cut_offs_of_every_second_call_are_noticed_within_ten_and_chance_is_not() -> None:
    chance = random.Random(7)

    def talk() -> int:
        return round(chance.lognormvariate(4.8, 0.9))

    cut = [[31 if n % 9 < 5 else talk() for n in range(10)] for _ in range(200)]  # 56 of 100, as it was in the field
    healthy = [[talk() for _ in range(10)] for _ in range(1000)]

    assert all(policy.cut_off_at(some) is not None for some in cut)
    assert sum(policy.cut_off_at(some) is not None for some in healthy) < 50


def test_somebody_who_is_asked_for_too_long_is_lost() -> None:
    late = NOW + timedelta(seconds=policy.LOST_SECONDS + 1)

    assert policy.is_lost(state=policy.RINGING, since=NOW, now=late)
    assert not policy.is_lost(state=policy.RINGING, since=NOW, now=NOW + timedelta(seconds=policy.RING_SECONDS))
    assert not policy.is_lost(state=policy.BRIDGED, since=NOW, now=late)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("about", [*documents.ABOUT, "general", "unclear"])
def test_a_briefing_takes_ten_seconds_at_most(lang: str, about: str) -> None:
    document = documents.brief(lang=lang, clinic="Northside Clinic", about=about, speaks="es", key="/key/")

    assert faults(document) == []
    words = document.partition("</Say>")[0].rpartition(">")[2].split()
    assert len(words) <= 38  # a voice says about four words a second
