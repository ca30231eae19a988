"""Why a doctor rejects a request, in the words that staff read: a list per kind, and room for one's own words. Pure."""

from __future__ import annotations

from clinics.words import gettext, gettext_noop

OTHER = "other"

REASONS: dict[str, dict[str, str]] = {
    "refill": {
        "visit": gettext_noop("Needs a visit first"),
        "too_early": gettext_noop("Too early for a refill"),
        "not_ours": gettext_noop("Prescribed by another clinic"),
        "stopped": gettext_noop("The medicine was stopped"),
    },
    "test_result": {
        "not_back": gettext_noop("The result is not back yet"),
        "visit": gettext_noop("Will be talked over in a visit"),
        "not_ours": gettext_noop("Ordered by another clinic"),
    },
    "medical_advice": {
        "visit": gettext_noop("Needs a visit first"),
        "ring": gettext_noop("I will ring the patient myself"),
    },
}
SHARED = {"wrong_person": gettext_noop("Not our patient"), OTHER: gettext_noop("Another reason")}


def reasons_for(kind: str) -> dict[str, str]:
    """The reasons offered for a kind of request, by code."""
    return {code: gettext(label) for code, label in _reasons(kind).items()}


def _reasons(kind: str) -> dict[str, str]:
    return {**REASONS.get(kind, {}), **SHARED}


def in_words(kind: str, code: str, text: str) -> str:
    """One line of a chosen reason and what was written beside it; "" when neither says anything."""
    label = "" if code == OTHER else _reasons(kind).get(code, "")
    return ". ".join(filter(None, [label, " ".join(text.split())]))
