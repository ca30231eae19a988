"""How alike two words sound: a small folding of spelling into sound for names of medicines and shops."""

from __future__ import annotations

import re
from functools import lru_cache

_SAME = (
    (re.compile(r"^x"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"[sc]h"), "s"),
    (re.compile(r"th"), "t"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck|[cqx]"), "k"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v"), "b"),
    (re.compile(r"j|g(?=[eiy])"), "j"),
    (re.compile(r"h"), ""),
    (re.compile(r"(?<=.)[aeiouy]+"), "a"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Return a key that alike-sounding spellings share: "metoprolol" and "metropolol" nearly, "zoloft" and "soloft"."""
    key = word.lower().replace(" ", "")
    for pattern, to in _SAME:
        key = pattern.sub(to, key)
    return key
