"""The words that every part of the dialogue shares: what was heard, what it means, what follows.

Everything here is frozen and pure: no Django, no clock, no chance. `State` and `Reply` turn into JSON and
back, because a turn is stored with the state it led to and the reply that was spoken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Lang(StrEnum):
    """A language the phone speaks; the value is the ISO 639-1 code."""

    EN = "en"
    ES = "es"


class Intent(StrEnum):
    """What a caller wants. The values are the contract of `manage.py triage` and of the API."""

    APPOINTMENT = "appointment"
    CANCEL_APPOINTMENT = "cancel_appointment"
    CALLBACK = "callback"
    REFILL = "refill"
    TEST_RESULT = "test_result"
    MEDICAL_ADVICE = "medical_advice"
    HUMAN_REQUEST = "human_request"
    GENERAL = "general"
    BILLING = "billing"
    UNCLEAR = "unclear"


class FindingKind(StrEnum):
    """What the safety rules can find in a caller's words, most serious first."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"
    URGENT = "urgent"
    DISTRESS = "distress"
    HUMAN_REQUEST = "human_request"
    MEDICAL_ADVICE = "medical_advice"
    TEST_RESULT = "test_result"
    MEDICATION = "medication"


SEVERITY: tuple[FindingKind, ...] = tuple(FindingKind)
ESCALATES_NOW = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS})


class Control(StrEnum):
    """A word to the machine itself rather than an answer: it can stand beside an intent or a slot."""

    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    WAIT = "wait"
    GOODBYE = "goodbye"
    NOTHING_ELSE = "nothing_else"
    THANKS = "thanks"
    CORRECTION = "correction"
    START_OVER = "start_over"
    DONT_KNOW = "dont_know"
    WANT_SPANISH = "want_spanish"
    WANT_ENGLISH = "want_english"
    ARE_YOU_A_BOT = "are_you_a_bot"


class Field(StrEnum):
    """One thing the phone collects. The value is its key in `State.slots` and in `Task.details`."""

    PATIENT_NAME = "patient_name"
    DATE_OF_BIRTH = "date_of_birth"
    CALLBACK_NUMBER = "callback_number"
    REASON = "reason"
    PREFERRED_TIME = "preferred_time"
    APPOINTMENT_CHANGE = "appointment_change"
    APPOINTMENT_WHEN = "appointment_when"
    DOCTOR = "doctor"
    MEDICATION = "medication"
    PHARMACY = "pharmacy"
    TEST_NAME = "test_name"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance of the caller, tamed at the edge.

    `confidence` is the recogniser's own figure from 0 to 1, or None when it gave none (Twilio does not promise it).
    `digits` are keys without the finishing `#`. `dial` is how an attempt to connect a person ended ("completed",
    "no-answer", ...), set only on the turn that follows one, `recorded_seconds` the length of a message that was left.
    All empty means silence.
    """

    words: str = ""
    confidence: float | None = None
    digits: str = ""
    dial: str = ""
    recorded_seconds: int = 0

    @property
    def silent(self) -> bool:
        return not (self.words or self.digits or self.dial or self.recorded_seconds)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a safety rule saw in the caller's words.

    `rule` is the rule's stable id ("en.breathing.cannot"), `reason` its two or three neutral words for staff
    ("trouble breathing"), `source` the public page its medical claim rests on ("" where no claim is made).
    `own` says that the clinic added the rule or raised its level.
    """

    kind: FindingKind
    rule: str
    reason: str
    source: str = ""
    confidence: float = 1.0
    own: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that the rules say of one utterance: findings by severity, and at most one clarifying question to ask.

    `ask` is the id of a sentence in the wording table ("ask.breathing_now"), set only where the words are
    ambiguous and nothing worse was found. `version` names the rules, so an old call can be judged again.
    """

    findings: tuple[Finding, ...] = ()
    ask: str = ""
    version: str = ""

    @property
    def worst(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    def has(self, *kinds: FindingKind) -> bool:
        return any(found.kind in kinds for found in self.findings)


@dataclass(frozen=True, slots=True)
class Value:
    """What was understood for one field.

    `text` is canonical and what staff read: a name in title case, an ISO date (YYYY-MM-DD), an E.164 number,
    a medicine's usual name, otherwise the caller's words. `heard` keeps the words it came from.
    `confidence` 0 to 1: below 0.5 the phone asks again, below 0.9 it reads back before it believes.
    """

    text: str
    heard: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one utterance means to the phone: an intent, control words and any answers it held."""

    intent: Intent = Intent.UNCLEAR
    confidence: float = 0.0
    controls: frozenset[Control] = frozenset()
    slots: Mapping[Field, Value] = field(default_factory=dict)
    topic: str = ""
    """For general questions: which of the clinic's facts is asked for ("hours", "address"...), else ""."""
    others: tuple[Intent, ...] = ()
    """Further requests in the same breath, in the order they were said."""

    def says(self, *controls: Control) -> bool:
        return not self.controls.isdisjoint(controls)
