"""Telephone numbers: E.164 in and out, masked for logs. Pure."""

from __future__ import annotations

import re

import phonenumbers

E164 = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


def to_e164(text: str, *, region: str = "US") -> str:
    """Return the number in E.164, or "" when it is not a valid number of any country."""
    try:
        number = phonenumbers.parse(text[:40], region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_e164(text: str) -> bool:
    """Whether the text has the shape of E.164: a plus sign and 8 to 15 digits, the first not zero."""
    return bool(E164.fullmatch(text))


_COSTLY = frozenset(
    {
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.PAGER,
    }
)
_AT_HOME = {"US": frozenset({"US", "PR", "VI", "GU", "AS", "MP"})}
"""Regions that are texted like the own one; +1 alone would take in islands where numbers are rented for their fees."""


def is_ordinary(number: str, *, region: str) -> bool:
    """Whether a number is of the clinic's own country and costs what a number costs there: no fees, no far networks."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    near = phonenumbers.region_code_for_number(parsed) in _AT_HOME.get(region, {region})
    return near and phonenumbers.number_type(parsed) not in _COSTLY


def masked(number: str) -> str:
    """A number as a log may show it: the country sign and the last two digits."""
    return f"{number[:2]}…{number[-2:]}" if len(number) > 6 else "…"


def readable(number: str) -> str:
    """A number as staff read it: national form for its own country, international otherwise."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
