"""Spoken telephone numbers, out as E.164."""

from __future__ import annotations

import re

import phonenumbers

from calls.dialogue.language.numbers import doubled, figures
from calls.dialogue.language.text import read
from calls.dialogue.types import Value

_REGION = "US"
_EXTENSION = frozenset({"extension", "ext", "extencion"})
_APART = re.compile(
    r"\b(veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)\s+"
    r"(?=(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b)",
    re.IGNORECASE,
)
"""Tens and a unit without "y" between are two groups: "sesenta nueve" is 60 9, not 69."""
_HUNDRED = re.compile(r"\beight hundred\b", re.IGNORECASE)
_MAX_GAP = 4
"""Words that may stand between two groups of one number ("area code", "and then")."""


def e164(digits: str) -> str | None:
    """Return `digits` as E.164 when they are a possible and valid number, United States by default, else None."""
    try:
        number = phonenumbers.parse(digits, _REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_phone(words: str, *, lang: str) -> Value | None:
    """Return the telephone number in `words`, or None when no ten digits make a valid one.

    The last valid number wins, since callers correct themselves forwards ("two oh two... no, two oh three...").
    """
    said = read(words).raw
    best = None
    for run in _runs(words, lang):
        for digits in _windows(run):
            number = e164(digits)
            if number:
                best = Value(number, said, 0.85)
                break
    return best


def digits_in(words: str, *, lang: str) -> str:
    """Return every digit said in `words`, in order."""
    return "".join("".join(re.findall(r"\d", word)) for word in doubled(figures(words, lang)))


def _runs(words: str, lang: str) -> list[str]:
    """Return runs of digits that stand close enough to be one number; an extension ends its run."""
    runs, run, gap, closed = [], "", 0, False
    said = _APART.sub(r"\1, ", words) if lang == "es" else _HUNDRED.sub("eight hundred, ", words)
    for word in doubled(figures(said, lang)):
        if word in _EXTENSION:
            closed = True
            continue
        digits = "".join(re.findall(r"\d", word))
        if not digits or closed:
            gap += 1
            if gap > _MAX_GAP and run:
                runs.append(run)
                run = ""
            closed = closed and bool(digits or gap < _MAX_GAP)
            continue
        run, gap = run + digits, 0
    return [*runs, run] if run else runs


def _windows(run: str) -> list[str]:
    """Return the ways to read a run: whole, the last ten or eleven of it, the first ten."""
    if len(run) < 10 or len(run) > 30:
        return []
    if len(run) == 11 and run[0] == "1":
        return [run]
    return [run] if len(run) == 10 else [run[-10:], run[:10]]
