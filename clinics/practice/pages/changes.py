"""What a new version of a policy changes, as rows that people read before they publish it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LABELS = {
    "phase": "Phase",
    "greeting_en": "Greeting in English",
    "greeting_es": "Greeting in Spanish",
    "spanish": "Answers in Spanish",
    "recording": "Recording",
    "answers": "Who answers first",
    "streaming": "Streams the call",
    "live_words": "Hears danger in half a sentence",
    "handover": "Who is connected",
    "clinic_line": "Line that calls are connected to",
    "emergency_number": "Emergency number",
    "crisis_number": "Crisis line",
    "automates": "Takes by itself",
    "max_call_seconds": "Seconds until a person takes over",
    "max_turns": "Most exchanges of a call",
    "no_progress_turns": "Exchanges without progress",
    "min_confidence": "Least confidence of the recogniser",
    "misunderstood_in_a_row": "Not understood, in a row",
    "misunderstood_in_call": "Not understood, in the whole call",
    "doubted_in_call": "Heard badly, in the whole call",
    "corrections_in_call": "Corrected by the caller",
    "distress_turns": "Exchanges in distress",
    "pilot_reviews": "First calls of a pilot that are reviewed",
    "review_percent": "Reviewed of a hundred quiet calls",
    "review_least": "Reviewed a week, at least",
    "review_most": "Reviewed a week, at most",
    "promise_minutes": "Times of promises",
    "ladder": "Times of the ladder",
    "wording": "Own words",
    "own_rules": "Own safety rules",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, in words."""

    label: str
    before: str
    after: str


def between(before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    """The fields in which two versions differ, in the order of `LABELS`."""
    names = [name for name in LABELS if name in after and before.get(name) != after[name]]
    return [Change(LABELS[name], shown(name, before.get(name)), shown(name, after[name])) for name in names]


def shown(name: str, value: object) -> str:
    """A value as people read it."""
    if name == "own_rules":
        return f"{len(value or [])} rules"  # type: ignore[arg-type]
    if value is None or value == "" or value == {}:
        return "the standard"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown('', inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(one).replace("_", " ") for one in value) or "nothing"
    return str(value)
