"""A conversation with the pure dialogue: no database, no web. What a caller does is one short text a turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calls.dialogue.decide import decide, opening
from calls.dialogue.house import House
from calls.dialogue.reply import Decision, Escalate, WriteTask
from calls.dialogue.state import State
from calls.dialogue.types import Heard
from calls.understanding import judge

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/New_York"))
NORTHSIDE = House(
    name="Northside Clinic",
    clinic_line="+12025550199",
    opens_next={"en": "tomorrow at 8 AM", "es": "mañana a las 8 de la mañana"},
    facts={("hours", "en"): "We are open Monday to Friday.", ("hours", "es"): "Abrimos de lunes a viernes."},
)


@dataclass
class Talk:
    """One call. `say` takes words, "#123" for keys, "" for silence and "@no-answer" for how connecting ended."""

    house: House = NORTHSIDE
    caller: str = "+12025550142"
    now: datetime = MONDAY
    seconds_a_turn: int = 5
    decisions: list[Decision] = field(default_factory=list)
    tasks: list[WriteTask] = field(default_factory=list)
    escalations: list[Escalate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decisions.append(opening(self.house, caller=self.caller, now=self.now))

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    @property
    def state(self) -> State:
        return self.last.state

    @property
    def keys(self) -> list[str]:
        return [sentence.key for sentence in self.last.reply.say]

    def say(self, *utterances: str, confidence: float | None = 0.9) -> Talk:
        for text in utterances:
            self._turn(_heard(text, confidence))
        return self

    def _turn(self, heard: Heard) -> None:
        self.now += timedelta(seconds=self.seconds_a_turn)
        state = State.from_json(self.state.to_json())
        verdict, meaning = judge(state, heard, self.now)
        decision = decide(state=state, heard=heard, meaning=meaning, verdict=verdict, house=self.house, now=self.now)
        self.decisions.append(decision)
        self.tasks.extend(decision.tasks)
        self.escalations.extend(decision.escalations)


def closed(house: House = NORTHSIDE) -> House:
    return replace(house, is_open=False)


def _heard(text: str, confidence: float | None) -> Heard:
    if text.startswith("#"):
        return Heard(digits=text[1:])
    if text.startswith("@"):
        return Heard(dial=text[1:])
    return Heard(words=text, confidence=confidence)
