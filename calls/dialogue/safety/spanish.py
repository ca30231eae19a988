"""Word forms of Spanish that a stemmer leaves alone: "moradita" is "morada", "mándenme" is "manden"."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SMALL = re.compile(r"^.{4,}it[oa]s?$")
_SMALL_OR_LARGE = re.compile(r"^(.{2,})(?:it|ill|isim)[oa]s?$")
_LARGE = re.compile(r"^(.{4,})(?:az|ot)[oae]s?$")
_LARGER = re.compile(r"^(.{4,})on(?:a|es|as)?$")
_WITH_PRONOUNS = re.compile(r"^(.{3,}?[aeionrd])(?:me|te|se|nos)?(?:me|te|se|nos|les?|l[oa]s?)$")
_WITHOUT_D = re.compile(r"^(.{3,})aos?$")
"""As the Caribbean and Andalusia say "-ado": "desmayao"."""
_BEFORE_I = (("qu", "c"), ("gu", "g"), ("c", "z"), ("ec", ""), ("c", ""))
"""What a word's end becomes before "-ito": boca, boquita; cabeza, cabecita; grande, grandecito; dolor, dolorcito."""


def is_small(word: str) -> bool:
    """Whether `word` is surely a diminutive: "manchitas"."""
    return bool(_SMALL.match(word))


def plainer_forms(word: str) -> Iterable[str]:
    """The words that `word`, folded, may be a diminutive, an augmentative or a form with pronouns of; likely first.

    They need not exist: whoever asks looks them up.
    """
    for shape in (_SMALL_OR_LARGE, _LARGE, _LARGER):
        found = shape.match(word)
        if found:
            yield from _with_endings(found[1])
    found = _WITH_PRONOUNS.match(word)
    if found:
        yield found[1]
    found = _WITHOUT_D.match(word)
    if found:
        yield found[1] + "ado"


def _with_endings(base: str) -> Iterable[str]:
    spellings = [base, *(base[: -len(soft)] + hard for soft, hard in _BEFORE_I if base.endswith(soft))]
    for spelt in spellings:
        if len(spelt) > 1:
            yield from (spelt + ending for ending in ("a", "o", "e", ""))


_SAID_ALIKE = (
    (re.compile(r"h?u(?=e)"), "w"),
    (re.compile(r"qu(?=[ei])|c(?![eih])|k"), "K"),
    (re.compile(r"ch"), "X"),
    (re.compile(r"g(?=[ei])|j"), "J"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"c(?=[ei])|z|x|s"), "S"),
    (re.compile(r"ll|y(?=[aeiou])"), "Y"),
    (re.compile(r"v"), "b"),
    (re.compile(r"[mn](?=[bp])"), "n"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def as_said(word: str) -> str:
    """How `word`, folded, is said in most of America: b and v, s, c and z, ll and y, g and j alike, no h."""
    for spelt, sound in _SAID_ALIKE:
        word = spelt.sub(sound, word)
    return word
