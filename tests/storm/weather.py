"""The faults: when each thing is killed, flushed, frozen or crashed, and how the network treats a request."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.far_ends.twilio_rest import BUSY, DROPPED, FAILED, FAILED_AFTER, GARBLED, GOOD, RESET, Mood, late, refused
from tests.storm.house import House

TOO_LATE = 18.0
"""Seconds after which the network accepts what its sender has given up on: beyond the hard deadline of 15."""

RECOVERED_SECONDS = 3.0
"""So soon after PostgreSQL is back every web process has its connections again (cliniqai/postgresql)."""

NOT_ALLOWED = refused(21408, 403)
NOT_ALLOWED_EVERY = 100
"""Every so many texts is refused for good and becomes a dead letter, which is replayed when the storm is over."""

MOODS: tuple[tuple[float, Mood], ...] = (
    (0.012, DROPPED),
    (0.004, RESET),
    (0.005, FAILED_AFTER),
    (0.005, FAILED),
    (0.011, BUSY),
    (0.003, GARBLED),
    (0.0005, late(TOO_LATE)),
)
"""Shares of all requests, about those of the trial in which the outbox was designed, and some more."""


def moody(chance: Random) -> Callable[[dict[str, str]], Mood]:
    """Draw how the next request is treated."""
    lock, texts = threading.Lock(), itertools.count(1)

    def draw(_form: dict[str, str]) -> Mood:
        with lock:
            left, number = chance.random(), next(texts)
        if number % NOT_ALLOWED_EVERY == 0:
            return NOT_ALLOWED
        for share, mood in MOODS:
            left -= share
            if left < 0:
                return mood
        return GOOD

    return draw


class Weather:
    """Faults on a timetable that is the same for the same seed; counts what it has done."""

    def __init__(self, house: House, *, seconds: float, chance: Random) -> None:
        self.house, self.chance = house, chance
        self.done: Counter[str] = Counter()
        self.frozen = threading.Event()
        self.outages: list[tuple[float, float]] = []
        self.last_fault = time.monotonic()
        self.plan = self._timetable(seconds)

    def _timetable(self, seconds: float) -> list[tuple[float, str]]:
        """How often per ten minutes; every fault comes at least once, however short the storm."""
        often = {
            "kill worker": 12, "kill worker_urgent": 8, "kill worker_bulk": 14, "kill sweeper": 12, "kill web": 6,
            "flush redis": 10, "kill redis": 3, "freeze redis": 2, "crash postgres": 4,
        }  # fmt: skip
        plan = []
        for what, times in often.items():
            for _ in range(max(1, round(times * seconds / 600))):
                plan.append((self.chance.uniform(5, max(6.0, seconds - 5)), what))
        return sorted(plan)

    def blow(self) -> None:
        """Do it all, one after the other; returns after the last."""
        began = time.monotonic()
        for at, what in self.plan:
            time.sleep(max(0.0, began + at - time.monotonic()))
            verb, name = what.split(" ", 1)
            getattr(self, f"_{verb}")(name)
            self.done[what] += 1
            self.last_fault = time.monotonic()

    def _kill(self, name: str) -> None:
        if name == "redis":
            self.house.valkey.kill()
            time.sleep(4)
            self.house.valkey.start()
            return
        self.house.kill(name)
        time.sleep(self.chance.uniform(0, 1.5))
        self.house.start(name)

    def _flush(self, _name: str) -> None:
        self.house.valkey.client().flushall()

    def _freeze(self, _name: str) -> None:
        end = time.monotonic() + 30
        while not self.house.web_answers() and time.monotonic() < end:  # callers who meet nobody measure nothing
            time.sleep(0.1)
        self.frozen.set()
        self.house.valkey.freeze()
        try:
            time.sleep(10)
        finally:
            self.house.valkey.thaw()
            self.frozen.clear()

    def _crash(self, _name: str) -> None:
        began = time.monotonic()
        self.outages.append((began, math.inf))
        self.house.crash_postgres()
        self.outages[-1] = began, time.monotonic() + RECOVERED_SECONDS

    def was_away(self, began: float, ended: float) -> bool:
        """Whether PostgreSQL was away at any moment from the one to the other, on the monotonic clock."""
        return any(gone < ended and began < back for gone, back in self.outages)
