"""When a caller would like to come, or when the appointment they mean is: readable text for staff."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import dateparser

from calls.dialogue.language.dates import MONTHS, safe_date
from calls.dialogue.language.numbers import figures
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4,
    "lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5, "domingo": 6,
}  # fmt: skip
_PLURAL_DAYS = {f"{name}s": number for name, number in WEEKDAYS.items() if name.endswith("day")} | {"sabados": 5, "domingos": 6}
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PARTS = {
    "morning": "morning", "mornings": "morning", "afternoon": "afternoon", "afternoons": "afternoon",
    "evening": "evening", "evenings": "evening", "tonight": "evening", "night": "evening", "noon": "noon",
    "midday": "noon", "lunchtime": "noon", "lunch": "noon",
    "tarde": "afternoon", "tardes": "afternoon", "noche": "evening", "mediodia": "noon", "mananas": "morning",
}  # fmt: skip
_NEXT = frozenset({"next", "proximo", "proxima", "siguiente"})
_THIS = frozenset({"this", "este", "esta"})
_AFTER = frozenset({"after", "despues", "past", "luego"})
_BEFORE = frozenset({"before", "antes", "by"})
_AROUND = frozenset({"around", "about", "como", "alrededor", "tipo"})
_FRACTIONS = frozenset({"half", "quarter"})
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d{2})$")
_RELATIVE = re.compile(r"\b(in|dentro de|en) (\d+|a|an|un|una) (day|days|week|weeks|month|months|dias?|semanas?|mes|meses)\b")


@dataclass(slots=True)
class _Wish:
    """What the words say so far: a day or a span of days, a part of the day, a clock time."""

    day: date | None = None
    span: str = ""
    part: str = ""
    clock: str = ""
    sure: float = 0.85

    def text(self) -> str:
        day = _readable(self.day) if self.day else self.span
        return ", ".join(filter(None, (day, self.part, self.clock)))


def read_time(words: str, *, lang: str, now: datetime, expecting: bool = False) -> Value | None:
    """Return the wished time in `words` as English text for staff ("Tue 24 Nov 2026, afternoon"), or None.

    `now` is aware, in the clinic's zone. A weekday alone is the next one after today. With `expecting`, words that
    name no time are kept as they are with confidence 0.55.
    """
    text = read(words)
    if not expecting and not hints_at_time(text, lang):
        return None
    counted = figures(words, lang)
    wish = _Wish()
    _find_day(wish, counted, now.date(), expecting=expecting)
    _find_part(wish, counted, lang)
    _find_clock(wish, counted, expecting=expecting)
    said = wish.text()
    if said:
        return Value(said, text.raw, wish.sure)
    general = _general(text, lang)
    if general:
        return Value(general, text.raw, 0.9)
    if not expecting or not len(text):
        return None
    parsed = _by_dateparser(text.raw, lang, now)
    return Value(_readable(parsed), text.raw, 0.7) if parsed else Value(text.raw, text.raw, 0.55)


def hints_at_time(text: Text, lang: str) -> bool:
    """Tell whether any word of `text` speaks of days or hours, so that the slower reading is worth it."""
    hints = load(lang).lists["times"]["hints"]
    return any(
        word in WEEKDAYS or word in _PLURAL_DAYS or word in _PARTS or word in MONTHS or word in hints or word in ("am", "pm", "asap")
        for word in text.words
    )


def _readable(day: date) -> str:
    return f"{_DAY_NAMES[day.weekday()]} {day.day} {day:%b} {day.year}"


def _find_day(wish: _Wish, text: Text, today: date, *, expecting: bool) -> None:
    words = text.words
    joined = " ".join(words)
    for here, word in enumerate(words):
        before = words[max(0, here - 2) : here]
        if word == "tomorrow" or (word == "manana" and not _is_morning(words, here)):
            ahead = 2 if "pasado" in before or "after" in before else 1
            wish.day = today + timedelta(days=ahead)
        elif word in ("today", "tonight", "hoy"):
            wish.day = today
        elif word in _PLURAL_DAYS:
            wish.span = "any " + ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[_PLURAL_DAYS[word]]
        elif word in WEEKDAYS:
            _weekday(wish, WEEKDAYS[word], words, here, today)
        elif word in MONTHS and not wish.day:
            _month_day(wish, words, here, today)
        if wish.day:
            return
    relative = _RELATIVE.search(joined)
    if relative and not wish.day:
        _relative(wish, relative, today)
    elif not wish.span:
        _week(wish, words, joined, today)
    if expecting and not wish.span and not wish.day:
        wish.day = _day_of_month(words, today)


def _day_of_month(words: tuple[str, ...], today: date) -> date | None:
    """Return the coming day that "the 15th" or "el 15" names."""
    for before, word in zip(words, words[1:], strict=False):
        day = _number(word)
        if before in ("the", "el", "dia") and 1 <= day <= 31 and (word != str(day) or day > 12 or before != "the"):
            for ahead in range(2):
                month = (today.month - 1 + ahead) % 12 + 1
                found = safe_date(today.year + (today.month + ahead > 12), month, day)
                if found and found > today:
                    return found
    return None


def _is_morning(words: tuple[str, ...], here: int) -> bool:
    """Tell "la mañana" (morning) from "mañana" (tomorrow)."""
    return here > 0 and words[here - 1] in ("la", "las", "cualquier", "toda")


def _weekday(wish: _Wish, number: int, words: tuple[str, ...], here: int, today: date) -> None:
    """Set the next such day after today; "next Tuesday" skips this week's, and is read back with more care."""
    near = set(words[max(0, here - 2) : here]) | set(words[here + 1 : here + 4])
    if {"cualquier", "any", "every"} & set(words[max(0, here - 1) : here]):
        wish.span = "any " + ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[number]
        return
    ahead = (number - today.weekday()) % 7 or 7
    day = today + timedelta(days=ahead)
    follows = " ".join(words[here + 1 : here + 5])
    if (_NEXT & near or "que viene" in follows) and day.isocalendar()[1] == today.isocalendar()[1]:
        day += timedelta(days=7)
        wish.sure = 0.7
    wish.day = day


def _month_day(wish: _Wish, words: tuple[str, ...], here: int, today: date) -> None:
    """Set "December 3rd", "el 3 de diciembre" or the whole month, in the coming twelve months."""
    month = MONTHS[words[here]]
    numbers = [_number(word) for word in (*words[max(0, here - 2) : here][::-1], *words[here + 1 : here + 3])]
    days = [number for number in numbers if number and number <= 31]
    if not days:
        if words[here] not in ("may", "mar"):
            wish.span = f"{date(2000, month, 1):%B}"
        return
    year = today.year if (month, days[0]) >= (today.month, today.day) else today.year + 1
    wish.day = safe_date(year, month, days[0])


def _number(word: str) -> int:
    match = re.match(r"^(\d{1,2})(?:st|nd|rd|th|ro|o)?$", word)
    return int(match.group(1)) if match else 0


def _relative(wish: _Wish, match: re.Match[str], today: date) -> None:
    """Set "in two weeks" and "dentro de tres días"."""
    count = int(match.group(2)) if match.group(2).isdigit() else 1
    unit = match.group(3)
    if count > 60:
        return
    if unit.startswith("d"):
        wish.day = today + timedelta(days=count)
    elif unit.startswith(("w", "s")):
        monday = today + timedelta(days=7 * count - today.weekday())
        wish.span = f"week of {_readable(monday)}"
    else:
        month = (today.month - 1 + count) % 12 + 1
        wish.span = f"{date(2000, month, 1):%B}"


def _week(wish: _Wish, words: tuple[str, ...], joined: str, today: date) -> None:
    """Set spans: this week, next week, the weekend, next month, weekdays."""
    monday = today - timedelta(days=today.weekday())
    coming = bool(_NEXT & set(words)) or "que viene" in joined or "que entra" in joined
    if "weekend" in words or "fin de semana" in joined or "fines de semana" in joined:
        wish.span = "weekend of " + _readable(monday + timedelta(days=12 if coming else 5))
    elif "weekday" in words or "weekdays" in words or "entre semana" in joined:
        wish.span = "any weekday"
    elif ("week" in words or "semana" in words) and coming:
        wish.span = "week of " + _readable(monday + timedelta(days=7))
    elif ("week" in words or "semana" in words) and _THIS & set(words):
        wish.span = "this week"
    elif ("month" in words or "mes" in words) and coming:
        wish.span = f"{date(2000, today.month % 12 + 1, 1):%B}"
    elif ("month" in words or "mes" in words) and _THIS & set(words):
        wish.span = "this month"


def _find_part(wish: _Wish, text: Text, lang: str) -> None:
    words = text.words
    for here, word in enumerate(words):
        part = _PARTS.get(word, "")
        if word == "manana" and _is_morning(words, here):
            part = "morning"
        if here and words[here - 1] in ("mas", "good", "buenas", "buenos"):
            continue
        if part and not wish.part:
            early = next((lead for lead in ("early", "late", "temprano") if lead in words[max(0, here - 1) : here]), "")
            wish.part = f"{'early' if early == 'temprano' else early} {part}".strip()
    if not wish.part and ("temprano" in words or "early" in words) and len(words) <= 6:
        wish.part = "early"


def _find_clock(wish: _Wish, text: Text, *, expecting: bool) -> None:
    """Set "at 3:00", "after 3:00", "between 2:00 and 4:00"; a bare figure counts only beside a word of time."""
    words = text.words
    found: list[tuple[str, str]] = []
    for here, word in enumerate(words):
        hour, minute = _hour(words, here)
        if hour is None:
            continue
        lead = set(words[max(0, here - 3) : here]) - ({"past"} if _FRACTIONS & set(words[max(0, here - 2) : here]) else set())
        follows = words[here + 1] if here + 1 < len(words) else ""
        marked = bool(_FRACTIONS & set(words[max(0, here - 2) : here])) or bool(lead & (_AFTER | _BEFORE | _AROUND | {"at", "las", "la", "between", "entre", "from", "to", "and", "y"})) or follows in ("am", "pm", "oclock")
        bare = expecting and len(words) <= 4 and (here == 0 or words[here - 1] not in ("the", "el", "dia"))
        by_day = follows == "de" and words[here + 2 : here + 3] == ("la",)
        if ":" not in word and not marked and not bare and not by_day:
            continue
        if here and words[here - 1] in MONTHS or follows in ("de", "of", "weeks", "days", "semanas", "dias", "months"):
            if follows != "de" or (here + 3 < len(words) and words[here + 2] != "la"):
                continue
        found.append((_lead_word(lead), _clock(hour, minute, words, here, wish.part)))
    if len(found) >= 2 and {"between", "entre", "from"} & set(words):
        wish.clock = f"between {found[0][1]} and {found[1][1]}"
    elif found:
        wish.clock = f"{found[0][0]} {found[0][1]}".strip()
    elif not wish.clock:
        wish.clock = _loose(words)


def _loose(words: tuple[str, ...]) -> str:
    """Return "after work", "before school": clock words tied to the caller's own day."""
    for here, word in enumerate(words[:-1]):
        rest = [next_ for next_ in words[here + 1 : here + 4] if next_ in ("work", "school", "trabajo", "escuela")]
        if rest and word in _AFTER | _BEFORE:
            return f"{'after' if word in _AFTER else 'before'} {'work' if rest[0] in ('work', 'trabajo') else 'school'}"
    return ""


def _hour(words: tuple[str, ...], here: int) -> tuple[int | None, int]:
    word = words[here]
    match = _CLOCK.match(word)
    if match:
        hour, minute = int(match.group(1)), int(match.group(2))
        return (hour, minute) if hour < 24 and minute < 60 else (None, 0)
    if not word.isdigit() or len(word) > 2 or not 1 <= int(word) <= 12:
        return None, 0
    follows = words[here + 1] if here + 1 < len(words) else ""
    if follows in ("30", "15", "45"):
        return int(word), int(follows)
    if follows == "y" and here + 2 < len(words) and words[here + 2] in ("media", "cuarto"):
        return int(word), 30 if words[here + 2] == "media" else 15
    if here >= 2 and words[here - 1] == "past" and words[here - 2] in _FRACTIONS:
        return int(word), 30 if words[here - 2] == "half" else 15
    if here >= 2 and words[here - 2 : here] == ("quarter", "to"):
        return (int(word) - 2) % 12 + 1, 45
    return int(word), 0


def _clock(hour: int, minute: int, words: tuple[str, ...], here: int, part: str) -> str:
    """Return "15:00" style text in 12-hour form with am or pm where it was said or is plain from the part of day."""
    near = words[here + 1 : here + 3]
    if hour > 12:
        return f"{hour - 12}:{minute:02d} pm"
    if "am" in near:
        half = " am"
    elif "pm" in near or "afternoon" in part or "evening" in part:
        half = " pm"
    elif "morning" in part:
        half = " am"
    else:
        # A clinic's day makes 8 to 11 morning and 12 to 6 afternoon.
        half = " am" if 7 < hour < 12 else " pm"
    return f"{hour}:{minute:02d}{half}"


def _lead_word(lead: set[str]) -> str:
    if lead & _AFTER:
        return "after"
    if lead & _BEFORE:
        return "before"
    return "around" if lead & _AROUND else "at"


def _general(text: Text, lang: str) -> str:
    """Return the canonical sentence for "as soon as possible" and "any time"."""
    lists = load(lang).lists["times"]
    said = " " + " ".join(text.words) + " "
    for group, canonical in (("asap", "As soon as possible"), ("any", "Any time")):
        if any(f" {' '.join(read(phrase).words)} " in said for phrase in lists[group]):
            return canonical
    return ""


def _by_dateparser(words: str, lang: str, now: datetime) -> date | None:
    """Ask dateparser about an answer that the rules above could not read. Slow, so only for expected answers."""
    if len(words) > 60 or not any(char.isdigit() for char in words):
        return None
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
    try:
        found = dateparser.parse(words, languages=["es" if lang == "es" else "en"], settings=settings)
    except Exception:  # a parser of free text must not end a call, whatever it meets
        return None
    return found.date() if found and found.date() >= now.date() else None
