"""The table of announcements, walked row by row, and the pure rules that read it."""

from __future__ import annotations

import re
import uuid

import pytest

from clinics.people.roles import Permission, Role, allows
from notifications import delivery
from notifications.kinds import TABLE, Kind, Lane, title
from notifications.policy import BACKOFF_SECONDS, Next, Outcome, Result, after, backoff
from notifications.routing import CHANNELS, Policy, plan
from notifications.stream import KIND

ALICE, BOB = uuid.uuid4(), uuid.uuid4()


@pytest.mark.parametrize("name", TABLE)
def test_every_kind_is_complete(name):
    kind = TABLE[name]
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
    assert re.fullmatch(KIND, name)
    assert len(name) <= 60
    assert isinstance(kind.lane, Lane)
    assert kind.channels
    assert set(kind.channels) <= set(CHANNELS)
    assert len(kind.channels) == len(set(kind.channels))
    assert 1 <= kind.expires_after_minutes <= 30 * 24 * 60
    assert kind.roles <= set(Role) - {Role.OPERATOR}


@pytest.mark.parametrize("name", TABLE)
def test_every_title_is_neutral_and_short_in_both_languages(name):
    assert set(TABLE[name].title) == {"en", "es"}
    for words in TABLE[name].title.values():
        assert 3 <= len(words) <= 60
        assert not re.search(r"[{}%$\d@+]", words), "a title takes no values: they could be a patient's"


@pytest.mark.parametrize("name", TABLE)
def test_whoever_hears_a_kind_may_see_notifications(name):
    assert all(allows(role, Permission.SEE_NOTIFICATIONS) for role in TABLE[name].roles)


@pytest.mark.parametrize("name", TABLE)
def test_every_kind_has_a_road_that_ends_at_a_channel(name):
    for planned in plan(TABLE[name], people=[ALICE]):
        assert planned.channel in {**delivery.WRITERS, **delivery.SENDERS}
        assert (planned.channel in delivery.WRITERS) == (planned.policy is Policy.IN_DB)
        assert (planned.person is None) != CHANNELS[planned.channel].to_people
        assert 1 <= planned.lives_minutes <= TABLE[name].expires_after_minutes


@pytest.mark.parametrize(
    "name", [name for name in TABLE if name.startswith("escalation.") and name != "escalation.attention"]
)
def test_what_may_be_an_emergency_takes_the_urgent_lane(name):
    assert TABLE[name].lane is Lane.URGENT


def test_everyone_hears_of_an_emergency():
    assert TABLE["escalation.raised"].roles == {Role.STAFF, Role.DOCTOR, Role.ADMIN}


def test_a_kind_of_another_release_has_a_title_all_the_same():
    assert title("task.of_tomorrow") == "Notification"
    assert title("task.opened", "es") == "Nueva tarea"
    assert title("task.opened", "fr") == "New task"


def test_each_person_hears_once_and_the_clinics_stream_once():
    planned = plan(TABLE["task.opened"], people=[ALICE, BOB, ALICE])
    assert [(one.person, one.channel) for one in planned] == [(ALICE, "inbox"), (BOB, "inbox"), (None, "browser")]


def test_nobody_to_hear_still_tells_the_stream():
    assert [one.channel for one in plan(TABLE["task.opened"], people=[])] == ["browser"]


def test_a_channels_life_caps_the_kinds():
    kind = Kind(frozenset(), ("inbox", "browser"), Lane.NORMAL, 60, {"en": "x", "es": "x"})
    assert {one.channel: one.lives_minutes for one in plan(kind, people=[ALICE])} == {"inbox": 60, "browser": 2}


@pytest.mark.parametrize(("attempt", "seconds"), [*enumerate(BACKOFF_SECONDS, start=1), (8, 18000), (99, 18000)])
def test_the_backoff_is_the_table_spread_by_a_fifth(attempt, seconds):
    assert backoff(attempt, chance=0.0) == pytest.approx(seconds * 0.8)
    assert backoff(attempt, chance=0.5) == pytest.approx(seconds)
    assert backoff(attempt, chance=1.0) == pytest.approx(seconds * 1.2)


@pytest.mark.parametrize(
    ("result", "attempts", "follows"),
    [
        (Result.SENT, 1, Next("sent")),
        (Result.REFUSED, 1, Next("dead")),
        (Result.UNKNOWN, 1, Next("unknown", 120.0)),
        (Result.RETRY, 1, Next("pending", 5.0)),
        (Result.RETRY, 7, Next("pending", 18000.0)),
        (Result.RETRY, 8, Next("dead")),
    ],
)
def test_what_follows_a_try(result, attempts, follows):
    assert after(Outcome(result), attempts=attempts, max_attempts=8, chance=0.5) == follows


def test_every_result_has_a_consequence():
    for result in Result:
        assert after(Outcome(result), attempts=1, max_attempts=8, chance=0.5).state
