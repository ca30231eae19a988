"""The doctor a caller asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calls.dialogue.language.names import titled
from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

_MAX_NAME = 3


def read_doctor(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return "Dr. Patel" for "doctor patel", or None. With `expecting`, a bare name, "anyone" and "my doctor" count."""
    book, text = load(lang), read(words)
    lists = book.lists["doctor"]
    stops = book.sets["doctor"]["stops"]
    for here, word in enumerate(text.words):
        if word not in book.sets["doctor"]["titles"]:
            continue
        end = _end_of_name(text, here, stops)
        if _is_no_address(text, here, book.lists["doctor"].get("articles", ())):
            end = here  # "have the doctor call me" names nobody, "the doctor Brown" does
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


def _end_of_name(text: Text, title: int, stops: frozenset[str]) -> int:
    """Return where the name after a title ends: at a word that is none, at a stop, after "Patel's"."""
    end = title + 1
    while end < len(text) and end - title <= _MAX_NAME and text.words[end] not in stops and text.words[end].isalpha():
        if text.clauses[end] != text.clauses[title] and text.words[title] != "dr":
            break
        end += 1
        if re.search(r"['’]s$", text.said(end - 1, end)):
            break
    return end


def _is_no_address(text: Text, title: int, articles: Sequence[str]) -> bool:
    """Tell whether "the doctor" is followed by something that was not written as a name."""
    if not title or text.words[title - 1] not in articles or title + 1 >= len(text):
        return False
    return not text.said(title + 1, title + 2)[:1].isupper()


def _bare(word: str) -> str:
    """Return a name without the possessive of "Smith's"."""
    return re.sub(r"['’]s$", "", word)


def _within(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))
