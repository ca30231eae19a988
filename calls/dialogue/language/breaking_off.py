"""Tells a sentence that stopped in the middle: "he's", "my husband fell and", "necesito una cita para mi"."""

from __future__ import annotations

from calls.dialogue.language.phrasebook import load
from calls.dialogue.language.text import read


def breaks_off(words: str, *, lang: str) -> bool:
    """Whether `words` end on one that hardly a sentence ends on: the line broke, or the recogniser stopped too soon.

    What ends in a question mark was heard to its end, and so was a verb behind what is asked: "where the clinic is".
    """
    text = read(words)
    if not len(text) or text.raw.rstrip().endswith("?"):
        return False
    lists, last = load(lang).sets["breaks_off"], text.words[-1]
    return last in lists["last"] or (last in lists["verbs"] and lists["asking"].isdisjoint(text.words))
