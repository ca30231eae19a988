"""Finding a task by name, number or words: both sides are folded alike, then matched by word beginnings. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MIN_LETTERS = 2
MAX_WORDS = 8
_WORD = re.compile(r"[a-z0-9]+")
_NUMBER_SHAPED = re.compile(r"[+(]*\d[\d\s().\-]*\d")


def folded(text: str) -> str:
    """Lower case without accents: "María" is found by "maria"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_to_find(*, texts: Iterable[str], number: str) -> list[str]:
    """All words by which a task is found, the number by its beginning, without country code, or by its last digits."""
    found = dict.fromkeys(_WORD.findall(folded(" ".join(texts))))
    digits = re.sub(r"\D", "", number)
    tails = [digits[-length:] for length in (10, 7, 4) if len(digits) > length]
    return [*found, *dict.fromkeys([digits, *tails] if digits else [])]


def typed_words(typed: str) -> tuple[str, ...]:
    """The words that a person typed, each to be found by its beginning; none when there is too little to search by."""
    text = folded(typed).strip()
    if _NUMBER_SHAPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    words = tuple(_WORD.findall(text)[:MAX_WORDS])
    return words if sum(map(len, words)) >= MIN_LETTERS else ()
