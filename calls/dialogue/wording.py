"""Every sentence the phone can say, in both languages, side by side.

Nothing else is ever spoken, except a clinic's own greeting and its approved facts. No sentence gives advice, a
result, a dose or a reassurance, and none promises what no row in the database stands for. Numbers that must be
dialled are written digit by digit, so that every voice reads them so.
"""

from __future__ import annotations

import re

from calls.dialogue.reply import Sentence
from calls.dialogue.sentences import ASKED, TOLD

TABLE: dict[str, tuple[str, str]] = ASKED | TOLD

LANGS = ("en", "es")
LONGEST_VALUE = 300
CALLERS_VALUES = frozenset({"value", "spelled", "spoken"})
"""What is filled in from a caller's words, and so can hold no sentence of its own."""
_SENTENCE_END = re.compile(r"[.!?;:]")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f<>]")


def speak(key: str, lang: str, /, **values: str) -> Sentence:
    """The sentence `key` in `lang`, filled with values; raises KeyError for a sentence that does not exist.

    A value is mostly a caller's own words: signs of markup and what no voice can say are taken out of it.
    """
    text = TABLE[key][LANGS.index(lang)]
    if "{" not in text:
        return Sentence(key=key, text=text, lang=lang)
    said = {name: _UNSPEAKABLE.sub(" ", value)[:LONGEST_VALUE] for name, value in values.items()}
    said |= {name: _SENTENCE_END.sub(" ", said[name]) for name in CALLERS_VALUES & set(said)}
    return Sentence(key=key, text=text.format(**said), lang=lang)


def digit_by_digit(number: str) -> str:
    """A short public number as a voice should read it: "911" -> "9 1 1"."""
    return " ".join(number)
