"""Birth dates in the usual spoken ways of both languages; United States month-first order where figures stand alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from calls.dialogue.language.numbers import figures, pieces
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

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
_DAY_OF = re.compile(r"\b(\d{1,2}) del? (\d{1,2}) del? (?:ano )?(\d{4}|\d{1,2})\b")
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


def read_birth_date(words: str, *, lang: str, today: date) -> Value | None:
    """Return the birth date in `words` as an ISO date, or None when there is none, or none that can be true.

    A part that was not said is a `?` run in `text` ("1982-03-??", "????-03-04") with confidence 0.2, so that
    the phone asks again; a future date, an impossible one or an age over MAX_AGE is refused.
    """
    parts = date_parts(words, lang=lang, today=today)
    if parts is None:
        return None
    said = read(words).raw
    if parts.missing:
        return Value(_partial(parts), said, 0.2)
    born = safe_date(parts.year or 0, parts.month or 0, parts.day or 0)
    if born and born > today and str(born.year) not in "".join(pieces(figures(words, lang))):
        born = safe_date(born.year - 100, born.month, born.day)  # "26" said in 2026 before that day is 1926
    if born is None or born > today or today.year - born.year > MAX_AGE:
        return None
    return Value(born.isoformat(), said, 0.6 if parts.unsure else 0.85)


def date_parts(words: str, *, lang: str, today: date) -> Parts | None:
    """Return what `words` say of a past date, or None when they name neither a month nor enough figures."""
    text = figures(words, lang)
    numbered = _numbered_month(text, today) if lang == "es" else None
    if numbered:
        return numbered
    for here, word in enumerate(text.words):
        if word in MONTHS and not _is_may_verb(text, here):
            return _named(text, here, today)
    return _numeric(text, lang, today)


def _numbered_month(text: Text, today: date) -> Parts | None:
    """Read "cuatro del tres del ochenta y dos": with a "del" on both sides the day comes first."""
    found = _DAY_OF.search(" ".join(text.words))
    if not found or int(found[1]) > 31 or not 1 <= int(found[2]) <= 12:
        return None
    return Parts(past_year(int(found[3]), today), int(found[2]), int(found[1]))


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
    led = _year(before, today) if "".join(before)[:2] in ("19", "20") and len("".join(before)) == 4 else None
    if led:
        return Parts(led, month, int(after[0]) if after and 1 <= int(after[0]) <= 31 else None)
    if before and int(before[-1]) <= 31 and len(before[-1]) <= 2:
        ahead = past_year(int(before[0]), today) if len(before) == 2 and 31 < int(before[0]) < 100 else None
        return Parts(_year(after, today) or _lone_year(text, after) or ahead, month, int(before[-1]))
    if len(after) == 1 and len(after[0]) == 4:
        return Parts(int(after[0]), month, None)
    if after and len(after[0]) > 2:
        return _run_together(after, month, today)
    if after and not 1 <= int(after[0]) <= 31:
        return Parts(_year(after, today), month, None)
    split = after and len(after) >= 3 and len(after[1]) == 1 and len(after[2]) == 2 and after[0] in ("20", "30")
    if split and int(after[0]) + int(after[1]) <= 31 and _year(after[2:], today):
        return Parts(_year(after[2:], today), month, int(after[0]) + int(after[1]))
    return Parts(_year(after[1:], today), month, int(after[0]) if after else None)


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


def _year(figures_: list[str], today: date) -> int | None:
    """Read a year from figures: 1982, 19 82, 82, 19 0 5, 1 9 8 2, 2000 5, 20 10."""
    if not figures_:
        return None
    joined = "".join(figures_[:4])
    if len(figures_[0]) == 4:
        head = int(figures_[0])
        if head in (1900, 2000) and len(figures_) > 1 and len(figures_[1]) <= 2:
            return head + int(figures_[1])
        return head if 1850 <= head <= today.year + 100 else None
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
        year = _year(fields[2:], today)
        if year:
            return _ordered([fields[0], fields[1], str(year)], lang, today)
    if len(joined) == 6 and len(run) in (1, 6):
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
    """Put three figures in order: ISO when the year leads, else month first, day first where only that is possible."""
    if len(fields[0]) == 4:
        return Parts(int(fields[0]), int(fields[1]), int(fields[2]))
    first, second = int(fields[0]), int(fields[1])
    if not first or not second or max(first, second) > 31 or (first > 12 and second > 12):
        return None
    year = past_year(int(fields[2]), today)
    if first > 12:
        return Parts(year, second, first)
    # Spanish speakers often say the day first, so figures that allow both orders are read back with care.
    return Parts(year, first, second, unsure=lang == "es" and second <= 12 and first != second)


def _partial(parts: Parts) -> str:
    year = f"{parts.year:04d}" if parts.year else "????"
    month = f"{parts.month:02d}" if parts.month else "??"
    day = f"{parts.day:02d}" if parts.day else "??"
    return f"{year}-{month}-{day}"
