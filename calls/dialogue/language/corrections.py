"""What a correction changes: "no, March not May", "it's Alvarez with a z", "ends in 43 not 34"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from calls.dialogue.language.dates import MAX_AGE, MONTHS, date_parts, past_year, safe_date
from calls.dialogue.language.days import WEEKDAYS
from calls.dialogue.language.denials import clauses, last_attempt, standing, taken_back
from calls.dialogue.language.letters import spelled
from calls.dialogue.language.medications import read_medication
from calls.dialogue.language.names import read_name, titled, with_word
from calls.dialogue.language.numbers import figures, pieces
from calls.dialogue.language.pharmacies import read_pharmacy
from calls.dialogue.language.phones import digits_in, e164, read_phone
from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import Text, read
from calls.dialogue.language.times import hints_at_time, read_time
from calls.dialogue.types import Field, Value

_OTHER = frozenset(
    {
        "number",
        "digits",
        "ends",
        "ending",
        "area",
        "phone",
        "numero",
        "termina",
        "oclock",
        "am",
        "pm",
        "milligrams",
        "mg",
    }
)
"""Words that make a bare figure something else than a day or a year."""
_TELLING = 4
"""Letters from which a word of a reason tells which reason it is."""
_YEAR = frozenset({"year", "ano"})
_DAY = frozenset({"day", "dia"})
_LETTERS = {"zee": "z", "zeta": "z", "ese": "s", "ce": "c", "ve": "v", "be": "b", "uve": "v", "jota": "j", "ge": "g"}
_WITH = frozenset({"with", "con"})
_TIMES = (Field.PREFERRED_TIME, Field.APPOINTMENT_WHEN)


def correct(
    words: str, *, lang: str, now: datetime, known: Mapping[Field, Value], last: Field | None
) -> Mapping[Field, Value]:
    """Return the known fields that `words` correct, with their new values; empty when that is unclear.

    `last` is the field just read back: a bare "no, Tuesday" or "no, 43" is tried on it first, then on the field that
    was filled last. "X not Y" keeps the X.
    """
    text = read(words)
    if not len(text) or not known:
        return {}
    order = [field for field in (last, *reversed(known)) if field in known]
    for field in dict.fromkeys(order):
        value = _one(field, text, lang, now, known[field], last is field)
        if value and value.text != known[field].text:
            return {field: value}
    return {}


def _one(field: Field, text: Text, lang: str, now: datetime, old: Value, is_last: bool) -> Value | None:
    wanted = ", ".join(standing(last_attempt(text, lang)))
    match field:
        case Field.DATE_OF_BIRTH:
            return _birth_date(text, wanted, lang, now, old)
        case Field.CALLBACK_NUMBER:
            return _number(text, wanted, lang, old)
        case Field.PATIENT_NAME:
            return _name(text, wanted, lang, old, is_last)
        case Field.PREFERRED_TIME | Field.APPOINTMENT_WHEN:
            return _time(text, lang, now, old, is_last)
        case Field.MEDICATION:
            return _new(text, old, lang, lambda part: _listed(read_medication(part, lang=lang, expecting=is_last)))
        case Field.PHARMACY:
            return _new(text, old, lang, lambda part: _listed(read_pharmacy(part, lang=lang, expecting=False)))
        case Field.REASON | Field.QUESTION:
            return _own_words(text, old)
        case _:
            return None


def _time(text: Text, lang: str, now: datetime, old: Value, is_last: bool) -> Value | None:
    """Read the wished time; an hour of an attempt taken back stands when only the day was said again."""

    def timed(part: str) -> Value | None:
        if not hints_at_time(read(part), lang) and not (is_last and pieces(figures(part, lang))):
            return None
        return read_time(part, lang=lang, now=now, expecting=False)

    if len(attempts(text, lang)) > 1 and not taken_back(last_attempt(text, lang)):
        return timed(text.raw)
    return _new(text, old, lang, timed)


def _new(text: Text, old: Value, lang: str, reader: Callable[[str], Value | None]) -> Value | None:
    """Read what stands of the words without the parts that only say the old value again: "I said May but it's June"."""
    parts = standing(last_attempt(text, lang))
    for clause in (True, False):
        kept = [one for part in parts for one in (clauses(part) if clause else [part])]
        fresh = [one for one in kept if (said := reader(one)) is None or said.text != old.text]
        value = reader(", ".join(fresh)) if fresh else None
        if value:
            return value
    return None


def _listed(value: Value | None) -> Value | None:
    return value if value and value.confidence >= 0.65 else None


def _own_words(text: Text, old: Value) -> Value | None:
    """Change a reason or a question only where it is denied by name: "it's not for my knee, it's for my hip"."""
    denied = {word for part in taken_back(text) for word in read(part).words}
    meant = ", ".join(standing(text))
    if not any(len(word) >= _TELLING and word in denied for word in read(old.text).words) or not meant:
        return None
    return Value(meant, text.raw, 0.8)


def _birth_date(text: Text, wanted: str, lang: str, now: datetime, old: Value) -> Value | None:
    """Change the part of a known date that was said; a whole date replaces it."""
    try:
        born = date.fromisoformat(old.text)
    except ValueError:
        born = None
    today = now.date()
    parts = date_parts(wanted, lang=lang, today=today)
    if parts and (not parts.missing or born):
        return _dated(
            parts.year or (born.year if born else 0),
            parts.month or (born.month if born else 0),
            parts.day or (born.day if born else 0),
            today,
            text,
        )
    numbers = pieces(figures(wanted, lang))
    if not born or not numbers or _OTHER & set(text.words) or any(word in WEEKDAYS for word in text.words):
        return None
    return _dated(*_by_figure(text, numbers, born, today), today, text)


def _by_figure(text: Text, numbers: list[str], born: date, today: date) -> tuple[int, int, int]:
    """Read a bare figure as the year when it is named so or too great for a day, else as the day."""
    joined = "".join(numbers[:4])
    named_year = bool(_YEAR & set(text.words))
    if len(joined) == 4 and joined[:2] in ("19", "20"):
        return int(joined), born.month, born.day
    first = int(numbers[0][:4])
    if not named_year and (_DAY & set(text.words) or 1 <= first <= 31):
        return born.year, born.month, first
    return (past_year(first, today), born.month, born.day) if first < 100 else (0, 0, 0)


def _dated(year: int, month: int, day: int, today: date, text: Text) -> Value | None:
    born = safe_date(year, month, day)
    if born is None or born > today or today.year - born.year > MAX_AGE:
        return None
    return Value(born.isoformat(), text.raw, 0.85)


def _number(text: Text, wanted: str, lang: str, old: Value) -> Value | None:
    """Change the end of a known number, its area code, or the digits named with "not"; ten digits replace it."""
    whole = read_phone(wanted, lang=lang)
    if whole:
        return whole
    if any(word in MONTHS or word in WEEKDAYS for word in text.words):
        return None
    new, had = digits_in(wanted, lang=lang), old.text.removeprefix("+1")
    if not 2 <= len(new) <= 7 or len(had) != 10:
        return None
    wrong = digits_in(text.raw, lang=lang).replace(new, "", 1)
    said = set(text.words)
    if "area" in said and len(new) == 3:
        digits = new + had[3:]
    elif wrong and len(wrong) == len(new) and had.count(wrong) >= 1:
        at = had.rindex(wrong)
        digits = had[:at] + new + had[at + len(wrong) :]
    elif said & {"ends", "ending", "end", "last", "termina", "final", "ultimos", "terminan"}:
        digits = had[: -len(new)] + new
    else:
        return None
    number = e164(digits)
    return Value(number, text.raw, 0.85) if number else None


def _name(text: Text, wanted: str, lang: str, old: Value, is_last: bool) -> Value | None:
    """Change the letter, the spelled word or the surname of a known name."""
    letters = spelled(read(wanted), lang)
    words = old.text.split()
    if letters:
        return Value(with_word(words, letters[0]), text.raw, 0.85)
    lettered = _with_letter(text, words)
    if lettered:
        return Value(lettered, text.raw, 0.85)
    if any(word in MONTHS or word in WEEKDAYS or word[0].isdigit() for word in figures(wanted, lang).words):
        return None
    named = read_name(wanted, lang=lang, expecting=is_last)
    if not named or (not is_last and named.confidence < 0.7):
        return None
    said = named.text.split()
    if len(said) == 1 and len(words) > 1:
        return Value(
            with_word(words, said[0], surname=bool({"last", "surname", "apellido"} & set(text.words))), text.raw, 0.8
        )
    return named


def _with_letter(text: Text, words: list[str]) -> str:
    """Read "Alvarez with a z": the last letter, or a letter it is confused with, becomes the one said."""
    for here, word in enumerate(text.words):
        if word not in _WITH:
            continue
        for said in text.words[here + 1 : here + 3]:
            letter = _LETTERS.get(said, said)
            if len(letter) != 1 or letter == "a" or not letter.isalpha():
                continue
            return _swapped(words, letter, set(text.words))
    return ""


def _swapped(words: list[str], letter: str, said: set[str]) -> str:
    """Swap the last letter that sounds like `letter`, in the word that was named or else in any word."""
    groups = ("sz", "bv", "ckq", "gj", "iy", "mn", "ft", "pb", "td", "lr", "xs", "cs", "ea", "ei")
    named = [place for place, word in enumerate(words) if word.lower()[:3] in {one[:3] for one in said}]
    for place in named or range(len(words) - 1, -1, -1):
        word = words[place].lower()
        for at in range(len(word) - 1, -1, -1):
            if word[at] != letter and any(letter in group and word[at] in group for group in groups):
                return titled([*words[:place], word[:at] + letter + word[at + 1 :], *words[place + 1 :]])
    return ""
