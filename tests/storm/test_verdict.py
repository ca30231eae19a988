"""The storm's verdict on callers: who was forgotten is found, and who met a PostgreSQL that was away is not counted."""

from __future__ import annotations

import threading
from random import Random
from types import SimpleNamespace

import pytest

from calls.dialogue.wording import speak
from tests.storm.people import Told
from tests.storm.verdict import NEXT, lost_calls, slowest
from tests.storm.weather import RECOVERED_SECONDS, Weather

GONE_ON = f"CVS. {NEXT}"
FORGOTTEN = {
    "who was taken for a new caller": speak("ask.how", "en").text,
    "who was connected to a person for want of anything better": speak("person.failed_turn", "en").text,
    "whose call was not known at all": "404",
    "who heard nothing": "",
}


def told(heard: str, *, flushed: bool = True, at: float = 0.0) -> Told:
    return Told(at, at + 1, heard, flushed)


@pytest.mark.parametrize("who", FORGOTTEN)
def test_a_caller_is_forgotten(who: str) -> None:
    calls = [told(GONE_ON), told(FORGOTTEN[who]), told(GONE_ON, flushed=False)]

    assert lost_calls(calls, flushed=True) == [FORGOTTEN[who]]
    assert lost_calls(calls, flushed=False) == []


def test_callers_are_not_measured_by_what_most_of_them_heard() -> None:
    calls = [told(FORGOTTEN["who was taken for a new caller"], flushed=flushed) for flushed in (True, False)]

    assert len(lost_calls(calls, flushed=True)) == len(lost_calls(calls, flushed=False)) == 1


def test_a_call_is_left_out_when_postgresql_was_away_at_any_moment_of_it() -> None:
    weather = Weather(SimpleNamespace(crash_postgres=lambda: None), seconds=60, chance=Random(1))  # type: ignore[arg-type]
    weather._crash("postgres")
    gone, back = weather.outages[0]

    assert weather.was_away(gone - 1, back + 1), "it went and came back while the caller waited"
    assert weather.was_away(gone - 1, gone + 0.001)
    assert weather.was_away(back - 0.001, back + 9)
    assert not weather.was_away(gone - 9, gone - 0.001)
    assert not weather.was_away(back + 0.001, back + 9)
    assert back - gone < RECOVERED_SECONDS + 1


def test_a_crash_that_lasts_has_no_end_yet() -> None:
    away, end = threading.Event(), threading.Event()
    house = SimpleNamespace(crash_postgres=lambda: (away.set(), end.wait(10)))
    weather = Weather(house, seconds=60, chance=Random(1))  # type: ignore[arg-type]
    crash = threading.Thread(target=weather._crash, args=("postgres",))
    crash.start()
    away.wait(10)

    began = weather.outages[0][0]
    assert weather.was_away(began + 1000, began + 1001)
    end.set()
    crash.join()
    assert not weather.was_away(began + 1000, began + 1001)


def test_an_answer_with_a_frozen_redis_is_held_against_the_others_of_its_storm() -> None:
    """A busy machine is late with all of them; who waits for a Redis that does not answer waits longer than that."""
    assert slowest([1.4], [0.2])[1]
    assert slowest([1.9], [1.2])[1]
    assert not slowest([1.9], [0.2])[1]
    assert not slowest([2.5], [1.2])[1]
    assert not slowest([], [0.2])[1], "nobody called"
