"""Birth dates in the usual spoken ways of both languages; United States month-first order where figures stand alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from calls.dialogue.language.numbers import apart, figures
from calls.dialogue.language.text import Text

MAX_AGE = 120
_NAMES = {
    "en": "january february march april may june july august september october november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
MONTHS = {
    name: number for names in _NAMES.values() for number, name in enumerate(names.split(), start=1)
} | {
    "jan": 1, "feb": 2, "febuary": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12, "setiembre": 9,
}  # fmt: skip
_FIGURE = re.compile(r"^(\d+)(?:st|nd|rd|th|er|ra|ro|do|o|a)?$")
_YEAR_SAID = r"(?P<year>\d{4}|\d\d \d\d|\d{1,2})\b"
_DAY_OF = {
    "en": re.compile(rf"\b(?P<day>\d{{1,2}}) of the (?P<month>\d{{1,2}})(?: of| in)? {_YEAR_SAID}"),
    "es": re.compile(rf"\b(?P<day>\d{{1,2}}) del? (?P<month>\d{{1,2}}) del? (?:ano )?{_YEAR_SAID}"),
}
"""The day first: "cuatro del tres del ochenta y dos", "the fourth of the third eighty two"."""
_BY_NAME = re.compile(
    r"\b(?:dia|day) (?P<day>\d{1,2}) (?:del? |of |the )*(?:mes|month) (?:de |of |number |numero )?"
    rf"(?P<month>\d{{1,2}}) (?:del? |of |the )*(?:ano |year )?{_YEAR_SAID}"
)
_BEFORE_YEAR = frozenset({"in", "en", "el", "del", "year", "ano", "of", "de"})
_GLUE = frozenset(
    [
        "the",
        "of",
        "de",
        "del",
        "el",
        "la",
        "in",
        "year",
        "ano",
        "and",
        "y",
        "dia",
        "day",
        "month",
        "mes",
        "comma",
        "on",
        "born",
        "nacio",
        "naci",
        "fue",
        "was",
    ]
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A date as far as it was said; None where it was not. `unsure` when figures could be read another way."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    unsure: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in ("year", "month", "day") if getattr(self, name) is None)


def date_parts(words: str, *, lang: str, today: date) -> Parts | None:
    """Return what `words` say of a past date, or None when they name neither a month nor enough figures."""
    text = figures(apart(words) if lang == "es" else words, lang)
    joined = " ".join(text.words)
    for said in (_DAY_OF[lang] if lang in _DAY_OF else _DAY_OF["en"], _BY_NAME):
        found = said.search(joined)
        if found and int(found["day"]) <= 31 and 1 <= int(found["month"]) <= 12:
            said_year = found["year"].split()
            year = past_year(int(said_year[0]), today) if len(said_year) == 1 else year_in(said_year, today)
            return Parts(year, int(found["month"]), int(found["day"]))
    for here, word in enumerate(text.words):
        if word in MONTHS and not _is_may_verb(text, here):
            named = _named(text, here, today)
            return named if named.year else replace(named, year=_year_elsewhere(text, today))
    return _numeric(text, lang, today)


def _year_elsewhere(text: Text, today: date) -> int | None:
    """Return the year that was told apart from the day: "I was born in eighty eight, on March the second"."""
    for here, word in enumerate(text.words):
        if not word.isdigit():
            continue
        follows = text.words[here + 1] if here + 1 < len(text) else ""
        if len(word) == 4 and word[:2] in ("19", "20"):
            return int(word)
        if word in ("19", "20") and len(follows) == 2 and follows.isdigit():
            return int(word + follows)
        if here and len(word) == 2 and int(word) > 31 and text.words[here - 1] in _BEFORE_YEAR:
            return past_year(int(word), today)
    return None


def safe_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def past_year(figure: int, today: date) -> int:
    """Return a two-digit year as the latest one that is not in the future."""
    if figure >= 100:
        return figure
    year = today.year // 100 * 100 + figure
    return year if year <= today.year else year - 100


def _is_may_verb(text: Text, here: int) -> bool:
    """Tell "may I" from the month: the month has a number beside it."""
    if text.words[here] not in ("may", "mar"):
        return False
    near = text.words[max(0, here - 3) : here + 3]
    return not any(word[0].isdigit() for word in near)


def _named(text: Text, here: int, today: date) -> Parts:
    """Read a date around the month's name at token `here`: day and year before or after it."""
    month = MONTHS[text.words[here]]
    before = _neighbours(text, here, -1)
    after = _neighbours(text, here, +1)
    led = year_in(before, today) if "".join(before)[:2] in ("19", "20") and len("".join(before)) == 4 else None
    if led:
        return Parts(led, month, int(after[0]) if after and 1 <= int(after[0]) <= 31 else None)
    if before and int(before[-1]) <= 31 and len(before[-1]) <= 2:
        ahead = year_in(before[:-1], today) if int("".join(before[:-1]) or 0) > 31 else None
        return Parts(year_in(after, today) or _lone_year(text, after) or ahead, month, int(before[-1]))
    if len(after) == 1 and len(after[0]) == 4:
        return Parts(int(after[0]), month, None)
    if after and len(after[0]) > 2:
        return _run_together(after, month, today)
    if after and not 1 <= int(after[0]) <= 31:
        return Parts(year_in(after, today), month, None)
    split = after and len(after) >= 3 and len(after[1]) == 1 and len(after[2]) == 2 and after[0] in ("20", "30")
    if split and int(after[0]) + int(after[1]) <= 31 and year_in(after[2:], today):
        return Parts(year_in(after[2:], today), month, int(after[0]) + int(after[1]))
    return Parts(year_in(after[1:], today), month, int(after[0]) if after else None)


def _lone_year(text: Text, after: list[str]) -> int | None:
    """Read the 8 of "agosto del ocho" as 2008: only a year follows "del"."""
    alone = len(after) == 1 and len(after[0]) == 1
    return 2000 + int(after[0]) if alone and ("del", after[0]) in set(pairwise(text.words)) else None


def _run_together(after: list[str], month: int, today: date) -> Parts:
    """Read "march 41982" and "march 482": the recogniser wrote day and year as one figure."""
    run = after[0]
    if len(run) in (5, 6):
        return Parts(int(run[-4:]), month, int(run[:-4]))
    if len(run) == 3:
        return Parts(past_year(int(run[1:]), today), month, int(run[0]), unsure=True)
    if len(run) == 4:
        return Parts(int(run), month, int(after[1]) if len(after) > 1 and int(after[1]) <= 31 else None)
    return Parts(None, month, None)


def _neighbours(text: Text, here: int, step: int) -> list[str]:
    """Return the figures that lie beside the month, in spoken order, with only glue words between."""
    found: list[str] = []
    place, slack = here + step, 0
    while 0 <= place < len(text) and len(found) < 6:
        match = _FIGURE.match(text.words[place])
        if match:
            found.append(match.group(1))
        elif text.words[place] in _GLUE and slack < 4:
            slack += 1
        else:
            break
        place += step
    return found if step > 0 else found[::-1]


def year_in(figures_: list[str], today: date) -> int | None:
    """Read a year from figures: 1982, 19 82, 82, 19 0 5, 1 9 8 2, 2000 5, 20 10."""
    if not figures_:
        return None
    joined = "".join(figures_[:4])
    if len(figures_[0]) == 4:
        head = int(figures_[0])
        if head in (1900, 2000) and len(figures_) > 1 and len(figures_[1]) <= 2:
            return head + int(figures_[1])
        return head if 1850 <= head <= today.year + 100 else None
    if len(figures_[0]) == 3 and figures_[0][0] == "9":
        return 1000 + int(figures_[0])  # "novecientos cincuenta"
    if len(joined) == 4 and joined[:2] in ("18", "19", "20"):
        return int(joined)
    if len(joined) == 3 and joined[:2] in ("19", "20") and len(figures_) == 2:
        return int(joined[:2]) * 100 + int(joined[2])
    if len(joined) == 2:
        return past_year(int(joined), today)
    if len(figures_[0]) == 2 and figures_[0] not in ("19", "20"):
        return past_year(int(figures_[0]), today)
    return None


def _numeric(text: Text, lang: str, today: date) -> Parts | None:
    """Read a date from figures alone: 7/4/52, 07041952, 0 4 0 7 19 52, 4 7 1952."""
    for word in text.words:
        fields = re.split(r"[/.\-]", word)
        if len(fields) == 3 and all(field.isdigit() for field in fields):
            return _ordered(fields, lang, today)
    run = [match.group(1) for word in text.words if (match := _FIGURE.match(word))]
    joined = "".join(run)
    if len(joined) == 8 and "/" not in joined and (len(run) != 3 or len(run[2]) != 4):
        return _ordered([joined[:2], joined[2:4], joined[4:]], lang, today)
    fields = _without_zeros(run)
    if len(fields) >= 3 and all(len(field) <= 2 for field in fields[:2]):
        year = year_in(fields[2:], today)
        if year:
            return _ordered([fields[0], fields[1], str(year)], lang, today)
    if len(joined) == 6 and (len(run) in (1, 6) or run[0][0] == "0"):
        return _ordered([joined[:2], joined[2:4], joined[4:]], lang, today)
    if len(fields) == 2 and len(fields[1]) == 4 and len(fields[0]) in (3, 4):
        return _ordered([fields[0][:-2], fields[0][-2:], fields[1]], lang, today)
    return None


def _without_zeros(run: list[str]) -> list[str]:
    """Join "0 4" to 4 in the month and day, leave the year's figures as they are."""
    fields: list[str] = []
    here = 0
    while here < len(run):
        if run[here] == "0" and len(fields) < 2 and here + 1 < len(run) and len(run[here + 1]) == 1:
            fields.append(run[here + 1])
            here += 2
        else:
            fields.append(run[here])
            here += 1
    return fields


def _ordered(fields: list[str], lang: str, today: date) -> Parts | None:
    """Put three figures in order: the year where it leads, else English month first and Spanish day first."""
    if len(fields[0]) == 4:
        return Parts(int(fields[0]), int(fields[1]), int(fields[2]))
    first, second = int(fields[0]), int(fields[1])
    if not first or not second or max(first, second) > 31 or (first > 12 and second > 12):
        return None
    year = past_year(int(fields[2]), today)
    if first > 12 or (lang == "es" and second <= 12):
        # Figures that allow both orders are read back with care: Spanish says the day first, forms here the month.
        return Parts(year, second, first, unsure=first <= 12 and first != second)
    return Parts(year, first, second)
