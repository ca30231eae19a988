"""Which day a caller means: tomorrow, next Tuesday, the 15th, any morning next week."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from calls.dialogue.language.dates import MONTHS, safe_date
from calls.dialogue.language.text import Text

WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4,
    "lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5, "domingo": 6,
}  # fmt: skip
PLURAL_DAYS = {f"{name}s": number for name, number in WEEKDAYS.items() if name.endswith("day")}
PLURAL_DAYS |= {"sabados": 5, "domingos": 6}
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEXT = frozenset({"next", "proximo", "proxima", "siguiente"})
_THIS = frozenset({"this", "este", "esta"})
_EVERY = frozenset({"cualquier", "any", "every"})
_RELATIVE = re.compile(
    r"\b(in|dentro de|en)(?: about| around| like| unos| unas| como)? (\d+|a|an|un|una)"
    r" (day|days|week|weeks|month|months|dias?|semanas?|mes|meses)\b"
)
_FROM_NOW = re.compile(r"\b()(\d+|a|an) (day|days|week|weeks|month|months) from (?:now|today)\b")
_WEEK_FROM = re.compile(r"\b(?:a|1) week from (today|tomorrow)\b")
_AFTER_NEXT = re.compile(
    r"\bweek after next\b|\bsemana despues de la (?:que viene|proxima)\b|\bla siguiente a la que viene\b"
)
_EIGHT_DAYS = re.compile(rf"\b(?:de )?(hoy|manana|el (?:{'|'.join(WEEKDAYS)})) en (?:8|15)\b")
"""A week on: "hoy en ocho", "de mañana en ocho", "el lunes en ocho"."""
_SLASHED = re.compile(r"^(\d{1,2})[/\-](\d{1,2})(?:[/\-](\d{2}|\d{4}))?$")
_FIRST_OF = re.compile(r"\b(?:1|2|3) (?:week|semana) (?:of|de) (\w+)")
_EDGES = (
    ("end of ", re.compile(r"\b(?:end of|ends? of|fin de|fines de|finales de|ultimos dias de)\b")),
    ("start of ", re.compile(r"\b(?:early|start of|beginning of|principios? de|comienzos? de|inicios? de)\b")),
)
_NEW_YEAR = re.compile(
    r"\b(?:in|after) the new year\b|\b(?:despues de|pasando) ano nuevo\b|\bel (?:otro|proximo) ano\b"
)


@dataclass(slots=True)
class Wish:
    """What the words say so far: a day or a span of days, a part of the day, a clock time."""

    day: date | None = None
    span: str = ""
    part: str = ""
    clock: str = ""
    sure: float = 0.85
    but: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    """Tokens that were read as part of the day, so that no clock reads them again."""

    def text(self) -> str:
        day = readable(self.day) if self.day else self.span
        return ", ".join(filter(None, (day, self.part, self.clock)))


def readable(day: date) -> str:
    """Return a day as staff read it: "Tue 24 Nov 2026"."""
    return f"{LONG_DAYS[day.weekday()][:3]} {day.day} {day:%b} {day.year}"


def find_day(wish: Wish, text: Text, today: date, *, expecting: bool) -> None:
    """Set the day or span that `text` names; with `expecting`, "the 15th" counts too."""
    words = text.words
    if wish.span:
        if wish.but and wish.span.startswith("any day but"):
            _week_without(wish, words, today)
        return
    joined = " ".join(words)
    on = _EIGHT_DAYS.search(joined) or _WEEK_FROM.search(joined)
    if on:
        _week_on(wish, on[1].split()[-1], on[0].endswith(" 15"), today)
        wish.used.update(range(len(words)))
        return
    for here, word in enumerate(words):
        _one_word(wish, words, here, word, today)
        if wish.day:
            return
    if _apart(wish, joined, today):
        return
    relative = _RELATIVE.search(joined) or _FROM_NOW.search(joined)
    if relative:
        _relative(wish, relative, today)
    elif not wish.span:
        _week(wish, words, joined, today)
        _edge(wish, words, joined)
    if expecting and not wish.span and not wish.day:
        wish.day = _day_of_month(words, today)


def _week_without(wish: Wish, words: tuple[str, ...], today: date) -> None:
    """Keep the week beside the day that is ruled out: "any time next week except Wednesday"."""
    week = Wish()
    _week(week, words, " ".join(words), today)
    if week.span:
        wish.span = f"{week.span} but not {' or '.join(wish.but)}"


def _week_on(wish: Wish, said: str, twice: bool, today: date) -> None:
    """Set the day a week, or two, after the one that was named."""
    tomorrow = today + timedelta(days=1)
    begins = {"hoy": today, "today": today, "manana": tomorrow, "tomorrow": tomorrow}.get(said)
    begins = begins or coming(WEEKDAYS[said], today)
    wish.day = begins + timedelta(days=14 if twice else 7)


def _apart(wish: Wish, joined: str, today: date) -> bool:
    """Set the spans with a wording of their own: the week after next, a week from today, the new year."""
    monday = today - timedelta(days=today.weekday())
    if _AFTER_NEXT.search(joined):
        wish.span = "week of " + readable(monday + timedelta(days=14))
    elif _NEW_YEAR.search(joined):
        wish.span = "January"
    elif "few days" in joined or "unos dias" in joined or "couple of days" in joined or "par de dias" in joined:
        wish.span = "in a few days"
    return bool(wish.span or wish.day)


def _edge(wish: Wish, words: tuple[str, ...], joined: str) -> None:
    """Set "end of the month" and "start of next week"."""
    for name, said in _EDGES:
        if not said.search(joined):
            continue
        if wish.span.startswith("week of"):
            wish.span = name + wish.span
        elif ("month" in words or "mes" in words) and not wish.span:
            wish.span = f"{name}the month"
        elif ("week" in words or "la semana" in joined) and not wish.span:
            wish.span = f"{name}the week"
        else:
            continue
        wish.part = ""
        return


def _one_word(wish: Wish, words: tuple[str, ...], here: int, word: str, today: date) -> None:
    """Set what the word at `here` says of the day, if anything."""
    before = words[max(0, here - 2) : here]
    if word == "tomorrow" or (word == "manana" and not is_morning(words, here)):
        wish.day = today + timedelta(days=2 if "pasado" in before or "after" in before else 1)
    elif word in ("today", "tonight", "hoy"):
        wish.day = today
    elif word in WEEKDAYS and LONG_DAYS[WEEKDAYS[word]] in wish.but:
        return
    elif word in PLURAL_DAYS:
        wish.span = f"any {LONG_DAYS[PLURAL_DAYS[word]]}"
    elif word in WEEKDAYS:
        _weekday(wish, WEEKDAYS[word], words, here, today)
    elif word in MONTHS:
        _month_day(wish, words, here, today)
    elif word[0].isdigit() and (figures := _SLASHED.match(word)):
        wish.day = _slashed(figures, today)
        wish.used.add(here)


def _slashed(figures: re.Match[str], today: date) -> date | None:
    """Return the coming day of "12/15": the month first, unless only the other order is a day."""
    first, second = int(figures[1]), int(figures[2])
    month, day = (first, second) if first <= 12 else (second, first)
    for year in (today.year, today.year + 1):
        found = safe_date(year, month, day)
        if found and found >= today:
            return found
    return None


def is_morning(words: tuple[str, ...], here: int) -> bool:
    """Tell "la mañana" (morning) from "mañana" (tomorrow)."""
    return here > 0 and words[here - 1] in ("la", "las", "cualquier", "toda", "media")


def _weekday(wish: Wish, number: int, words: tuple[str, ...], here: int, today: date) -> None:
    """Set the next such day after today; "next Tuesday" skips this week's, and is read back with more care."""
    near = set(words[max(0, here - 2) : here]) | set(words[here + 1 : here + 4])
    if _EVERY & set(words[max(0, here - 1) : here]):
        wish.span = f"any {LONG_DAYS[number]}"
        return
    dated = _dated_weekday(wish, number, words, here, today)
    if dated:
        wish.day = dated
        return
    nth = _nth_of_month(number, words, here, today)
    if nth:
        wish.day = nth
        wish.used.add(here - 1)
        return
    day = coming(number, today)
    if here >= 3 and words[here - 1] == "from" and words[here - 2] in ("week", "weeks"):
        weeks = int(words[here - 3]) if words[here - 3].isdigit() else 1
        wish.day = day + timedelta(days=7 * min(weeks, 12))
        return
    follows = " ".join(words[here + 1 : here + 5])
    if (_NEXT & near or "que viene" in follows) and day.isocalendar()[1] == today.isocalendar()[1]:
        day += timedelta(days=7)
        wish.sure = 0.7
    wish.day = day


def _nth_of_month(number: int, words: tuple[str, ...], here: int, today: date) -> date | None:
    """Return the day of "the first Monday in December", in the coming twelve months."""
    after = (
        words[here + 2] if words[here + 1 : here + 2] in (("in",), ("of",), ("de",)) and here + 2 < len(words) else ""
    )
    count = _number(words[here - 1]) if here else 0
    if after not in MONTHS or not 1 <= count <= 4:
        return None
    month = MONTHS[after]
    for year in (today.year, today.year + 1):
        first = date(year, month, 1)
        day = first + timedelta(days=(number - first.weekday()) % 7 + 7 * (count - 1))
        if day > today:
            return day
    return None


def coming(number: int, today: date) -> date:
    """Return the next such weekday after today."""
    return today + timedelta(days=(number - today.weekday()) % 7 or 7)


def _dated_weekday(wish: Wish, number: int, words: tuple[str, ...], here: int, today: date) -> date | None:
    """Return the day of "Friday the 4th", when the calendar has such a Friday in the next two months."""
    at = here + 2 if words[here + 1 : here + 2] in (("the",), ("el",), ("dia",)) else here + 1
    figure = _number(words[at]) if at < len(words) else 0
    after = words[at + 1 : at + 2]
    if not figure or after in (("am",), ("pm",), ("oclock",)) or (after and after[0] in MONTHS):
        return None
    for ahead in range(3):
        month = (today.month - 1 + ahead) % 12 + 1
        found = safe_date(today.year + (today.month + ahead > 12), month, figure) if figure <= 31 else None
        if found and found > today and found.weekday() == number:
            wish.used.add(at)
            return found
    return None


def _month_day(wish: Wish, words: tuple[str, ...], here: int, today: date) -> None:
    """Set "December 3rd", "el 3 de diciembre" or the whole month, in the coming twelve months."""
    month = MONTHS[words[here]]
    numbers = [_number(word) for word in (*words[max(0, here - 2) : here][::-1], *words[here + 1 : here + 3])]
    days = [number for number in numbers if number and number <= 31]
    week = _FIRST_OF.search(" ".join(words))
    if week and week[1] == words[here]:
        wish.span = f"{('first', 'second', 'third')[int(week[0][0]) - 1]} week of {date(2000, month, 1):%B}"
        wish.used.update(at for at, word in enumerate(words) if word == week[0][0])
        return
    if not days:
        if words[here] not in ("may", "mar"):
            edge = next((name for name, said in _EDGES if said.search(" ".join(words[max(0, here - 4) : here]))), "")
            wish.span = f"{edge}{date(2000, month, 1):%B}"
        return
    year = today.year if (month, days[0]) >= (today.month, today.day) else today.year + 1
    wish.day = safe_date(year, month, days[0])


def _number(word: str) -> int:
    match = re.match(r"^(\d{1,2})(?:st|nd|rd|th|ro|o)?$", word)
    return int(match.group(1)) if match else 0


def _relative(wish: Wish, match: re.Match[str], today: date) -> None:
    """Set "in two weeks" and "dentro de tres días"."""
    count = int(match.group(2)) if match.group(2).isdigit() else 1
    unit = match.group(3)
    if count > 60:
        return
    if unit.startswith("d"):
        wish.day = today + timedelta(days=count)
    elif unit.startswith(("w", "s")):
        monday = today + timedelta(days=7 * count - today.weekday())
        wish.span = f"week of {readable(monday)}"
    else:
        month = (today.month - 1 + count) % 12 + 1
        wish.span = f"{date(2000, month, 1):%B}"


def _week(wish: Wish, words: tuple[str, ...], joined: str, today: date) -> None:
    """Set spans: this week, next week, the weekend, next month, weekdays."""
    monday = today - timedelta(days=today.weekday())
    coming = bool(_NEXT & set(words)) or "que viene" in joined or "que entra" in joined
    if "weekends" in words or "fines de semana" in joined:
        wish.span = "any weekend"
    elif "weekend" in words or "fin de semana" in joined or "fines de semana" in joined:
        wish.span = "weekend of " + readable(monday + timedelta(days=12 if coming else 5))
    elif "weekday" in words or "weekdays" in words or "entre semana" in joined:
        wish.span = "any weekday"
    elif ("week" in words or "semana" in words) and coming:
        wish.span = "week of " + readable(monday + timedelta(days=7))
    elif ("week" in words or "semana" in words) and _THIS & set(words):
        wish.span = "this week"
    elif ("month" in words or "mes" in words) and coming:
        wish.span = f"{date(2000, today.month % 12 + 1, 1):%B}"
    elif ("month" in words or "mes" in words) and _THIS & set(words):
        wish.span = "this month"


def _day_of_month(words: tuple[str, ...], today: date) -> date | None:
    """Return the coming day that "the 15th" or "el 15" names."""
    for before, word in pairwise(words):
        day = _number(word)
        if before in ("the", "el", "dia") and 1 <= day <= 31:
            for ahead in range(2):
                month = (today.month - 1 + ahead) % 12 + 1
                found = safe_date(today.year + (today.month + ahead > 12), month, day)
                if found and found > today:
                    return found
    return None
