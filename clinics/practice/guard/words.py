"""A sentence as the words that rules are matched on: folded, opened, and cut where a sentence ends."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer as snowball

STEMMERS = {"en": "english", "es": "spanish"}

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})
_SIGNS = str.maketrans({"$": " dollars ", "€": " euros ", "£": " pounds ", "%": " percent ", "&": " and "})
_PIECE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[.?!…;:\n]+")
_TITLE = re.compile(r"\b(dra?|mrs?|ms|sra?|srta|st|ave|blvd)\.")
"""Abbreviations whose full stop ends no sentence."""
_CLOCK = re.compile(r"(?<=\d):(?=\d\d)")
_SPLIT_UNIT = re.compile(r"(?<=\d)(?=[a-z])")
_OPENED = (("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'m", "am"), ("'d", "would"), ("'s", ""))
_ODD = {"can't": ("can", "not"), "won't": ("will", "not"), "cannot": ("can", "not"), "shan't": ("shall", "not")}
_GLUED = {
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "ok": "okay",
    "dont": "do not",
    "doesnt": "does not",
    "isnt": "is not",
    "cant": "can not",
    "wont": "will not",
}


@lru_cache(maxsize=20_000)
def stem(word: str, lang: str) -> str:
    """The stem of a folded word; figures stay as they are."""
    return word if word[0].isdecimal() else snowball.Stemmer(STEMMERS[lang]).stemWord(word)


def fold(text: str) -> str:
    """Lower case without accents or typographic forms of letters, figures and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).lower()


def segments(text: str) -> list[list[str]]:
    """The folded words of each sentence in a text, with contractions opened and signs in words."""
    found: list[list[str]] = [[]]
    spoken = _TITLE.sub(r"\1", _CLOCK.sub(" ", fold(text).translate(_SIGNS)))
    for piece in _PIECE.findall(_SPLIT_UNIT.sub(" ", spoken)):
        if piece[0] in ".?!…;:\n":
            found.append([])
        else:
            found[-1].extend(_open(piece))
    return [words for words in found if words]


_CLAUSE = re.compile(r",|\(|\)|\s[-–—]\s|\b(?:and|but|then|y|e|pero|luego)\b", re.IGNORECASE)


def clauses(text: str) -> list[list[str]]:
    """The words of each part of a sentence: what excuses one part is no excuse for the next."""
    return segments(_CLAUSE.sub("; ", text))


def plain(text: str) -> str:
    """A sentence for comparing word for word: case, accents and spaces do not count, everything else does."""
    return " ".join(fold(text).split())


def _open(piece: str) -> list[str]:
    if piece in _ODD:
        return list(_ODD[piece])
    if piece in _GLUED:
        return _GLUED[piece].split()
    for ending, word in _OPENED:
        if piece.endswith(ending) and len(piece) > len(ending):
            return [one for one in (piece[: -len(ending)].replace("'", ""), word) if one]
    return [piece.replace("'", "")]
