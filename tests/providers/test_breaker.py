"""A failing provider is left alone for a while, and then one request of all processes tries it."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest

from clinics.providers import breakers
from clinics.providers.policy import (
    KEPT,
    LONGEST_OPEN_SECONDS,
    OPEN_SECONDS,
    OPENS_AFTER,
    OPENS_AFTER_ALONE,
    PROBE_SECONDS,
    WINDOW_SECONDS,
    Breaker,
    admit,
    note,
)

NOW = 1_000_000.0
NAME = "test-speech"


def after(ends: str, *, step: float = 1.0, alone: bool = False) -> Breaker:
    """The breaker after requests that ended so, one a step: "x" failed, "." answered."""
    breaker = Breaker()
    for place, end in enumerate(ends):
        breaker = note(breaker, answered=end == ".", now=NOW + place * step, alone=alone)
    return breaker


@pytest.mark.parametrize(
    ("ends", "closed"),
    [
        ("x" * (OPENS_AFTER - 1), True),
        ("x" * OPENS_AFTER, False),
        ("xxxx.xxxx", True),
        (".x" * (KEPT // 2), False),
        ("..x" * (KEPT // 2), True),
        ("." * 50, True),
    ],
)
def test_it_opens_after_five_in_a_row_or_half_of_twenty(ends: str, closed: bool) -> None:
    assert after(ends).closed is closed


def test_what_is_older_than_the_window_is_forgotten() -> None:
    assert after("x" * 20, step=WINDOW_SECONDS / (OPENS_AFTER - 1)).closed


def test_alone_it_opens_sooner() -> None:
    assert not after("x" * OPENS_AFTER_ALONE, alone=True).closed


def test_one_tries_again_and_mends_it_or_makes_it_wait_twice_as_long() -> None:
    opened = after("x" * OPENS_AFTER, step=0)
    assert not admit(opened, NOW + OPEN_SECONDS - 1)[1]

    probing, first = admit(opened, NOW + OPEN_SECONDS)
    assert first
    assert not admit(probing, NOW + OPEN_SECONDS + 1)[1]
    assert note(probing, answered=True, now=NOW + OPEN_SECONDS + 1) == Breaker()

    waits = []
    breaker, now = opened, NOW + OPEN_SECONDS
    for _ in range(6):
        breaker, _ = admit(breaker, now)
        breaker = note(breaker, answered=False, now=now)
        waits.append(breaker.open_until - now)
        now = breaker.open_until
    assert waits == [60, 120, 240, 300, 300, 300]
    assert max(waits) == LONGEST_OPEN_SECONDS


def test_a_probe_that_is_lost_is_not_waited_for() -> None:
    probing, _ = admit(after("x" * OPENS_AFTER, step=0), NOW + OPEN_SECONDS)

    assert admit(probing, NOW + OPEN_SECONDS + PROBE_SECONDS)[1]


def test_an_answer_from_before_it_opened_does_not_close_it() -> None:
    opened = after("x" * OPENS_AFTER, step=0)

    assert note(opened, answered=True, now=NOW + 1) == opened


def test_it_is_the_same_after_a_round_trip() -> None:
    probing, _ = admit(after("x" * OPENS_AFTER), NOW + 2 * OPEN_SECONDS)

    assert Breaker.from_json(probing.to_json()) == probing
    assert Breaker.from_json(after("x..x").to_json()) == after("x..x")


# --- Shared ----------------------------------------------------------------------------------------------------------
def _fail(times: int) -> None:
    for _ in range(times):
        breakers.tell(NAME, answered=False)


def test_five_failures_of_several_processes_open_it_for_all() -> None:
    context = multiprocessing.get_context("fork")
    for times in (2, 3):
        process = context.Process(target=_fail_in_a_process, args=(times,))
        process.start()
        process.join()
        assert process.exitcode == 0

    assert not breakers.may_ask(NAME)
    assert not breakers.standing(NAME).closed


def _fail_in_a_process(times: int) -> None:
    breakers._redis.cache_clear()  # a connection that came through a fork is the parent's
    _fail(times)


def test_of_all_that_ask_at_once_one_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    _fail(OPENS_AFTER)
    later = breakers.time.time() + OPEN_SECONDS + 1
    monkeypatch.setattr(breakers.time, "time", lambda: later)

    with ThreadPoolExecutor(16) as pool:
        let = list(pool.map(lambda _: breakers.may_ask(NAME), range(32)))

    assert let.count(True) == 1
    breakers.tell(NAME, answered=True)
    assert breakers.may_ask(NAME)


def test_without_redis_a_process_judges_alone_and_sooner(settings: object) -> None:
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    breakers._redis.cache_clear()
    try:
        assert breakers.may_ask(NAME)
        _fail(OPENS_AFTER_ALONE)
        assert not breakers.may_ask(NAME)
    finally:
        breakers._redis.cache_clear()


def test_what_cannot_be_read_counts_as_new() -> None:
    breakers._redis().set(f"breaker:{NAME}", b"{half", ex=10)

    assert breakers.may_ask(NAME)
    _fail(1)
    assert len(breakers.standing(NAME).recent) == 1
