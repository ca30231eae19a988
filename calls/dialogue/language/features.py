"""What the scorer weighs of an utterance: stems, their neighbours, concepts in order, and what the rules claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from calls.dialogue.language.phrasebook import ABOUT, Phrasebook, Spans
from calls.dialogue.language.text import Text

_READ_WORDS = 120
"""A request is made within this many words; what is told beyond them is not weighed."""
_NEAR = 6
"""Concepts this many words apart still belong to one thing said."""
_MAX_ORDERED = 40
_BEGINNING = 4
"""Letters by which forms of one verb are alike: "llámeme", "llamada"."""
_KEPT = 3
"""Letters that every stem keeps."""
_ENDINGS = {
    "en": ("ations", "ation", "ments", "ment", "ings", "ing", "edly", "ies", "ed", "es", "er", "ly", "s", "e"),
    "es": (
        "aciones", "ndome", "ndole", "ieron", "acion", "arlas", "arlos", "erme", "irme", "arme", "arle", "arlo",
        "arla", "ando", "iendo", "aron", "aban", "amos", "emos", "imos", "ados", "adas", "idos", "idas", "ado",
        "ada", "ido", "ida", "aba", "ara", "era", "ria", "eme", "en", "an", "ar", "er", "ir", "as", "es", "os", "a",
        "o", "e", "s",
    ),
}  # fmt: skip
_STEPS = ((0.94, "sure"), (0.85, "likely"), (0.7, "maybe"), (0.0, "weak"))


def features(text: Text, book: Phrasebook, spans: Spans, claims: Mapping[str, float]) -> Iterator[str]:
    """Yield each thing to weigh once or more; `claims` are the rules' intents with how sure each is."""
    stems = [_stem(word, book.lang) for word in text.words[:_READ_WORDS]]
    yield from stems
    yield from (f"{word[:_BEGINNING]}-" for word in text.words[:_READ_WORDS] if len(word) > _BEGINNING)
    yield from (f"{one} {two}" for one, two in pairwise(("^", *stems, "$")))
    yield from _meanings(book, spans)
    yield from _claimed(claims)
    yield f"words {_length(len(stems))}"
    if "?" in text.raw:
        yield "?"
    yield "always"


def _meanings(book: Phrasebook, spans: Spans) -> Iterator[str]:
    """Yield every concept that was said, and those that follow one another closely."""
    said = [concept for concept in spans if concept in book.senses]
    yield from (f"{{{concept}}}" for concept in said)
    places = sorted(
        (start, end, one.removeprefix(ABOUT)) for one in said if one.startswith(ABOUT) for start, end in spans[one][:4]
    )
    ordered = 0
    for at, (_, end, concept) in enumerate(places):
        for start, _, follows in places[at + 1 : at + 9]:
            if end <= start <= end + _NEAR and ordered < _MAX_ORDERED:
                ordered += 1
                yield f"{concept}>{follows}"


def _claimed(claims: Mapping[str, float]) -> Iterator[str]:
    for intent, weight in claims.items():
        yield f"rule {intent} {next(name for least, name in _STEPS if weight >= least)}"


def _length(words: int) -> int:
    return next((step for step, most in enumerate((3, 8, 15, 30)) if words <= most), 4)


@lru_cache(maxsize=8192)
def _stem(word: str, lang: str) -> str:
    """Return a word without its ending; every figure is one and the same."""
    if word[0].isdigit():
        return "#"
    for ending in _ENDINGS.get(lang, ()):
        if word.endswith(ending) and len(word) - len(ending) >= _KEPT:
            return word[: -len(ending)]
    return word


def unique(found: Iterable[str]) -> tuple[str, ...]:
    """Return features without repetition, in the order they came, so that sums come out the same each time."""
    return tuple(dict.fromkeys(found))
