"""How a word sounds, roughly: words with the same key may be taken for one another."""

from __future__ import annotations

import re

_SPELT_ALIKE = (
    ("tion", "xn"),
    ("ph", "f"),
    ("ck", "k"),
    ("sh", "x"),
    ("ch", "x"),
    ("th", "t"),
    ("wh", "w"),
    ("kn", "n"),
    ("gh", ""),
    ("qu", "k"),
    ("wr", "r"),
)
_ONE_SOUND = str.maketrans("bdgvzcqj", "ptkfskkx", "aeiouhwy'")
_TWICE = re.compile(r"(.)\1+")


def sound_of(word: str) -> str:
    """A rough key of how a word sounds: its consonants, with those that a telephone confuses made one."""
    for spelt, said in _SPELT_ALIKE:
        word = word.replace(spelt, said)
    return _TWICE.sub(r"\1", word.translate(_ONE_SOUND))
