"""A birth date as callers give it: feast days, and "the fourth, no wait, the fifth", made one date."""

from __future__ import annotations

import re
from datetime import date

from calls.dialogue.language.dates import MAX_AGE, MONTHS, Parts, date_parts, safe_date, year_in
from calls.dialogue.language.numbers import figures, pieces
from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import read
from calls.dialogue.types import Value

_SURE = 0.85
_UNSURE = 0.6
_ASK_AGAIN = 0.2
_FEASTS = {
    "en": {
        r"christmas eve": "december 24,",
        r"christmas(?: day)?": "december 25,",
        r"new years? eve": "december 31,",
        r"new years?(?: day)?": "january 1,",
        r"halloween": "october 31,",
        r"valentines?(?: day)?": "february 14,",
        r"independence day": "july 4,",
    },
    "es": {
        r"nochebuena": "24 de diciembre",
        r"navidad": "25 de diciembre",
        r"(?:noche ?vieja|fin de año)": "31 de diciembre",
        r"año nuevo": "1 de enero",
        r"(?:san valent[ií]n|los enamorados)": "14 de febrero",
        r"(?:los )?(?:santos )?reyes(?: magos)?": "6 de enero",
    },
}
"""Days of the year that go by a name and lie on the same date everywhere."""
_NAMED_DAYS = {
    lang: tuple((re.compile(rf"\b{said}\b", re.IGNORECASE), day) for said, day in feasts.items())
    for lang, feasts in _FEASTS.items()
}


def read_birth_date(words: str, *, lang: str, today: date) -> Value | None:
    """Return the birth date in `words` as an ISO date, or None when there is none, or none that can be true.

    A part that was not said is a `?` run in `text` ("1982-03-??", "????-03-04") with confidence 0.2, so that
    the phone asks again; a future date, an impossible one or an age over MAX_AGE is refused.
    """
    text = read(words)
    tries = [_without_feasts(said, lang) for said in attempts(text, lang, plain_no=True)]
    parts = date_parts(tries[0], lang=lang, today=today)
    for later in tries[1:]:
        parts = _mended(parts, later, lang, today)
    if parts is None:
        return None
    if parts.missing:
        return Value(_partial(parts), text.raw, _ASK_AGAIN)
    born = safe_date(parts.year or 0, parts.month or 0, parts.day or 0)
    if born and born > today and str(born.year) not in "".join(pieces(figures(words, lang))):
        born = safe_date(born.year - 100, born.month, born.day)  # "26" said in 2026 before that day is 1926
    if born is None or born > today or today.year - born.year > MAX_AGE:
        return None
    return Value(born.isoformat(), text.raw, _UNSURE if parts.unsure or len(tries) > 1 else _SURE)


def _without_feasts(said: str, lang: str) -> str:
    """Write "christmas day nineteen fifty two" as December 25."""
    bare = said.replace("'", "").replace("’", "") if lang != "es" else said
    for name, day in _NAMED_DAYS["es" if lang == "es" else "en"]:
        if name.search(bare):
            return name.sub(day, bare, count=1)
    return said


def _mended(parts: Parts | None, later: str, lang: str, today: date) -> Parts | None:
    """Return `parts` with what the caller said anew: a whole date, its month and day, its day, or its year."""
    anew = date_parts(later, lang=lang, today=today)
    if anew and parts and parts.month and _is_day_and_year(later, lang):
        anew = None  # "the fifth nineteen eighty one" after a month: 5 and 1981, not May 19 of 81
    if anew and (parts is None or not anew.missing):
        return anew
    if anew:
        return Parts(anew.year or parts.year, anew.month or parts.month, anew.day or parts.day, unsure=True)
    text = figures(later, lang)
    numbers = pieces(text)
    if parts is None or not numbers:
        return parts
    year = year_in(numbers, today)
    if year and not (len(numbers) == 1 and len(numbers[0]) <= 2 and _is_day(numbers[0], text.words)):
        return Parts(year, parts.month, parts.day, unsure=True)
    if not 1 <= int(numbers[0][:4]) <= 31:
        return parts
    return Parts(year_in(numbers[1:], today) or parts.year, parts.month, int(numbers[0]), unsure=True)


def _is_day_and_year(later: str, lang: str) -> bool:
    """Tell a day with a year of four figures from a month, a day and a year of two."""
    numbers = pieces(figures(later, lang))
    joined = "".join(numbers[1:])
    named = not MONTHS.keys().isdisjoint(read(later).words)
    return not named and len(numbers) in (2, 3) and len(joined) == 4 and joined[:2] in ("19", "20")


def _is_day(figure: str, words: tuple[str, ...]) -> bool:
    """Tell the day from the year in a lone figure: "del cinco" is a year, "the fifth" a day."""
    before = words[words.index(figure) - 1] if figure in words and words.index(figure) else ""
    return 1 <= int(figure) <= 31 and before != "del"


def _partial(parts: Parts) -> str:
    year = f"{parts.year:04d}" if parts.year else "????"
    month = f"{parts.month:02d}" if parts.month else "??"
    day = f"{parts.day:02d}" if parts.day else "??"
    return f"{year}-{month}-{day}"
