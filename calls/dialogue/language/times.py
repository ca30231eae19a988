"""When a caller would like to come, or when the appointment they mean is: readable text for staff."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

import dateparser

from calls.dialogue.language.choices import find_choice
from calls.dialogue.language.clock import PARTS, QUARTER, find_clock
from calls.dialogue.language.dates import MONTHS
from calls.dialogue.language.days import PLURAL_DAYS, WEEKDAYS, Wish, coming, find_day, readable
from calls.dialogue.language.numbers import figures
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

_OPENING = re.compile(r"\bfirst thing\b|\ba primera hora\b", re.IGNORECASE)
_IS_GOOD = re.compile(r"(day|tomorrow)['’]s\b", re.IGNORECASE)
_QUARTER = re.compile(r"\bcuarto\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|primer[oa]?)\b"
    r"|\b(?:un|una)\s+(?=mes|semana|d[ií]a)",
    re.IGNORECASE,
)
_BOUNDS = frozenset(
    {"after", "before", "except", "but", "not", "until", "between", "despues", "antes", "menos", "excepto", "hasta"}
)
"""Words by which "any time" is not any time."""
_TO = frozenset({"to", "para", "al", "a"})


def read_time(words: str, *, lang: str, now: datetime, expecting: bool = False) -> Value | None:
    """Return the wished time in `words` as English text for staff ("Tue 24 Nov 2026, afternoon"), or None.

    `now` is aware, in the clinic's zone. A weekday alone is the next one after today. With `expecting`, words that
    name no time are kept as they are with confidence 0.55.
    """
    text = read(words)
    if not expecting and not hints_at_time(text, lang):
        return None
    wish = Wish()
    for said in attempts(text, lang):
        wish = _mended(wish, _wish(said, lang, now.date(), expecting=expecting))
    said = wish.text()
    general = _general(text, lang)
    bounded = wish.clock and not wish.clock.startswith("at ")
    if said and not (general and not wish.day and not wish.span and not wish.part and not bounded):
        return Value(said, text.raw, wish.sure)
    if general:
        return Value(general, text.raw, 0.9)
    if not expecting or not len(text):
        return None
    parsed = _by_dateparser(text.raw, lang, now)
    return Value(readable(parsed), text.raw, 0.7) if parsed else Value(text.raw, text.raw, 0.55)


def _wish(said: str, lang: str, today: date, *, expecting: bool) -> Wish:
    """Read the day first, then the clock, from words whose numbers are figures; an ordinal is never an hour."""
    opening = _OPENING.search(said)
    rest = _IS_GOOD.sub(r"\1 is", _QUARTER.sub(QUARTER, _OPENING.sub(" ", said)))
    counted, wish = figures(rest, lang), Wish()
    find_choice(wish, counted.words, today, lambda number: coming(number, today))
    find_day(wish, counted, today, expecting=expecting)
    if _ORDINAL.search(rest) and not wish.used:
        counted = figures(_ORDINAL.sub(" ", rest), lang)
    find_clock(wish, counted, expecting=expecting)
    if opening and not wish.clock:
        wish.clock = "first thing"
    return wish


def _mended(before: Wish, after: Wish) -> Wish:
    """Return the later of two attempts, with the day or the hour of the earlier one where it was not said again."""
    if not before.text() or not after.text():
        return after if after.text() else before
    if not (after.day or after.span):
        after.day, after.span, after.but = before.day, before.span, before.but
        after.part = after.part or ("" if after.clock else before.part)
    elif not (after.part or after.clock):
        after.part, after.clock = before.part, before.clock
    return after


def hints_at_time(text: Text, lang: str) -> bool:
    """Tell whether any word of `text` speaks of days or hours, so that the slower reading is worth it."""
    return not hint_words(lang).isdisjoint(text.words)


def read_move(words: str, *, lang: str, now: datetime) -> tuple[Value | None, Value | None]:
    """Return (old time, new time) of "move my Tuesday appointment to Friday"; either may be None.

    The last "to" with a time after it parts the two; without one, both are None.
    """
    text = read(words)
    for here in range(len(text) - 1, 0, -1):
        near = text.said(here + 1, here + 4)  # "I need to reschedule" has no time right after its "to"
        if text.words[here] not in _TO or not hints_at_time(read(near), lang):
            continue
        new = read_time(text.said(here + 1, len(text)), lang=lang, now=now)
        if new:
            return read_time(text.said(0, here), lang=lang, now=now), new
    return None, None


@lru_cache(maxsize=4)
def hint_words(lang: str) -> frozenset[str]:
    """Return the folded words that speak of days and hours."""
    return frozenset(
        {*WEEKDAYS, *PLURAL_DAYS, *PARTS, *MONTHS, *load(lang).lists["times"]["hints"], "am", "pm", "asap"}
    )


def _general(text: Text, lang: str) -> str:
    """Return the canonical sentence for "as soon as possible" and "any time"."""
    lists = load(lang).lists["times"]
    said = " " + " ".join(text.words) + " "
    for group, canonical in (("asap", "As soon as possible"), ("any", "Any time")):
        if any(f" {' '.join(read(phrase).words)} " in said for phrase in lists[group]):
            return "" if group == "any" and not _BOUNDS.isdisjoint(text.words) else canonical
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
