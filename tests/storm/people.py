"""Who is there during the storm: callers who wait for an answer, and the network that reports what became of texts."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit

from calls.simulator.far_end import Exchange, FarEnd, Unreachable
from clinics.models import Clinic
from tests.far_ends.twilio_rest import Item
from tests.storm.house import House
from tests.storm.weather import Weather

REPORTED = 0.8
STAGES = ("queued", "sent", "delivered")
FLUSHED_EVERY = 4
LIMIT_SECONDS = 1.5
FROZEN_SECONDS = 1.0
"""How much longer than any other an answer may take while Redis is frozen: its socket timeouts, and no more."""

SAYS = ("i need a refill of metformin", "cvs")
"""What every caller says. Who has forgotten the first sentence cannot make sense of the second."""


@dataclass(frozen=True)
class Told:
    """One call: from when to when on the monotonic clock, what its caller heard last, and what was done to it.

    `heard` is the status of the answer where it was no document.
    """

    began: float
    ended: float
    heard: str
    flushed: bool


@dataclass
class Answers:
    """How long callers waited, and what they got, wherever PostgreSQL was there all the time."""

    while_well: list[float] = field(default_factory=list)
    while_frozen: list[float] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    away: int = 0


def call_again_and_again(clinic: Clinic, house: House, weather: Weather, over: threading.Event) -> Answers:
    """One call after another over real sockets; in every fourth Redis forgets on the way.

    The two sentences of a call reach different web processes: what one of them remembers helps the other nothing.
    """
    answers = Answers()
    calls = itertools.count()

    def run() -> None:
        first, second = (FarEnd(clinic, f"http://127.0.0.1:{port}") for port in house.ports.values())
        while not over.is_set():
            began, frozen = time.monotonic(), weather.frozen.is_set()
            flush = house.flush if next(calls) % FLUSHED_EVERY == 0 else lambda: False
            try:
                heard, exchanges, flushed = _one_call(first, second, between=flush)
            except Unreachable:
                answers.away += 1
            else:
                told = Told(began, time.monotonic(), heard, flushed)
                if not weather.was_away(told.began, told.ended):
                    waited = [exchange.took_ms / 1000 for exchange in exchanges]
                    answers.told.append(told)
                    if frozen and weather.frozen.is_set():
                        answers.while_frozen += waited
                    elif not frozen and not weather.frozen.is_set():
                        answers.while_well += waited
            over.wait(max(0.0, 0.5 - (time.monotonic() - began)))

    threading.Thread(target=run, name="callers", daemon=True).start()
    return answers


def _one_call(first: FarEnd, second: FarEnd, *, between: Callable[[], bool]) -> tuple[str, list[Exchange], bool]:
    """What the caller heard last, every exchange, and whether what lies `between` the two sentences was done."""
    line, heard = first.ring(caller="+12025550142", dialled="+12025550120", drill=False)
    exchanges, done = list(heard.exchanges), False
    for far_end, words, deed in zip((first, second), SAYS, (lambda: False, between), strict=True):
        if line.action:
            done = deed()
            heard = far_end.say(line, words)
            exchanges += heard.exchanges
    return " ".join(heard.sentences) or str(exchanges[-1].status), exchanges, done


class Reports:
    """What the network says of accepted texts: late, in any order, some twice, some never.

    `heard` is the furthest stage of each text that the web process has taken.
    """

    def __init__(self, house: House, chance: Random, over: threading.Event) -> None:
        self.house, self.chance, self.over = house, chance, over
        self.heard: dict[str, str] = {}
        self.thread = threading.Thread(target=self._run, name="reports", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        told: set[str] = set()
        while not self.over.is_set():
            for item in self.house.network.sent():
                if item.sid not in told:
                    told.add(item.sid)
                    self._tell(item)
            self.over.wait(0.5)

    def _tell(self, item: Item) -> None:
        if self.chance.random() >= REPORTED:
            return
        stages = [*STAGES, STAGES[-1]]
        self.chance.shuffle(stages)
        for stage in stages[: self.chance.randint(1, 4)]:
            if _post(self.house, *self.house.network.reports(item, stage)):
                self.heard[item.sid] = max(self.heard.get(item.sid, ""), stage, key=("", *STAGES).index)


def _post(house: House, url: str, params: dict[str, str], signature: str) -> bool:
    """Whether the report was taken."""
    parts = urlsplit(url)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature,
        "X-Forwarded-Proto": parts.scheme,
    }
    connection = http.client.HTTPConnection("127.0.0.1", house.ports["web"], timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("POST", parts.path, body=urlencode(params), headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 204
    return False
