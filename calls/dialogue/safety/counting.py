"""Makes one number of number words that belong together: "a hundred and four", "one oh two", "ochenta y seis"."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

_LINKS = frozenset({"and", "y", "oh", "o"})
_APART = 2
"""Two number words that belong together stand side by side, or with a link between them."""
_TENS = frozenset(range(20, 100, 10))


def joined(keep: list[tuple[int, str]], sentences: list[int], numbers: Mapping[str, int]) -> list[tuple[int, str]]:
    """The words, each by its old place, with every number that several say as one."""
    said = [at for at, (_, text) in enumerate(keep) if text in numbers]
    if not any(behind - at <= _APART for at, behind in pairwise(said)):
        return keep
    kept: list[tuple[int, str]] = []
    at = 0
    while at < len(keep):
        old, text = keep[at]
        value, at = numbers.get(text), at + 1
        while value is not None and at < len(keep) and sentences[keep[at][0]] == sentences[old]:
            linked = keep[at][1] in _LINKS and at + 1 < len(keep)
            more = numbers.get(keep[at + linked][1])
            whole = None if more is None else _together(value, more, keep[at][1] if linked else "")
            if whole is None:
                break
            value, text = whole, str(whole)
            at += 1 + linked
        kept.append((old, text))
    return kept


def _together(value: int, more: int, link: str) -> int | None:
    """The number that two number words say as one, or None when they are two."""
    if link in ("oh", "o"):
        return value * 100 + more if 0 < value < 10 and more < 10 else None
    if more in (100, 1000) and 0 < value < 10 and not link:
        return value * more
    if value == 1 and (more in _TENS or 10 <= more < 20) and not link:
        return 100 + more  # "one ninety", "one ten", as a pulse, a pressure or a sugar is said
    if value >= 1000 and value % 1000 == 0 and 0 < more < 1000:
        return value + more
    if value >= 100 and value % 100 == 0 and 0 < more < 100:
        return value + more
    if value % 100 in _TENS and 0 < more < 10 and link != "and":
        return value + more  # "thirty one", "nineteen ninety eight"
    return value * 100 + more if value in (19, 20) and 9 < more < 100 and not link else None
