"""Recall and false alarms from reviewed calls: each group by its own weight, and no figure where there is none."""

from __future__ import annotations

import pytest

from calls.dialogue.safety.measuring import Share
from calls.reviews.figures import Figures, Group, counted, of_week, together


def week(*groups: Group) -> Figures:
    return Figures(groups)


ALL_SEEN = week(
    Group("alarm", 10, reviewed=10, caught=8, false=2),
    Group("escalated", 20, reviewed=20),
    Group("sampled", 40, reviewed=40, missed=2),
)


@pytest.mark.parametrize(
    ("group", "verdict", "label", "finding", "what"),
    [
        ("alarm", "correct", "emergency", "emergency", "caught"),
        ("alarm", "wrong_intent", "refill", "", "caught"),
        ("alarm", "false_alarm", "other", "emergency", "false"),
        ("alarm", "false_alarm", "other", "crisis", "false"),
        ("alarm", "false_alarm", "other", "urgent", "caught"),
        ("alarm", "false_alarm", "emergency", "emergency", "caught"),
        ("alarm", "missed", "emergency", "", "missed"),
        ("alarm", "missed", "refill", "", "caught"),
        ("sampled", "missed", "emergency", "", "missed"),
        ("sampled", "missed", "urgent", "", "neither"),
        ("escalated", "false_alarm", "other", "urgent", "neither"),
        ("failed", "correct", "", "", "neither"),
    ],
)
def test_what_a_review_counts_as(group: str, verdict: str, label: str, finding: str, what: str) -> None:
    assert counted(group=group, verdict=verdict, true_label=label, finding=finding) == what


def test_with_every_call_reviewed_the_figures_are_the_plain_ones() -> None:
    assert ALL_SEEN.recall.point == pytest.approx(0.8)
    assert (ALL_SEEN.recall.low, ALL_SEEN.recall.high) == pytest.approx(Share(8, 10).interval)
    assert ALL_SEEN.false_alarm_rate.point == pytest.approx(2 / 60)
    assert ALL_SEEN.alarms == Share(2, 10)


def test_a_sampled_miss_stands_for_its_whole_group() -> None:
    found = week(Group("alarm", 9, reviewed=9, caught=9), Group("sampled", 100, reviewed=10, missed=1))

    assert found.recall.point == pytest.approx(9 / 19)  # one of ten sampled is ten of a hundred
    assert found.recall.low < 0.2
    assert found.recall.high > 0.85


def test_without_weights_the_same_reviews_would_look_far_better() -> None:
    found = week(Group("alarm", 9, reviewed=9, caught=9), Group("sampled", 1000, reviewed=50, missed=1))

    assert found.caught / (found.caught + found.missed) == 0.9
    assert found.recall.point == pytest.approx(9 / 29)


def test_a_sample_without_a_miss_still_leaves_room_for_one() -> None:
    small = week(Group("alarm", 5, reviewed=5, caught=5), Group("sampled", 500, reviewed=10))
    large = week(Group("alarm", 5, reviewed=5, caught=5), Group("sampled", 500, reviewed=400))

    assert small.recall.point == large.recall.point == 1
    assert small.recall.low < 0.05
    assert small.recall.low < large.recall.low <= Share(5, 5).interval[0]


@pytest.mark.parametrize("name", ["alarm", "escalated", "failed", "pilot", "sampled"])
def test_a_group_without_a_review_leaves_recall_unknown_and_says_which(name: str) -> None:
    groups = [group for group in ALL_SEEN.groups if group.name != name]
    found = week(*groups, Group(name, 3))

    assert not found.recall.known
    assert "without a review" in found.recall.unknown
    assert found.not_reviewed == (name,)


def test_false_alarms_are_known_once_the_alarms_are_reviewed() -> None:
    assert not week(Group("alarm", 2), Group("sampled", 100, reviewed=100)).false_alarm_rate.known
    found = week(Group("alarm", 2, reviewed=2, false=1, caught=1), Group("sampled", 99)).false_alarm_rate

    assert found.point == pytest.approx(1 / 100)
    assert found.low < 0.01 < found.high


def test_a_week_without_alarms_has_no_false_ones() -> None:
    rate = week(Group("sampled", 100, reviewed=10)).false_alarm_rate

    assert (rate.point, rate.known) == (0, True)
    assert rate.high == pytest.approx(Share(0, 100).interval[1])


def test_no_emergency_among_the_reviewed_is_no_recall() -> None:
    assert week(Group("sampled", 10, reviewed=10)).recall.unknown == "No emergency among the reviewed calls."
    assert week().recall.unknown == "No calls."


def test_the_interval_always_holds_the_estimate_and_the_plain_one() -> None:
    for caught in range(6):
        for missed in range(4):
            for size in (20, 60, 2000):
                found = week(
                    Group("alarm", 8, reviewed=6, caught=caught, false=6 - caught),
                    Group("sampled", size, reviewed=20, missed=missed),
                )
                if not found.recall.known:
                    continue
                low, high = Share(caught, caught + missed).interval
                assert 0 <= found.recall.low <= min(low, found.recall.point) + 1e-9
                assert max(high, found.recall.point) - 1e-9 <= found.recall.high <= 1


def test_weeks_together_keep_their_own_weights_and_narrow_the_interval() -> None:
    one = week(Group("alarm", 6, reviewed=6, caught=6), Group("sampled", 200, reviewed=100))
    twelve = together([one] * 12)

    assert (twelve.calls, twelve.reviewed) == (12 * 206, 12 * 106)
    assert twelve.recall.point == 1
    assert twelve.recall.low > one.recall.low


def test_a_week_is_counted_from_its_calls_and_reviews() -> None:
    found = of_week(["alarm", "", "", "sampled", "failed"], [("alarm", "caught"), ("sampled", "missed")])

    assert found.groups == (
        Group("alarm", 1, 1, caught=1), Group("failed", 1), Group("sampled", 3, 1, missed=1),
    )  # fmt: skip
