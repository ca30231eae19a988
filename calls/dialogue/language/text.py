"""A caller's words as folded tokens that remember where they stood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARS = 2000
"""A minute of fast speech is about 1,000 characters; whatever lies beyond twice that is not read."""

MAX_WORDS = 300

_TOKEN = re.compile(
    r"\d+(?:[/:.\-]\d+)+"  # 7/4/52, 2:30, 555-0142
    r"|\d+(?:st|nd|rd|th|er|ra|ro|do|a|o)?\b"  # 4, 4th, 1ro
    r"|\d+"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*",  # words, with an apostrophe inside
    re.IGNORECASE,
)
_MERIDIEM = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)
_GRUNT = re.compile(r"\b(?:uh[- ]?huh|mm+[- ]?hmm+|mhm+)\b|\b(uh[- ]uh)\b", re.IGNORECASE)
_TITLE = re.compile(r"\b(dra?|mrs?|ms|sra?|srta|st)\.", re.IGNORECASE)
_BREAK = re.compile(r"[.,;:?!¿¡…—]")
_SENTENCE = re.compile(r"[.;?!¿¡…]")
_HESITATION = frozenset({"um", "uh", "uhm", "umm", "er", "erm", "hmm", "mm", "mmm", "eh", "ehm", "ah"})
_CLAUSE_WORDS = frozenset({"but", "pero", "sino", "however", "although", "aunque"})


@dataclass(frozen=True, slots=True)
class Text:
    """Tokens of one utterance: folded words, their places in `raw`, and the clause and sentence of each.

    `words` are lower case without accents or apostrophes; `spans` are (start, end) offsets into `raw`.
    A comma or a "but" begins a clause; a full stop or question mark begins a sentence as well.
    """

    raw: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]
    sentences: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    def said(self, start: int, end: int) -> str:
        """Return the caller's own spelling of tokens `start` up to, not including, `end`."""
        if start >= end or start >= len(self.words):
            return ""
        return self.raw[self.spans[start][0] : self.spans[min(end, len(self.words)) - 1][1]]


def tame(words: str) -> str:
    """Return `words` as NFC, one line, without control characters or lone surrogates, and bounded."""
    kept = words[: MAX_CHARS * 2]
    if not kept.isprintable():
        kept = "".join(char if char.isprintable() else " " for char in kept)
    kept = unicodedata.normalize("NFC", kept)[:MAX_CHARS]
    return " ".join(kept.split())


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Return one word in lower case without accents, apostrophes or other marks."""
    if word.isascii():
        return word.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in decomposed if char.isalnum() or char in "/:.-")


@lru_cache(maxsize=512)
def read(words: str) -> Text:
    """Return `words` as a `Text`. Reads at most MAX_CHARS characters and MAX_WORDS tokens; never raises."""
    raw = _MERIDIEM.sub(r"\1m ", tame(words)).strip()
    raw = _TITLE.sub(r"\1", raw)
    raw = _GRUNT.sub(lambda grunt: "uhuh" if grunt[1] else "uhhuh", raw)
    folded: list[str] = []
    spans: list[tuple[int, int]] = []
    clauses: list[int] = []
    sentences: list[int] = []
    clause = sentence = last = 0
    for found in _TOKEN.finditer(raw):
        between = raw[last : found.start()]
        last = found.end()
        word = fold(found.group())
        if _BREAK.search(between) or word in _CLAUSE_WORDS:
            clause += 1
            sentence += bool(_SENTENCE.search(between))
        if not word or word in _HESITATION:
            continue
        folded.append(word)
        spans.append(found.span())
        clauses.append(clause)
        sentences.append(sentence)
        if len(folded) == MAX_WORDS:
            break
    return Text(raw, tuple(folded), tuple(spans), tuple(clauses), tuple(sentences))
