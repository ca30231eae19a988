"""Whether a caller wants a new appointment, another time for one, or none."""

from __future__ import annotations

from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import read
from calls.dialogue.types import Value


def read_change(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return "cancel", "change" or "new" as `text`, or None.

    "Reschedule" beats "schedule", and "cancel and rebook" is a change. Without `expecting` only the plain verbs count.
    """
    text = read(words)
    said = " " + " ".join(text.words) + " "
    lists = load(lang).lists["changes"]
    found = {kind for kind in ("cancel", "change", "new") if any(_says(said, phrase) for phrase in lists[kind])}
    if {"cancel", "new"} <= found or "change" in found:
        return Value("change", text.raw, 0.9) if expecting or "change" in found else None
    for kind in ("cancel", "new"):
        if kind in found:
            return Value(kind, text.raw, 0.9 if kind == "cancel" or expecting else 0.75)
    return None


def _says(said: str, phrase: str) -> bool:
    """Tell whether `said` has a word sequence beginning with the folded phrase."""
    return " " + " ".join(read(phrase).words) in said
