"""The test whose result a caller asks for."""

from __future__ import annotations

from functools import lru_cache

from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import read
from calls.dialogue.types import Value

_BROAD = frozenset(
    {
        "test",
        "tests",
        "blood",
        "scan",
        "labs",
        "examen",
        "examenes",
        "prueba",
        "pruebas",
        "analisis",
        "estudio",
        "estudios",
        "sangre",
    }
)


def read_test(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return the test named in `words` as the caller says it, or None; with `expecting` any short answer is kept."""
    text = read(words)
    by_first = _tests(lang)
    begun = {word for word in text.words if word in by_first}
    for _, phrase in sorted(one for word in begun for one in by_first[word]):
        for here in range(len(text) - len(phrase) + 1):
            if text.words[here : here + len(phrase)] == phrase:
                said = text.said(here, here + len(phrase))
                return Value(said, text.raw, 0.6 if " ".join(phrase) in _BROAD else 0.92)
    if expecting and 0 < len(text) <= 12:
        return Value(text.raw, text.raw, 0.6)
    return None


@lru_cache(maxsize=4)
def _tests(lang: str) -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    """Return the known tests as folded words, by first word, each with its place among all: longest first."""
    names = {read(name.replace("-", " ")).words for name in load(lang).lists["tests"]["names"]}
    by_first: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for place, name in enumerate(sorted(names, key=lambda name: (-len(name), " ".join(name) in _BROAD, name))):
        by_first.setdefault(name[0], []).append((place, name))
    return by_first
