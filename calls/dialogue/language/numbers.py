"""Spoken numbers as figures: text2num does the grammar, this file the telephone's habits."""

from __future__ import annotations

import re
from functools import lru_cache

from text_to_num import alpha2digit

from calls.dialogue.language.text import Text, read

_ZEROS = {"oh", "o", "zero", "cero", "nought", "naught"}
_TIMES = {"double": 2, "triple": 3, "doble": 2, "triple_": 3, "2 times": 2, "3 times": 3, "2 veces": 2, "3 veces": 3}
_FIGURE = re.compile(r"^(\d+)(?:st|nd|rd|th|er|ra|ro|do|o|a)?$")
_ES_ORDINALS = {
    "primero": "1", "primer": "1", "primera": "1", "segundo": "2", "segunda": "2", "tercero": "3", "tercer": "3",
    "tercera": "3",
}  # fmt: skip
_ES_UNFOLDED = {
    "dieciseis": "dieciséis",
    "veintidos": "veintidós",
    "veintitres": "veintitrés",
    "veintiseis": "veintiséis",
    "dos": "dos",
}
_EN_ORDINALS = {
    word: str(number)
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"thirtieth": "30"}
_TENS_ORDINAL = re.compile(r"\b(twenty|thirty)[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b")


_APART = re.compile(
    r"\b(veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)\s+"
    r"(?=(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b)",
    re.IGNORECASE,
)
_DAY_THEN_YEAR = re.compile(r"\b(twenty|thirty) two thousand\b")
"""A day and a year: nobody tells a clinic the number 22,009."""


@lru_cache(maxsize=512)
def figures(words: str, lang: str) -> Text:
    """Return `words` with spoken numbers written as figures: "oh four nineteen fifty two" reads 0 4 19 52.

    Ordinals become plain numbers ("fourth" 4), "double five" becomes 5 5. Words that are no numbers stay.
    """
    return read(" ".join(_one(word, lang) for word in _spoken(words, lang)))


def apart(words: str) -> str:
    """Part Spanish tens and a unit without "y" between, which are two groups: "sesenta nueve" is 60 9, not 69."""
    return _APART.sub(r"\1, ", words)


def pieces(text: Text, start: int = 0, end: int | None = None) -> list[str]:
    """Return the figures among tokens `start` to `end` as digit strings, separators inside them dropped."""
    found = []
    for word in text.words[start:end]:
        match = _FIGURE.match(word)
        if match:
            found.append(match.group(1))
        elif word[0].isdigit():
            found.extend(re.findall(r"\d+", word))
    return found


def _spoken(words: str, lang: str) -> list[str]:
    """Return the words after text2num has read them, zeros and "double" made explicit."""
    lowered = read(words).raw.lower().replace("’", "'")
    lowered = _DAY_THEN_YEAR.sub(r"\1, two thousand", lowered)
    lowered = re.sub(r"(?<=[a-zñáéíóú])-(?=[a-zñáéíóú])", " ", lowered)
    if lang == "es":
        tokens = [_ES_UNFOLDED.get(word, word) for word in lowered.split()]
        lowered = " ".join(_ES_ORDINALS.get(word.strip(",.;"), word) for word in tokens)
    else:
        lowered = _TENS_ORDINAL.sub(lambda m: str((20 if m[1] == "twenty" else 30) + int(_EN_ORDINALS[m[2]])), lowered)
        lowered = " ".join(_EN_ORDINALS.get(word.strip(",.;"), word) for word in lowered.split())
    lowered = " ".join("zero" if lang != "es" and word.strip(",.") in _ZEROS else word for word in lowered.split())
    try:
        lowered = alpha2digit(lowered, "es" if lang == "es" else "en", threshold=0)
    except Exception:  # text2num is Rust behind a thin wall; odd input must not end a call
        return lowered.split()
    return lowered.split()


def _one(word: str, lang: str) -> str:
    bare = word.strip(",.;")
    if bare in _ZEROS and not (lang == "es" and bare == "o"):
        return "0"
    return word


def doubled(text: Text) -> list[str]:
    """Return the words of `text` with "double 5" and "2 times 5" written 5 5, and "triple 0" written 0 0 0."""
    out: list[str] = []
    words = list(text.words)
    here = 0
    while here < len(words):
        said = next((length for length in (1, 2) if " ".join(words[here : here + length]) in _TIMES), 0)
        follows = words[here + said] if said and here + said < len(words) else ""
        if follows.isdigit():
            out.append(follows[0] * _TIMES[" ".join(words[here : here + said])] + follows[1:])
            here += said + 1
        else:
            out.append(words[here])
            here += 1
    return out
