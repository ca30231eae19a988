"""The standard ladder is sound, and a clinic's times stay within their bounds and in order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from clinics.practice import ladder
from notifications.kinds import TABLE
from notifications.routing import channels_of


def test_the_standard_is_within_its_own_bounds_and_in_order() -> None:
    for level, stages in ladder.STANDARD.items():
        assert ladder.problems({level: {stage.name: stage.after for stage in stages}}) == []
        assert all(one.after < other.after for one, other in pairwise(stages))
        assert len({stage.name for stage in stages}) == len(stages)


def test_every_channel_of_a_step_is_one_that_its_announcement_offers() -> None:
    for stages in ladder.STANDARD.values():
        for stage in stages:
            kind = "escalation.unanswered" if stage.name == ladder.LAST else "escalation.step"
            assert set(stage.channels) <= set(channels_of(TABLE[kind]))


def test_urgent_is_slower_than_emergency_at_every_step() -> None:
    for quick, slow in zip(ladder.STANDARD["emergency"][1:], ladder.STANDARD["urgent"][1:], strict=True):
        assert quick.name == slow.name
        assert quick.after < slow.after


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ({"emergency": {"text": 60}}, ""),
        ({}, ""),
        ([], "Give the seconds of each step per level."),
        ({"emergency": 5}, "Give the seconds of each step per level."),
        ({"panic": {}}, "There is no level called panic."),
        ({"emergency": {"pigeon": 60}}, "The emergency ladder has no step called pigeon."),
        ({"emergency": {"text": 59}}, "Emergency, text: choose 1 minute to 4 minutes."),
        ({"emergency": {"text": 241}}, "Emergency, text: choose 1 minute to 4 minutes."),
        ({"emergency": {"text": "60"}}, "Emergency, text: choose 1 minute to 4 minutes."),
        ({"emergency": {"text": True}}, "Emergency, text: choose 1 minute to 4 minutes."),
        ({"emergency": {"portal": 5}}, "Emergency, portal: choose 0 seconds to 0 seconds."),
        ({"emergency": {"text": 200, "ring": 90}}, "Emergency: ring cannot come before text."),
        ({"attention": {"text": 60}}, "The attention ladder has no step called text."),
    ],
)
def test_a_clinics_times_stay_within_bounds(times: object, sentence: str) -> None:
    assert ladder.problems(times) == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (45, "45 seconds"),
        (60, "1 minute"),
        (90, "1 min 30 s"),
        (600, "10 minutes"),
        (3600, "1 hour"),
        (7200, "2 hours"),
        (4500, "1 h 15 min"),
    ],
)
def test_lengths_of_time_are_said_in_words(seconds: int, words: str) -> None:
    assert ladder.words(seconds) == words


def test_the_last_alarm_repeats_every_five_minutes_and_after_an_hour_every_half_hour() -> None:
    assert [ladder.again_after(n) for n in (1, 12, 13, 500)] == [300, 300, 1800, 1800]
