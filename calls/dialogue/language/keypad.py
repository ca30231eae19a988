"""Answers typed on the telephone's keys."""

from __future__ import annotations

from datetime import datetime

from calls.dialogue.language.dates import MAX_AGE, past_year, safe_date
from calls.dialogue.language.phones import e164
from calls.dialogue.types import Field, Value


def read_digits(field: Field, digits: str, *, now: datetime) -> Value | None:
    """Return the value that keys give for `field`: MMDDYYYY or MMDDYY for a birth date, 10 or 11 digits for a number.

    None for other fields, for impossible or future dates and for invalid numbers.
    """
    keys = "".join(char for char in digits if char in "0123456789")
    if field is Field.DATE_OF_BIRTH:
        return _birth_date(keys, now)
    if field is Field.CALLBACK_NUMBER and len(keys) in (10, 11):
        number = e164(keys)
        return Value(number, keys, 0.95) if number else None
    return None


def _birth_date(keys: str, now: datetime) -> Value | None:
    if len(keys) not in (6, 8):
        return None
    month, day, year = int(keys[:2]), int(keys[2:4]), int(keys[4:])
    if len(keys) == 6:
        year = past_year(year, now.date())
    born = safe_date(year, month, day)
    if born is None or born > now.date() or now.year - born.year > MAX_AGE:
        return None
    return Value(born.isoformat(), keys, 0.95 if len(keys) == 8 else 0.8)
