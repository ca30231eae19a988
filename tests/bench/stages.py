"""Where a turn's own time goes: each stage of the road by itself, in this process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from calls.dialogue import language, safety
from calls.dialogue.decide import decide, opening
from calls.dialogue.house import House
from calls.dialogue.types import Heard
from calls.twiml import Links, render
from calls.understanding import judge
from clinics.telephone import signature

WORDS = "i need a refill of my lisinopril at the walgreens on main street please"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/New_York"))
PARAMS = {f"Field{number}": "value" for number in range(20)} | {"SpeechResult": WORDS}


def milliseconds(deed: Callable[[], object], *, times: int = 200) -> float:
    """The median of so many runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def stages() -> dict[str, float]:
    """Milliseconds by stage, database and server left out."""
    house = House(name="Bench", clinic_line="+12025550199")
    start = opening(house, caller="+12025550142", now=NOW).state
    heard = Heard(words=WORDS, confidence=0.9)
    verdict, meaning = judge(start, heard, NOW)
    decision = decide(state=start, heard=heard, meaning=meaning, verdict=verdict, house=house, now=NOW)
    return {
        "signature": milliseconds(lambda: signature("https://bench.localhost/calls/voice/", PARAMS, token="t" * 32)),
        "safety rules": milliseconds(lambda: safety.find(WORDS, lang="en")),
        "understanding": milliseconds(lambda: language.understand(WORDS, lang="en", now=NOW)),
        "decision": milliseconds(
            lambda: decide(state=start, heard=heard, meaning=meaning, verdict=verdict, house=house, now=NOW)
        ),
        "TwiML": milliseconds(lambda: render(decision.reply, Links(turn="/calls/voice/x/turn/1/"))),
        "state to JSON": milliseconds(decision.state.to_json),
    }
