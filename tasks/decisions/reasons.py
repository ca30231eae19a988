"""Why a doctor rejects a request, in the words that staff read: a list per kind, and room for one's own words. Pure."""

from __future__ import annotations

OTHER = "other"

REASONS: dict[str, dict[str, str]] = {
    "refill": {
        "visit": "Needs a visit first",
        "too_early": "Too early for a refill",
        "not_ours": "Prescribed by another clinic",
        "stopped": "The medicine was stopped",
    },
    "test_result": {
        "not_back": "The result is not back yet",
        "visit": "Will be talked over in a visit",
        "not_ours": "Ordered by another clinic",
    },
    "medical_advice": {
        "visit": "Needs a visit first",
        "ring": "I will ring the patient myself",
    },
}
SHARED = {"wrong_person": "Not our patient", OTHER: "Another reason"}


def reasons_for(kind: str) -> dict[str, str]:
    """The reasons offered for a kind of request, by code."""
    return {**REASONS.get(kind, {}), **SHARED}


def in_words(kind: str, code: str, text: str) -> str:
    """One line of a chosen reason and what was written beside it; "" when neither says anything."""
    label = "" if code == OTHER else reasons_for(kind).get(code, "")
    return ". ".join(filter(None, [label, " ".join(text.split())]))
