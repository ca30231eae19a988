"""Which part of the day and which hour a caller means: "after three", "between 2 and 4", "por la tarde"."""

from __future__ import annotations

import re

from calls.dialogue.language.choices import ruled_out
from calls.dialogue.language.dates import MONTHS
from calls.dialogue.language.days import Wish, is_morning
from calls.dialogue.language.text import Text

PARTS = {
    "morning": "morning", "mornings": "morning", "afternoon": "afternoon", "afternoons": "afternoon",
    "evening": "evening", "evenings": "evening", "tonight": "evening", "night": "evening", "noon": "noon",
    "midday": "noon", "lunchtime": "noon", "lunch": "noon", "comer": "noon", "tardecita": "afternoon",
    "tarde": "afternoon", "tardes": "afternoon", "noche": "evening", "mediodia": "noon", "mananas": "morning",
}  # fmt: skip
_AFTER = frozenset({"after", "despues", "past", "luego"})
_BEFORE = frozenset({"before", "antes", "by"})
_AROUND = frozenset({"around", "about", "como", "alrededor", "tipo", "eso", "aproximadamente"})
_LEADS = (
    _AFTER
    | _BEFORE
    | _AROUND
    | {"at", "or", "o", "u", "las", "la", "between", "entre", "from", "to", "and", "y", "than"}
)
_BETWEEN = frozenset({"between", "entre", "from"})
QUARTER = "quarto"
"""How "cuarto" is written here: text2num would make it a fourth."""
_MINUTES = {str(minute): minute for minute in range(5, 60, 5)} | {QUARTER: 15, "quarter": 15, "half": 30, "media": 30}
_EITHER = frozenset({"or", "o", "u"})
_FRACTIONS = frozenset({"half", "quarter"})
_SHADES = {"early": "early ", "temprano": "early ", "late": "late ", "mid": "mid ", "media": "mid "}
_EARLY = frozenset({"early", "temprano", "tempranito"})
_EARLIEST = 6
"""From this hour an early one is of the morning: "early, at seven"."""
_UNITS = frozenset({"of", "weeks", "days", "semanas", "dias", "months"})
_NOT_MORNING = frozenset({"mas", "good", "buenas", "buenos"})
"""Words before "tarde" or "morning" that make it "later" or a greeting."""
_FROM_TO = re.compile(
    r"\bde (?:las )?\d[\d:]* a (?:las )?\d|\b(?:1[0-2]|[1-9])(?::\d\d)? (?:to|till|until) (?:1[0-2]|[1-9])\b"
)
_FROM_THEN = re.compile(
    r"\b(?:so|and|any ?time|anything) after\b(?! \d)|\bafter (?:that|then)\b|\bdespues de es[oa]\b|\ba partir de"
)
"""An hour that is only the beginning: "I get off at five, so after that"."""
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d{2})$")


def find_clock(wish: Wish, text: Text, *, expecting: bool) -> None:
    """Set the part of the day and "at 3:00 pm", "after 3:00 pm", "between 2:00 pm and 4:00 pm" from `text`."""
    words = text.words
    _find_part(wish, words)
    found: list[tuple[str, str]] = []
    for here in range(len(words)):
        if here in wish.used:
            continue
        hour, minute = _hour(words, here)
        if hour is not None and _is_clock(words, here, expecting=expecting):
            found.append((_lead_word(words, here), _clock(hour, minute, words, here, wish.part)))
    if len(found) >= 2 and (_BETWEEN & set(words) or _FROM_TO.search(" ".join(words))):
        wish.clock = f"between {found[0][1]} and {found[1][1]}"
    elif len(found) >= 2 and _EITHER & set(words) and found[1][1] not in found[0][1]:
        wish.clock = f"{found[0][0]} {found[0][1]} or {found[1][1]}"
    elif found:
        lead = "after" if found[0][0] == "at" and _FROM_THEN.search(" ".join(words)) else found[0][0]
        wish.clock = f"{lead} {found[0][1]}"
    else:
        wish.clock = _loose(words)


def _is_clock(words: tuple[str, ...], here: int, *, expecting: bool) -> bool:
    """Tell an hour from any other figure: it has a colon, a word of time beside it, or is nearly all that was said."""
    follows = words[here + 1] if here + 1 < len(words) else ""
    of_the = follows == "de" and words[here + 2 : here + 3] == ("la",)
    if (here and words[here - 1] in MONTHS) or follows in _UNITS or (follows == "de" and not of_the):
        return False
    if follows == "past" and words[here] in _MINUTES and words[here + 2 : here + 3] != ():
        return False  # "five past four" is no five
    lead = set(words[max(0, here - 3) : here])
    marked = bool(lead & (_LEADS | _FRACTIONS)) or follows in ("am", "pm", "oclock") or of_the
    bare = expecting and len(words) <= 4 and (here == 0 or words[here - 1] not in ("the", "el", "dia"))
    return ":" in words[here] or marked or bare


def _lead_word(words: tuple[str, ...], here: int) -> str:
    """Return after, before, around or at; the "past" of "half past" is none of them."""
    near = words[max(0, here - 4) : here]
    lead = set(near[-3:])
    if _FRACTIONS & lead or (near[-1:] == ("past",) and set(near[-2:-1]) & _MINUTES.keys()):
        lead -= {"past"}
    if ({"no", "not", "nothing", "nada"} & set(near) and lead & _BEFORE) or {"earlier", "than"} <= set(near):
        return "not before"
    if lead & _AFTER:
        return "not after" if {"not", "no", "nada"} & set(near) else "after"
    if lead & _BEFORE:
        return "before"
    return "around" if lead & _AROUND else "at"


def _find_part(wish: Wish, words: tuple[str, ...]) -> None:
    """Set the part of the day, two of them where two days were named, or the one that is ruled out."""
    parts: list[str] = []
    for here, word in enumerate(words):
        part = "morning" if word == "manana" and is_morning(words, here) else PARTS.get(word, "")
        lead = words[here - 1] if here else ""
        if not part or lead in _NOT_MORNING or here in wish.used:
            continue
        if ruled_out(words, here):
            part = f"not {part}"
        elif part == "noon" and (side := _lead_word(words, here)).endswith(("before", "after")):
            part = f"{side} noon"
        else:
            part = _SHADES.get(lead, "") + part
        if part not in parts:
            parts.append(part)
    if parts and not wish.part:
        wish.part = " or ".join(parts) if " or " in wish.span else parts[0]
    if not wish.part and _EARLY.intersection(words) and len(words) <= 6 and not wish.span.startswith("start of"):
        wish.part = "early"


def _loose(words: tuple[str, ...]) -> str:
    """Return "after work", "before school": clock words tied to the caller's own day."""
    for here, word in enumerate(words[:-1]):
        rest = [next_ for next_ in words[here + 1 : here + 4] if next_ in ("work", "school", "trabajo", "escuela")]
        if rest and word in _AFTER | _BEFORE:
            return f"{'after' if word in _AFTER else 'before'} {'work' if rest[0] in ('work', 'trabajo') else 'school'}"
    return ""


def _hour(words: tuple[str, ...], here: int) -> tuple[int | None, int]:
    """Return hour and minute of the figure at `here`; (None, 0) when it is none of a clock."""
    word = words[here]
    match = _CLOCK.match(word)
    if match:
        hour, minute = int(match.group(1)), int(match.group(2))
        return (hour, minute) if hour < 24 and minute < 60 else (None, 0)
    if not word.isdigit() or len(word) > 2 or not 1 <= int(word) <= 12:
        return None, 0
    hour = int(word)
    follows = words[here + 1] if here + 1 < len(words) else ""
    if follows in _MINUTES and follows != "5":
        return hour, _MINUTES[follows]
    counted = _MINUTES.get(words[here + 2] if here + 2 < len(words) else "", 0)
    if follows in ("y", "menos") and counted:
        return (hour, counted) if follows == "y" else _until(hour, counted)
    if f"{QUARTER} para" in " ".join(words[max(0, here - 4) : here]):
        return _until(hour, 15)
    counted = _MINUTES.get(words[here - 2], 0) if here >= 2 else 0
    if words[here - 1] == "past" and counted:
        return hour, counted
    return _until(hour, counted) if words[here - 1] == "to" and counted > 12 else (hour, 0)


def _until(hour: int, minutes: int) -> tuple[int, int]:
    """Return the time so many minutes before the hour."""
    return (hour - 2) % 12 + 1, 60 - minutes


def _clock(hour: int, minute: int, words: tuple[str, ...], here: int, part: str) -> str:
    """Return "15:00" style text in 12-hour form with am or pm where it was said or is plain from the part of day."""
    near = words[here + 1 : here + 3]
    if hour > 12:
        return f"{hour - 12}:{minute:02d} pm"
    if "am" in near:
        half = " am"
    elif "pm" in near or "afternoon" in part or "evening" in part:
        half = " pm"
    elif "morning" in part or (hour >= _EARLIEST and _EARLY.intersection(words)):
        half = " am"
    else:
        # A clinic's day makes 8 to 11 morning and 12 to 6 afternoon.
        half = " am" if 7 < hour < 12 else " pm"
    return f"{hour}:{minute:02d}{half}"
