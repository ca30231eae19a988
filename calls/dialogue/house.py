"""What the phone knows about the clinic it answers for: its policy, whether it is open, its approved facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from calls.dialogue.levels import Level
from clinics.practice.phases import PRESETS, Limits
from clinics.practice.promises import TABLE

Due = Callable[[str, datetime], datetime]


def without_hours(name: str, now: datetime) -> datetime:
    """By when a promise is kept where no opening hours are known: each minute counts."""
    return now + timedelta(minutes=TABLE[name].open_minutes)


@dataclass(frozen=True, slots=True)
class House:
    """One clinic at one moment. Numbers are E.164 except the two public ones, which are dialled as they are.

    `opens_next` says when people are there again, per language ("Monday at 8 AM"); `facts` maps (topic, language)
    to the sentence the clinic approved for it; `wording` maps (key, language) to its own words for a sentence of the
    table; `due` says by when what is promised at a moment, by its name in `clinics.practice.promises.TABLE`, is to be
    kept; `answers` is who answers first, one of `calls.dialogue.first.MODES`, `team` says that the people on shift are
    rung one after the other, `live_words` that danger is looked for while the caller still speaks.
    """

    name: str
    clinic_line: str
    emergency_number: str = "911"
    crisis_number: str = "988"
    is_open: bool = True
    opens_next: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    greetings: Mapping[str, str] = field(default_factory=dict)
    wording: Mapping[tuple[str, str], str] = field(default_factory=dict)
    spanish: bool = True
    recording: bool = False
    asks_to_record: bool = False
    region: str = "US"
    limits: Limits = PRESETS["expansion"]
    due: Due = without_hours
    answers: str = "assistant_first"
    team: bool = False
    live_words: bool = False
    level: Level = Level.RULES

    @property
    def keys_only(self) -> bool:
        """Whether nobody can hear the caller, so that every answer comes from the keypad."""
        return self.level is Level.KEYPAD
