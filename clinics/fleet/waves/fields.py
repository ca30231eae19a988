"""What a group, or a change in waves, may set: fields of the call policy, and switches of the clinic's own row.

Left out is what is a clinic's alone: its phase, its numbers, its words and its own safety rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError

from clinics.models import Clinic
from clinics.practice import phases
from clinics.practice.models import CallPolicy
from clinics.practice.pages.changes import LABELS

SWITCHES = ("async_delivery",)
POLICY = (
    *("recording", "answers", "handover", "live_words", "streaming", "spanish", "model_helps", "speech"),
    *("pilot_reviews", "review_percent", "review_least", "review_most", "promise_minutes", "ladder"),
    *phases.LIMITS,
)
FIELDS = (*POLICY, *SWITCHES)
_SWITCH_LABELS = {"async_delivery": "Delivers messages in the background"}


def label(name: str) -> str:
    """A field as people read it."""
    return LABELS.get(name) or _SWITCH_LABELS.get(name, name)


def read(lines: Sequence[str]) -> dict[str, object]:
    """Lines of `field=value`, the value as JSON or a plain word. Raises `ValidationError` with a sentence per line."""
    wrong: list[str] = []
    found: dict[str, object] = {}
    for line in lines:
        name, equals, text = (part.strip() for part in line.partition("="))
        if not equals or name not in FIELDS:
            wrong.append(f"{name or 'An empty line'}: write field=value with one of {', '.join(FIELDS)}.")
            continue
        try:
            found[name] = checked(name, _value(text))
        except ValidationError as refused:
            wrong.append(f"{name}: {' '.join(refused.messages)}")
    if not found and not wrong:
        wrong.append("Say what is to change.")
    if wrong:
        raise ValidationError(wrong)
    return found


def checked(name: str, value: object) -> object:
    """The value as its field holds it. Raises `ValidationError`."""
    model = Clinic if name in SWITCHES else CallPolicy
    return model._meta.get_field(name).clean(value, None)


def values_of(row: Mapping[str, object], clinic: Clinic) -> dict[str, object]:
    """Every field of a clinic, from a row of its policy and its own row; one that the row lacks is left out."""
    return {name: row[name] for name in POLICY if name in row} | {name: getattr(clinic, name) for name in SWITCHES}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
