"""Callers on keep-alive connections: each plays a call again and again and notes how long every answer took."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from calls.simulator.far_end import FarEnd, Line
from clinics.models import Clinic

SCRIPT = (
    "i need a refill of my lisinopril",
    "the walgreens on main street",
    "maria alvarez",
    "yes",
    "march fourth nineteen eighty two",
    "yes",
    "yes please",
    "no that is all thank you",
)


@dataclass
class Times:
    """Seconds of each answer, and the wall time of all of them."""

    answers: list[float] = field(default_factory=list)
    wall: float = 0.0
    failed: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds under which this share of the answers came."""
        ordered = sorted(self.answers)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median(self) -> float:
        return self.percentile(0.5)

    @property
    def per_second(self) -> float:
        return len(self.answers) / self.wall if self.wall else 0.0


class Wire(FarEnd):
    """The far end over one connection that stays open, timing what is between request and answer."""

    def __init__(self, clinic: Clinic, port: int, times: Times) -> None:
        super().__init__(clinic, f"http://127.0.0.1:{port}")
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        self.times = times
        self.measuring = False

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        began = time.perf_counter()
        self.connection.request("POST", path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        took = time.perf_counter() - began
        if "/turn/" in path or path == "/bare/":
            self.times.answers.append(took)
            self.times.failed += answer.status != 200
        return answer.status, text


def one_call(wire: Wire, number: str, pause: float) -> None:
    """A whole call: the greeting and the goodbye are not timed, every turn is."""
    line, _ = wire.ring(caller="+12025550142", dialled=number, test=False)
    for words in SCRIPT:
        if line.over:
            break
        if pause:
            time.sleep(pause)
        wire.say(line, words)
    if not line.over:
        wire.hang_up(line)


def bare_requests(wire: Wire, number: str, pause: float) -> None:
    """As many requests to the bare view as a call has turns: the same fields, and the same work for the caller."""
    line = Line(sid=f"CA{secrets.token_hex(16)}", caller="+12025550142", dialled=number, test=False)
    for words in SCRIPT:
        if pause:
            time.sleep(pause)
        wire._post(line, "/bare/", {"CallStatus": "in-progress", "SpeechResult": words, "Confidence": "0.9300"})


def play(
    deed: Callable[[Wire, str, float], None], clinic: Clinic, port: int, *, callers: int, rounds: int, pause: float = 0
) -> Times:
    """So many callers at once, each with so many rounds; `pause` is the seconds a caller speaks before each answer.

    They begin spread over one pause: twenty people who talk do not fall silent in the same millisecond each time.
    """
    number = clinic.lines.get().number
    parts = [Times() for _ in range(callers)]

    def run(times: Times, late: float) -> None:
        wire = Wire(clinic, port, times)
        time.sleep(late)
        for _ in range(rounds):
            deed(wire, number, pause)

    threads = [threading.Thread(target=run, args=(times, pause * place / callers)) for place, times in enumerate(parts)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = Times(wall=time.perf_counter() - began)
    for times in parts:
        together.answers.extend(times.answers)
        together.failed += times.failed
    return together
