"""Pharmacies a caller names: chains, "the one on Main Street", "my usual one"."""

from __future__ import annotations

from functools import lru_cache

from calls.dialogue.language.phrasebook import Phrasebook, load
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

_MAX_PLACE = 9
_BEFORE_NAME = frozenset(
    ["the", "a", "at", "la", "el", "una", "en", "my", "mi", "your", "su", "closest", "nearest", "of", "de", "to"]
)
"""Words that cannot be part of a pharmacy's name just before "pharmacy"."""
_NOT = frozenset({"not", "no", "ni"})
_FORMER = frozenset({"used", "was", "were", "before", "antes", "era", "iba"})
_WHICH = frozenset(
    {
        "please",
        "store",
        "supercenter",
        "super",
        "center",
        "market",
        "pero",
        "but",
        "the",
        "one",
        "thats",
        "that",
        "is",
        "located",
        "el",
        "la",
        "que",
        "esta",
        "queda",
        "right",
        "down",
        "its",
        "es",
    }
)
"""Words between a shop and its place: "the one that's on Main"."""


def read_pharmacy(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return the pharmacy in `words` with its street when said ("Walgreens on Main Street"), or None.

    With `expecting`, "the one on Main" (0.75), "my usual one" (0.7) and any other bare words (0.6) are kept as heard.
    """
    book, text = load(lang), read(words)
    chains = _chains(lang)
    for here, word in enumerate(text.words):
        for phrase, name in chains.get(word, ()):
            end = here + len(phrase)
            shy = name in book.lists["pharmacy"]["shy"] and not expecting and not _said_pharmacy(text, end, book)
            if text.words[here:end] == phrase and not shy and not _denied(text, here):
                place = _place(text, end, book)
                return Value(f"{name} {place}".strip(), text.raw, 0.92 if place else 0.9)
    named = _by_word(text, book)
    if named:
        return Value(named, text.raw, 0.75)
    if not expecting:
        return None
    for here in range(len(text)):
        place = _place(text, here, book)
        if place:
            return Value(text.raw, text.raw, 0.75)
    if set(text.words) & book.sets["pharmacy"]["same"]:
        return Value(text.raw, text.raw, 0.7)
    return Value(text.raw, text.raw, 0.6) if 0 < len(text) <= 8 else None


def _denied(text: Text, here: int) -> bool:
    """Tell the shop that is ruled out: "not the Walgreens, the CVS", "it used to be Rite Aid but now it's CVS"."""
    clause = [word for word, at in zip(text.words[:here], text.clauses, strict=False) if at == text.clauses[here]]
    goes_on = text.clauses[here] != text.clauses[-1]
    if goes_on and not _FORMER.isdisjoint(clause):
        return True
    return not _NOT.isdisjoint(text.words[max(0, here - 2) : here]) and here + 1 < len(text)


@lru_cache(maxsize=4)
def _chains(lang: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return by first word the chains as folded words with their printed names, longer names first."""
    found: dict[tuple[str, ...], str] = {}
    for name in load(lang).lists["pharmacy"]["chains"]:
        found[read(name.replace("-", " ")).words] = name
        found[tuple("".join(read(name.replace("-", "")).words).split())] = name
        if not name.endswith("'s"):  # a Smith is no Smith's
            found[(*read(name).words[:-1], read(name).words[-1].rstrip("s"))] = name
    found[("wal", "greens")] = "Walgreens"
    found[("wall", "greens")] = "Walgreens"
    found[("c", "v", "s")] = "CVS"
    found[("wal", "mart")] = "Walmart"
    found[("right", "aid")] = "Rite Aid"
    for heard in (("see", "vs"), ("sea", "vs"), ("cee", "vee", "ess"), ("ce", "ve", "ese"), ("ce", "uve", "ese")):
        found[heard] = "CVS"
    found[("h", "e", "b")] = "H-E-B"
    found[("sams",)] = "Sam's Club"
    found[("optum", "rx")] = "OptumRx"
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, name in sorted(found.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(phrase[0], []).append((phrase, name))
    return by_first


def _said_pharmacy(text: Text, end: int, book: Phrasebook) -> bool:
    """Tell "the Giant pharmacy" from a giant: a chain with an everyday name needs the word or a place beside it."""
    return bool(set(text.words[end : end + 2]) & book.sets["pharmacy"]["word"])


def _place(text: Text, start: int, book: Phrasebook) -> str:
    """Return "on Main Street" when it stands at token `start`, perhaps after "pharmacy"."""
    lists = book.lists["pharmacy"]
    if start < len(text) and text.words[start] in lists["word"]:
        start += 1
    while start < len(text) and text.words[start] in _WHICH | _NOT:
        start = _next_clause(text, start) if text.words[start] in _NOT else start + 1
    if start < len(text) and text.words[start] in lists["alone"]:
        return text.said(start, start + 1)
    for lead in lists["places"]:
        phrase = read(lead).words
        begin = start + len(phrase)
        if text.words[start:begin] != phrase:
            continue
        end = begin
        while end < len(text) and end - begin < _MAX_PLACE:
            last = end + 2 >= len(text) or text.words[end + 2 : end + 3] in (("please",), ("por",))
            last = last or (text.words[end + 1 : end + 2] == ("la",) and end + 3 >= len(text))
            street = set(text.words[end + 1 : end + 3]) & book.sets["pharmacy"]["street"]
            corner = text.words[end] in ("and", "y") and (street or last)
            home = text.words[end] in ("my", "mi") and (end == begin or text.words[end - 1] in ("to", "from", "de"))
            road = text.words[end] == "i" and text.words[end + 1 : end + 2] != () and text.words[end + 1].isdigit()
            if text.words[end] in book.sets["pharmacy"]["stops"] and not corner and not home and not road:
                break
            if end > begin and text.clauses[end] != text.clauses[end - 1]:
                break
            end += 1
        if end > begin and text.words[begin:end] != ("the",):
            return text.said(start, end)
    return ""


def _next_clause(text: Text, here: int) -> int:
    """Return where the part after "not the one on Main" begins."""
    return next((at for at in range(here, len(text)) if text.clauses[at] != text.clauses[here]), len(text))


def _by_word(text: Text, book: Phrasebook) -> str:
    """Return "Johnson's pharmacy on Fifth" or "the pharmacy on Main": a pharmacy that is no chain."""
    lists = book.sets["pharmacy"]
    if lists["word"].isdisjoint(text.words):
        return ""
    stops = lists["stops"] | _BEFORE_NAME
    for here, word in enumerate(text.words):
        if word not in lists["word"]:
            continue
        place = _place(text, here + 1, book)
        if not lists["same"].isdisjoint(text.words[max(0, here - 2) : here]):
            return text.said(max(0, here - 2), here + 1)
        begin = here
        while begin and here - begin < 3 and text.words[begin - 1] not in stops:
            begin -= 1
        if begin < here and text.words[begin - 1 : begin] in (("and",), ("y",)) and begin > 1:
            begin -= 2 if text.words[begin - 2] not in stops else 0  # "Smith and Sons pharmacy"
        if place and (begin < here or set(read(place).words) & lists["street"]):
            return f"{text.said(begin, here + 1)} {place}"
    return ""
