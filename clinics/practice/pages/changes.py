"""What a new version of a policy changes, as rows that people read before they publish it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clinics.words import gettext, gettext_noop, ngettext

LABELS = {
    "phase": gettext_noop("Phase"),
    "greeting_en": gettext_noop("Greeting in English"),
    "greeting_es": gettext_noop("Greeting in Spanish"),
    "spanish": gettext_noop("Answers in Spanish"),
    "speech": gettext_noop("Voice"),
    "voice_en": gettext_noop("Voice in English"),
    "voice_es": gettext_noop("Voice in Spanish"),
    "model_helps": gettext_noop("Asks a language model where its rules do not understand"),
    "recording": gettext_noop("Recording"),
    "answers": gettext_noop("Who answers first"),
    "streaming": gettext_noop("Streams the call"),
    "live_words": gettext_noop("Hears danger in half a sentence"),
    "handover": gettext_noop("Who is connected"),
    "clinic_line": gettext_noop("Line that calls are connected to"),
    "emergency_number": gettext_noop("Emergency number"),
    "crisis_number": gettext_noop("Crisis line"),
    "automates": gettext_noop("Takes by itself"),
    "max_call_seconds": gettext_noop("Seconds until a person takes over"),
    "max_turns": gettext_noop("Most exchanges of a call"),
    "no_progress_turns": gettext_noop("Exchanges without progress"),
    "min_confidence": gettext_noop("Least confidence of the recogniser"),
    "misunderstood_in_a_row": gettext_noop("Not understood, in a row"),
    "misunderstood_in_call": gettext_noop("Not understood, in the whole call"),
    "doubted_in_call": gettext_noop("Heard badly, in the whole call"),
    "corrections_in_call": gettext_noop("Corrected by the caller"),
    "distress_turns": gettext_noop("Exchanges in distress"),
    "pilot_reviews": gettext_noop("First calls of a pilot that are reviewed"),
    "review_percent": gettext_noop("Reviewed of a hundred quiet calls"),
    "review_least": gettext_noop("Reviewed a week, at least"),
    "review_most": gettext_noop("Reviewed a week, at most"),
    "promise_minutes": gettext_noop("Times of promises"),
    "ladder": gettext_noop("Times of the ladder"),
    "wording": gettext_noop("Own words"),
    "own_rules": gettext_noop("Own safety rules"),
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
    return [Change(gettext(LABELS[name]), shown(name, before.get(name)), shown(name, after[name])) for name in names]


def shown(name: str, value: object) -> str:
    """A value as people read it."""
    if name == "own_rules":
        return ngettext("%(count)s rule", "%(count)s rules", len(value or [])) % {"count": len(value or [])}  # type: ignore[arg-type]
    if value is None or value == "" or value == {}:
        return gettext("the standard")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown('', inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(one).replace("_", " ") for one in value) or gettext("nothing")
    return str(value)
