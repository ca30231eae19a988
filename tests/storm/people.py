"""Who is there during the storm: callers who wait for an answer, and the network that reports what became of texts."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import threading
import time
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit

from redis.exceptions import RedisError

from calls.simulator.far_end import FarEnd, Unreachable
from clinics.models import Clinic
from tests.far_ends.twilio_rest import Item
from tests.storm.house import House
from tests.storm.weather import Weather

REPORTED = 0.8
STAGES = ("queued", "sent", "delivered")
FLUSHED_EVERY = 4
LIMIT_SECONDS = 1.5


@dataclass
class Answers:
    """How long callers waited, and what they got; only answers while PostgreSQL and the web process were there."""

    seconds: list[float] = field(default_factory=list)
    while_frozen: list[float] = field(default_factory=list)
    errors: int = 0
    away: int = 0
    after_flush: list[str] = field(default_factory=list)
    undisturbed: list[str] = field(default_factory=list)


def call_again_and_again(clinic: Clinic, house: House, weather: Weather, over: threading.Event) -> Answers:
    """One call after another, a turn every half second, over real sockets; in every fourth Redis forgets on the way."""
    answers = Answers()
    calls = itertools.count()

    def run() -> None:
        far_end = FarEnd(clinic, f"http://127.0.0.1:{house.port}")
        while not over.is_set():
            frozen, away = weather.frozen.is_set(), weather.database_away.is_set()
            flushed, said = next(calls) % FLUSHED_EVERY == 0, ""
            began = time.monotonic()
            try:
                line, heard = far_end.ring(caller="+12025550142", dialled="+12025550120", drill=False)
                waited = [exchange.took_ms / 1000 for exchange in heard.exchanges]
                if line.action:
                    flushed = flushed and _flush(house)
                    heard = far_end.say(line, "what are your opening hours")
                    said = " ".join(heard.sentences)
                    waited += [exchange.took_ms / 1000 for exchange in heard.exchanges]
            except Unreachable:
                answers.away += 1
            else:
                away = away or weather.database_away.is_set() or "web" not in house.programs
                bad = [one for one in heard.exchanges if one.status >= 500]
                if not away:
                    answers.errors += len(bad)
                    answers.seconds += waited
                    if said and not bad:
                        (answers.after_flush if flushed else answers.undisturbed).append(said)
                    if frozen and weather.frozen.is_set():
                        answers.while_frozen += waited
            over.wait(max(0.0, 0.5 - (time.monotonic() - began)))

    threading.Thread(target=run, name="callers", daemon=True).start()
    return answers


def _flush(house: House) -> bool:
    """Empty Redis in the middle of a call; False where it cannot be asked."""
    try:
        return bool(house.valkey.client().flushall())
    except RedisError:
        return False


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
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("POST", parts.path, body=urlencode(params), headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 204
    return False
