"""Where callers correct themselves in one breath: "the fourth, no wait, the fifth", "cero uno, perdón, cero dos"."""

from __future__ import annotations

from functools import lru_cache

from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import Text, read

_NO = "no"


def attempts(text: Text, lang: str, *, plain_no: bool = False) -> list[str]:
    """Return the caller's attempts at one answer, the last one last; a single one when nothing was taken back.

    "No wait", "sorry" and "mejor dicho" part two attempts. A bare "no" does where it is a clause of its own ("at two,
    no, at three"), and with `plain_no` wherever it stands between other words: figures are never negated.
    """
    leads = _leads(lang)
    if _NO not in text.words and leads.keys().isdisjoint(text.words):
        return [text.raw]
    said, begin, here = [], 0, 0
    while here < len(text):
        width = _width(text, here, leads, plain_no=plain_no)
        if not width:
            here += 1
            continue
        if here > begin:
            said.append(text.said(begin, here))
        here += width
        begin = here
    if begin < len(text):
        said.append(text.said(begin, len(text)))
    return said or [text.raw]


def _width(text: Text, here: int, leads: dict[str, list[tuple[str, ...]]], *, plain_no: bool) -> int:
    """Return how many tokens at `here` take back what was said before; 0 when they do not."""
    longest = max(
        (len(lead) for lead in leads.get(text.words[here], ()) if text.words[here : here + len(lead)] == lead),
        default=0,
    )
    if longest or text.words[here] != _NO:
        return longest
    return int(plain_no or _is_own_clause(text, here))


def _is_own_clause(text: Text, here: int) -> bool:
    """Tell the "no" between two commas from one that denies what follows it."""
    clauses = text.clauses
    parted_before = here > 0 and clauses[here - 1] != clauses[here]
    return parted_before and here + 1 < len(text) and clauses[here + 1] != clauses[here]


@lru_cache(maxsize=4)
def _leads(lang: str) -> dict[str, list[tuple[str, ...]]]:
    """Return by first word the phrases that take back what was said."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in load(lang).lists["repairs"]["leads"]:
        words = read(phrase).words
        by_first.setdefault(words[0], []).append(words)
    return by_first
