"""Takes what a recogniser wrote into pieces: words in lower case without accents, numbers, and stops between them."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "-": " ", "–": ",", "—": ",", "_": " "})
_PIECE = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[.?!…;:,]+")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""Unicode's blocks of combining marks, which letters with accents come apart into."""
STOPS = frozenset(".?!…;:,")
_FULL_STOP = re.compile(r"(?<![.!])[.!]++\s++")
_GASP, _LEAST_GASPS = 3, 2
"""Words between two gasps at most, on the average, and how many gasps at least: one is a short sentence."""
_SPANISH_YES = re.compile(r"\b[sS][íÍ]\b(?! mism)")
_SPANISH_NAIL = re.compile(r"\b([uU])ñ(?=as?\b)")  # "uñas", which would be "unas", and skipped
_ASKING = re.compile(
    r"(?i)(?:^|(?<=[.!;…]))(\s*+(?:(?:¿\s*+)?(?:qué|cuál|cuáles|cuándo|cómo|quién|quiénes|dónde|cuánto|cuánta)\b"
    r"[^.?!;…]*+(?!\?)|que (?:es|son) (?:(?:un|una|el|la|los|las) )?\w+(?: \w+)?\s*$))"
)
"""A Spanish question by its first word, where a recogniser wrote no question mark."""


def fold(text: str) -> str:
    """Lower case without accents; what cannot be folded stays as it is."""
    if text.isascii():
        return text.lower()
    # Without its accent a Spanish yes ("sí") would be an if ("si"), and an if takes the danger out of what follows.
    spoken = _SPANISH_NAIL.sub(r"\1ny", _SPANISH_YES.sub("sip", text.translate(_APOSTROPHES)))
    return _MARKS.sub("", unicodedata.normalize("NFKD", spoken)).lower()


def _asking(text: str) -> str:
    """The text with the question marks that a recogniser left out of Spanish."""
    return text if text.isascii() and "que" not in text.lower() else _ASKING.sub(r"\1?", text)


def pieces(text: str) -> list[str]:
    """The folded words, numbers and stops of what was said."""
    return _pieces(_asking(text))


def in_one_breath(text: str) -> str:
    """What was said in gasps, "I can't. Breathe.", without the full stops that a recogniser puts at each pause; "" for
    words that come in sentences."""
    said = _FULL_STOP.split(text.strip())
    if len(said) < _LEAST_GASPS or sum(len(one.split()) for one in said) > _GASP * len(said):
        return ""
    return ", ".join(said)


def plain_words(text: str) -> list[str]:
    """The folded words of a phrase in a rule file, without any dropping."""
    return [piece for piece in _pieces(text) if piece[0] not in STOPS]


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(fold(text).translate(_APOSTROPHES))
