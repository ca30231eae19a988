"""Which spoken numbers give a person away: dates, years, telephone and member numbers, an age of 90 and more. Pure.

A dose, a duration, a temperature and an age below 90 are no identity, and a rule reads them: they stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from calls.reviews import places

DATE, NUMBER, AGE = "[date]", "[number]", "[old age]"
_OLD_YEAR = re.compile(r"18\d\d|19[0-3]\d")
_YEAR_LEADS = frozenset({"in", "since", "until", "en", "desde", "hasta"})
_LATE_TENS = frozenset(
    [
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "thousand",
        "cuarenta",
        "cincuenta",
        "sesenta",
        "setenta",
        "ochenta",
        "noventa",
    ]
)
"""Of a spoken year from 1940 on: who was born in an earlier one may be ninety."""
_PRESSURE = re.compile(r"\d{2,3}/\d{2,3}")
"""A blood pressure, "170/110", is no telephone number."""
_NINETY = frozenset({"ninety", "noventa", "hundred", "cien", "ciento"})
_TEENS = frozenset({"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"})
_TENS = _TEENS | frozenset(
    ["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "oh", "twenty", "ten", "eleven"]
)


def identities(words: Sequence[str], lang: str) -> list[tuple[int, int, str]]:
    """The runs of folded words that are such a number: first word, the word behind the last, and the placeholder."""
    found = runs(len(words), lambda here: _numeral(words, here, lang))
    marked = [(start, end, _kind_of_number(words, start, end, lang)) for start, end in found]
    return [one for one in marked if one[2]]


def _numeral(words: Sequence[str], here: int, lang: str) -> bool:
    """Whether a word belongs to a number or date: itself, or as the glue between two that do."""
    if is_number(words[here], lang) or words[here] in places.MONTH_WORDS | places.MAYBE_MONTHS:
        return True
    between = 0 < here < len(words) - 1 and words[here] in places.GLUE[lang]
    return (
        between
        and _counts(words[here - 1], lang)
        and any(_counts(word, lang) for word in words[here + 1 : here + 3] if word not in places.GLUE[lang])
    )


def _counts(word: str, lang: str) -> bool:
    return is_number(word, lang) or word in places.MONTH_WORDS or word in places.GLUE[lang]


def _kind_of_number(words: Sequence[str], start: int, end: int, lang: str) -> str:
    run = words[start:end]
    numbers = [word for word in run if is_number(word, lang)]
    months = [word for word in run if word in places.MONTH_WORDS | places.MAYBE_MONTHS]
    said_as_year = _says_year(run, lang) and not _only_a_year(words, start, run)
    if _dated(months, numbers) or any(_is_date(word) for word in run) or said_as_year:
        return DATE
    if _digits(numbers) >= 5 or (len(numbers) >= 4 and all(map(_single, numbers))):
        return NUMBER
    after = words[end : end + 1]
    if after and after[0] in {"year", "years", "yr", "anos"} and _value(numbers) >= 90:
        return AGE
    return ""


def _dated(months: Sequence[str], numbers: Sequence[str]) -> bool:
    """Whether a month has its number; "un mar de ..." and "one may ..." have none."""
    if set(months) <= places.MAYBE_MONTHS:
        numbers = [word for word in numbers if word not in ("un", "una", "one")]
    return bool(months and numbers)


def _is_date(word: str) -> bool:
    """A whole date. A year alone is none ("a stroke in 2018") unless it makes somebody about ninety."""
    return bool(re.fullmatch(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}", word)) or bool(_OLD_YEAR.fullmatch(word))


def _only_a_year(words: Sequence[str], start: int, run: Sequence[str]) -> bool:
    """ "drowned in nineteen sixty two": when something was, as "in 2018" is; not a birth date, and nobody is ninety."""
    led = start > 0 and (words[start - 1] in _YEAR_LEADS or " ".join(words[max(0, start - 2) : start]) == "en el")
    return led and (any(word in _LATE_TENS for word in run) or " ".join(run).startswith("dos mil"))


def _says_year(run: Sequence[str], lang: str) -> bool:
    """ "nineteen eighty two", "mil novecientos ochenta", "two thousand five": a year, not an age or a dose."""
    if lang == "es":
        return "mil" in run and any(word in {"novecientos", "dos"} for word in run)
    return any(one == "nineteen" and two in _TENS for one, two in pairwise(run)) or "two thousand" in " ".join(run)


def _digits(numbers: Sequence[str]) -> int:
    """How many digits were said one after another: a telephone number or a member number, not a dose."""
    counted = [word for word in numbers if not _PRESSURE.fullmatch(word)]
    return sum(sum(char.isdigit() for char in word) or 1 for word in counted)


def _single(word: str) -> bool:
    return word in places.SINGLE_DIGITS or (len(word) == 1 and word.isdigit())


def _value(numbers: Sequence[str]) -> int:
    if any(word in _NINETY for word in numbers):
        return 90
    return next((int(word) for word in numbers if word.isdigit()), 0)


def is_number(word: str, lang: str) -> bool:
    """Whether one folded word is a figure or says a number."""
    return word[0].isdigit() or word in places.NUMBER_WORDS[lang]


def runs(length: int, belongs: Callable[[int], bool]) -> list[tuple[int, int]]:
    """The longest stretches of places that belong: first, and behind the last."""
    found, start = [], -1
    for here in range(length + 1):
        inside = here < length and belongs(here)
        if inside and start < 0:
            start = here
        elif not inside and start >= 0:
            found.append((start, here))
            start = -1
    return found
