"""The label that an utterance has in the telephone's own view, which is where a reviewer starts from. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from calls.dialogue.types import ESCALATES_NOW, SEVERITY, FindingKind, Intent

EMERGENCY = "emergency"
OTHER = "other"

OF_FINDING: dict[str, str] = {
    FindingKind.EMERGENCY: EMERGENCY,
    FindingKind.CRISIS: EMERGENCY,
    FindingKind.URGENT: "urgent",
    FindingKind.DISTRESS: "distress",
    FindingKind.HUMAN_REQUEST: "human_request",
    FindingKind.MEDICAL_ADVICE: "medical_advice",
    FindingKind.TEST_RESULT: "test_result",
    FindingKind.MEDICATION: "refill",
}
OF_INTENT: dict[str, str] = {
    Intent.APPOINTMENT: "appointment",
    Intent.CANCEL_APPOINTMENT: "appointment",
    Intent.CALLBACK: "callback",
    Intent.REFILL: "refill",
    Intent.TEST_RESULT: "test_result",
    Intent.MEDICAL_ADVICE: "medical_advice",
    Intent.HUMAN_REQUEST: "human_request",
    Intent.GENERAL: "general",
    Intent.BILLING: "general",
    Intent.UNCLEAR: OTHER,
}


def of(kinds: Sequence[str], intent: str) -> str:
    """What the telephone took an utterance for: its worst finding, else what was wanted."""
    worst = worst_of(kinds)
    return OF_FINDING[worst] if worst else OF_INTENT.get(intent, OTHER)


def worst_of(kinds: Sequence[str]) -> str:
    """The most serious of these findings, "" when there is none."""
    return next((kind.value for kind in SEVERITY if kind in kinds), "")


def is_alarm(kind: str) -> bool:
    """Whether a finding of this kind sounds the alarm."""
    return kind in ESCALATES_NOW
