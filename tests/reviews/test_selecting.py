"""Which calls of a week come up: the reasons, the sample, and that the list only grows while its week goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from calls.dialogue.types import FindingKind, Intent
from calls.models import Label, Stratum
from calls.reviews import labels, listing, selecting
from calls.reviews.figures import NAMES
from calls.reviews.selecting import Candidate, Sampling, chance, select, why

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
USUAL = Sampling(percent=5, least=10, most=60)


def calls(count: int, start: int = 0) -> list[Candidate]:
    return [Candidate(UUID(int=start + number), NOON) for number in range(count)]


def chosen(found: dict[UUID, str]) -> set[UUID]:
    return {call_id for call_id, group in found.items() if group == selecting.SAMPLED}


@pytest.mark.parametrize(
    ("raised", "outcome", "pilot", "group"),
    [
        ({"emergency"}, "escalated", False, "alarm"),
        ({"crisis", "not_understood"}, "escalated", True, "alarm"),
        ({"not_understood"}, "handed_over", False, "failed"),
        ({"model_unstable"}, "handed_over", False, "failed"),
        ({"too_long"}, "task", False, "failed"),
        ({"no_progress"}, "task", False, "failed"),
        (set(), "abandoned", False, "failed"),
        (set(), "failed", True, "failed"),
        ({"urgent"}, "task", True, "escalated"),
        ({"distress"}, "task", False, "escalated"),
        ({"human_request"}, "handed_over", False, "escalated"),
        ({"clinic_rule"}, "task", False, "escalated"),
        (set(), "task", True, "pilot"),
        (set(), "task", False, ""),
    ],
)
def test_why_a_call_comes_up(raised: set[str], outcome: str, pilot: bool, group: str) -> None:
    assert why(Candidate(UUID(int=1), NOON, outcome, frozenset(raised), pilot)) == group


def test_chance_is_the_same_for_everyone_and_even() -> None:
    drawn = [chance(call.id) for call in calls(4000)]

    assert drawn == [chance(call.id) for call in calls(4000)]
    assert 160 < sum(one < 0.05 for one in drawn) < 240
    assert all(0 <= one < 1 for one in drawn)


def test_a_share_is_sampled() -> None:
    found = select(calls(1000), USUAL, over=True, reviewed={})

    assert 30 < len(chosen(found)) <= 60
    assert all(chance(call_id) < 0.05 for call_id in chosen(found))


def test_a_quiet_week_is_filled_up_when_it_is_over_and_not_before() -> None:
    during = select(calls(40), USUAL, over=False, reviewed={})
    after = select(calls(40), USUAL, over=True, reviewed={})

    assert len(chosen(during)) < 10
    assert len(chosen(after)) == 10
    assert chosen(during) <= chosen(after)


def test_a_tiny_week_is_reviewed_whole() -> None:
    assert len(chosen(select(calls(7), USUAL, over=True, reviewed={}))) == 7


def test_the_sample_has_a_ceiling() -> None:
    assert len(chosen(select(calls(5000), USUAL, over=True, reviewed={}))) == 60


def test_the_list_only_grows_while_the_week_goes_on() -> None:
    before: set[UUID] = set()
    for count in (50, 200, 500, 900):
        now = chosen(select(calls(count), USUAL, over=False, reviewed={}))
        assert before <= now
        before = now


def test_what_was_reviewed_as_sampled_stays_sampled_under_a_smaller_share() -> None:
    all_calls = calls(400)
    sampled = chosen(select(all_calls, USUAL, over=True, reviewed={}))
    reviewed = dict.fromkeys(sampled, "sampled")

    assert chosen(select(all_calls, Sampling(1, 0, 60), over=True, reviewed=reviewed)) == sampled


def test_a_review_that_nothing_asked_for_is_a_group_of_its_own() -> None:
    all_calls = calls(200)
    left = next(one for one, group in select(all_calls, USUAL, over=True, reviewed={}).items() if not group)

    assert select(all_calls, USUAL, over=True, reviewed={left: "picked"})[left] == "picked"


# --- Weeks -----------------------------------------------------------------------------------------------------------
def test_a_week_begins_on_monday_at_midnight_of_the_clinic() -> None:
    monday = datetime(2026, 11, 16, tzinfo=NEW_YORK)

    assert selecting.week_of(monday, NEW_YORK) == "2026-W47"
    assert selecting.week_of(monday - timedelta(seconds=1), NEW_YORK) == "2026-W46"
    assert selecting.bounds("2026-W47", NEW_YORK)[0] == monday


def test_the_week_in_which_clocks_change_is_an_hour_longer() -> None:
    first, last = selecting.bounds("2026-W44", NEW_YORK)  # ends on Sunday, 1 November

    assert last - first == timedelta(days=7, hours=1)


def test_the_turn_of_the_year_belongs_to_the_iso_week() -> None:
    assert selecting.week_of(datetime(2027, 1, 1, 12, tzinfo=NEW_YORK), NEW_YORK) == "2026-W53"
    assert selecting.weeks_before("2027-W01", 3) == ["2026-W52", "2026-W53", "2027-W01"]


@pytest.mark.parametrize("text", ["", "2026-W00", "2026-W60", "2026W471", "20a6-W47", "2026-W4x"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        selecting.bounds(text, NEW_YORK)


# --- Words that must agree -------------------------------------------------------------------------------------------
def test_the_groups_are_the_models_and_each_has_a_name_and_a_place() -> None:
    assert set(listing.ORDER) == set(Stratum.values) == set(NAMES)


def test_every_finding_and_every_intent_has_a_label() -> None:
    assert set(labels.OF_FINDING) == set(FindingKind)
    assert set(labels.OF_INTENT) == set(Intent)
    assert {*labels.OF_FINDING.values(), *labels.OF_INTENT.values()} <= set(Label.values)
