"""What a turn leads to: the sentences that are spoken, what the phone does then, and what must be written first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from calls.dialogue.state import Request, State
from calls.dialogue.types import Field, Value


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the wording table, ready to be spoken. `lang` is that of its words."""

    key: str
    text: str
    lang: str


class Then(StrEnum):
    """What the phone does after it has spoken."""

    LISTEN = "listen"
    DIAL = "dial"
    HAND_OVER = "hand_over"
    RECORD = "record"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Listen:
    """How the phone listens: for keys, and for speech where somebody can hear it.

    `digits` is how many keys end the answer at once (0: the `#` key or a pause does), `timeout` the seconds of
    silence that count as no answer; `live` that the words are told while they are spoken.
    """

    digits: int = 0
    timeout: int = 5
    hints: tuple[str, ...] = ()
    live: bool = False
    speech: bool = True

    def to_json(self) -> dict[str, Any]:
        told = {"digits": self.digits, "timeout": self.timeout, "hints": list(self.hints)}
        told |= {"live": True} if self.live else {}
        return told if self.speech else {**told, "speech": False}


@dataclass(frozen=True, slots=True)
class Reply:
    """All that the caller hears in one turn. It is stored with the turn and rendered again for a repeated request."""

    say: tuple[Sentence, ...]
    then: Then
    lang: str
    listen: Listen | None = None
    dial: str = ""
    record: bool = False

    @property
    def words(self) -> str:
        return " ".join(sentence.text for sentence in self.say)

    def to_json(self) -> dict[str, Any]:
        listen = self.listen
        return {
            "say": [{"key": one.key, "text": one.text, "lang": one.lang} for one in self.say],
            "then": self.then,
            "lang": self.lang,
            "listen": listen and listen.to_json(),
            "dial": self.dial,
            "record": self.record,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reply:
        listen = data["listen"]
        return cls(
            say=tuple(Sentence(**sentence) for sentence in data["say"]),
            then=Then(data["then"]),
            lang=data["lang"],
            listen=Listen(**{**listen, "hints": tuple(listen["hints"])}) if listen else None,
            dial=data["dial"],
            record=data["record"],
        )


@dataclass(frozen=True, slots=True)
class Escalate:
    """A person must look at this now. `reason` and `level` are the words of the escalations app."""

    reason: str
    level: str
    summary: str
    rule: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class WriteTask:
    """The task of one request as far as it is known: opened when there is none yet, amended when there is.

    `fallback_number` is the number the call came from, for a request that has none of its own.
    """

    request: Request
    complete: bool
    fallback_number: str = ""


@dataclass(frozen=True, slots=True)
class Promised:
    """What this turn says that somebody will do about a request; `name` is one of `clinics.practice.promises.TABLE`."""

    name: str
    request_number: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole outcome of one turn; nothing of it has happened yet. `consent` is a value of `Call.consent` that it
    brings about, "" for none."""

    state: State
    reply: Reply
    escalations: tuple[Escalate, ...] = ()
    tasks: tuple[WriteTask, ...] = ()
    promises: tuple[Promised, ...] = ()
    filled: Mapping[Field, Value] = field(default_factory=dict)
    consent: str = ""
