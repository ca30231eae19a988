"""The doctor a caller asks for."""

from __future__ import annotations

import re

from calls.dialogue.language.names import titled
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import read
from calls.dialogue.types import Value

_MAX_NAME = 3


def read_doctor(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return "Dr. Patel" for "doctor patel", or None. With `expecting`, a bare name, "anyone" and "my doctor" count."""
    book, text = load(lang), read(words)
    lists = book.lists["doctor"]
    stops = frozenset(lists["stops"])
    for here, word in enumerate(text.words):
        if word not in lists["titles"]:
            continue
        end = here + 1
        while (
            end < len(text) and end - here <= _MAX_NAME and text.words[end] not in stops and text.words[end].isalpha()
        ):
            if text.clauses[end] != text.clauses[here] and word != "dr":
                break
            end += 1
        if end > here + 1 and len(text.words[here + 1]) > 1:
            return Value("Dr. " + titled([_bare(text.said(at, at + 1)) for at in range(here + 1, end)]), text.raw, 0.85)
    if not expecting:
        return None
    for group, canonical in (("any", "Any doctor"), ("mine", "Their usual doctor")):
        if any(_within(text.words, read(phrase).words) for phrase in lists[group]):
            return Value(canonical, text.raw, 0.9)
    hollow = stops | {*book.lists["name_words"]["answer"], *book.lists["name_words"]["stop"], *lists["skip"]}
    kept = [at for at, word in enumerate(text.words[:8]) if word not in hollow and word.isalpha()]
    if kept and len(kept) <= _MAX_NAME:
        return Value("Dr. " + titled([text.said(at, at + 1) for at in kept]), text.raw, 0.65)
    return None


def _bare(word: str) -> str:
    """Return a name without the possessive of "Smith's"."""
    return re.sub(r"['’]s$", "", word)


def _within(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))
