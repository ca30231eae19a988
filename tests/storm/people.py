"""Who is there during the storm: callers who wait for an answer, and the network that reports what became of texts."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit

from calls.simulator.far_end import FarEnd, Unreachable
from clinics.models import Clinic
from tests.storm.house import House
from tests.storm.weather import Weather

REPORTED = 0.8
LIMIT_SECONDS = 1.5


@dataclass
class Answers:
    """How long callers waited, and what they got; only answers while PostgreSQL and the web process were there."""

    seconds: list[float] = field(default_factory=list)
    while_frozen: list[float] = field(default_factory=list)
    errors: int = 0
    away: int = 0


def call_again_and_again(clinic: Clinic, house: House, weather: Weather, over: threading.Event) -> Answers:
    """One call after another, a turn every half second, over real sockets."""
    answers = Answers()

    def run() -> None:
        far_end = FarEnd(clinic, f"http://127.0.0.1:{house.port}")
        while not over.is_set():
            frozen, away = weather.frozen.is_set(), weather.database_away.is_set()
            began = time.monotonic()
            try:
                line, heard = far_end.ring(caller="+12025550142", dialled="+12025550120", drill=False)
                waited = [exchange.took_ms / 1000 for exchange in heard.exchanges]
                if line.action:
                    heard = far_end.say(line, "what are your opening hours")
                    waited += [exchange.took_ms / 1000 for exchange in heard.exchanges]
            except Unreachable:
                answers.away += 1
            else:
                away = away or weather.database_away.is_set() or "web" not in house.programs
                bad = [one for one in heard.exchanges if one.status >= 500]
                if not away:
                    answers.errors += len(bad)
                    answers.seconds += waited
                    if frozen and weather.frozen.is_set():
                        answers.while_frozen += waited
            over.wait(max(0.0, 0.5 - (time.monotonic() - began)))

    threading.Thread(target=run, name="callers", daemon=True).start()
    return answers


def report_statuses(house: House, chance: Random, over: threading.Event) -> None:
    """What the network says of accepted texts: late, in any order, some twice, some never."""
    told: set[str] = set()

    def run() -> None:
        while not over.is_set():
            for item in house.network.sent():
                if item.sid in told:
                    continue
                told.add(item.sid)
                if chance.random() < REPORTED:
                    stages = ["queued", "sent", "delivered", "delivered"]
                    chance.shuffle(stages)
                    for stage in stages[: chance.randint(1, 4)]:
                        _post(house, *house.network.reports(item, stage))
            over.wait(0.5)

    threading.Thread(target=run, name="reports", daemon=True).start()


def _post(house: House, url: str, params: dict[str, str], signature: str) -> None:
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
        connection.getresponse().read()
