"""Spoken telephone numbers, out as E.164."""

from __future__ import annotations

import re

import phonenumbers

from calls.dialogue.language.numbers import apart, doubled, figures
from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import read
from calls.dialogue.types import Value

_REGION = "US"
_LENGTH = 10
"""Digits of a North American number without its country code."""
_SURE = 0.85
_MENDED = 0.7
_ENDS = frozenset({"after", "before", "between", "until", "till", "despues", "antes", "entre", "hasta", "las"})
"""Words behind a number that tell a time: "720 555 0186 but call after five"."""
_EXTENSION = frozenset({"extension", "ext", "extencion"})
_HUNDRED = re.compile(r"\b(eight hundred|ochocientos)\b", re.IGNORECASE)
"""A toll-free area code: "eight hundred five" is 800 5 on the telephone, not 805."""
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

    The last valid number wins, since callers correct themselves forwards ("two oh two... no, two oh three..."); digits
    said after a "no, sorry" replace as many of the last ones as make ten.
    """
    text = read(words)
    tries = attempts(text, lang, plain_no=True)
    if len(tries) > 1:
        mended = _mended(["".join(_runs(said, lang)) for said in tries])
        number = e164(mended) if len(mended) == _LENGTH else None
        if number:
            return Value(number, text.raw, _MENDED)
    # "Ochocientos trece" may be 813 after all, where 800 13 makes no number.
    return _last_valid(words, _runs(words, lang), lang) or _last_valid(words, _runs(words, lang, toll_free=False), lang)


def _last_valid(words: str, runs: list[str], lang: str) -> Value | None:
    best, area_last = None, _is_area_last(words, lang)
    for run in runs:
        for digits in _windows(run, area_last=area_last):
            number = e164(digits)
            if number:
                best = Value(number, read(words).raw, _SURE)
                break
    return best


def _mended(said: list[str]) -> str:
    """Join what was said before and after each "no, sorry": the new digits stand for as many of the old ones."""
    number = ""
    for digits in said:
        if len(digits) == _LENGTH + 1 and digits[0] == "1":
            digits = digits[1:]
        replaced = len(number) + len(digits) - _LENGTH
        number = number[: len(number) - max(0, replaced)] + digits if replaced <= len(number) else digits
    return number


def digits_in(words: str, *, lang: str) -> str:
    """Return every digit said in `words`, in order."""
    return "".join("".join(re.findall(r"\d", word)) for word in doubled(figures(words, lang)))


def _runs(words: str, lang: str, *, toll_free: bool = True) -> list[str]:
    """Return runs of digits that stand close enough to be one number; an extension ends its run."""
    runs, run, gap, closed = [], "", 0, False
    said = apart(words) if lang == "es" else words
    said = _HUNDRED.sub(r"\1, ", said) if toll_free else said
    for word in doubled(figures(said, lang)):
        if word in _EXTENSION:
            closed = True
            continue
        if word in _ENDS and len(run) >= _LENGTH:
            runs.append(run)
            run = ""
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


def _is_area_last(words: str, lang: str) -> bool:
    """Tell "five five five oh one nine nine, area code four one five", where the code follows the number."""
    said = doubled(figures(words, lang))
    return "area" in said and sum(len(word) for word in said[: said.index("area")] if word.isdigit()) == _LENGTH - 3


def _windows(run: str, *, area_last: bool) -> list[str]:
    """Return the ways to read a run: whole, the last ten or eleven of it, the first ten."""
    if len(run) < _LENGTH or len(run) > 30:
        return []
    if len(run) == _LENGTH + 1 and run[0] == "1":
        return [run]
    if len(run) == _LENGTH:
        return [run[7:] + run[:7]] if area_last else [run]
    return [run[-_LENGTH:], run[:_LENGTH]]
