"""Medicines a caller names: an open list of generics and brands, found exactly or by sound."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from calls.dialogue.language.phrasebook import Phrasebook, load
from calls.dialogue.language.sounds import sound
from calls.dialogue.language.text import Text, fold, read
from calls.dialogue.types import Value

_LIST = Path(__file__).parent / "medications.txt"
_CLOSE = 82.0
"""Likeness (0 to 100, spelling and sound together) from which an unasked word is taken for a listed name."""
_CLOSE_ASKED = 75.0
_FAR = 72.0
_SPLIT_CLOSE = 80.0
_SPLIT_LONG = 9
_FEW = 10
"""In an answer of so few words a medicine may have been heard as up to five of them: "a tour of a statin"."""
_MIN_SPLIT = 6
_MAX_SPLIT = 20
_MIN_FUZZY = 5
_MOST_ORDINARY = 0.6
"""Of the letters of a split name, the share that may stand in everyday words: "traz a done"."""
_CONFUSED = ("ckqs", "szx", "fpv", "vb", "bp", "td", "gj", "mn", "aeiouyh", "lr")
_MAX_NAMES = 4
_OWNERS = frozenset({"my", "the", "his", "her", "mi"})


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Return every listed spelling, folded, to the name staff read: generics lower case, brands as printed.

    A Spanish spelling leads to the generic's English name, since staff and pharmacies work with that.
    """
    found: dict[str, str] = {}
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        generic, brands, spanish = (part.strip() for part in line.split("|"))
        found.setdefault(_key(generic), generic)
        for brand in filter(None, map(str.strip, brands.split(","))):
            found.setdefault(_key(brand), brand)
        for spelling in filter(None, map(str.strip, spanish.split(","))):
            found.setdefault(_key(spelling), generic)
    return found


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(key.split()[0] for key in names())


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    return {key: sound(key) for key in names()}


def _key(name: str) -> str:
    return " ".join(fold(word) for word in name.replace("-", " ").split())


def listed(text: Text) -> list[tuple[int, int, str]]:
    """Return the exactly named medicines of `text` as (start, end, name), longest first at each place."""
    known, begin, found, here = names(), _first_words(), [], 0
    while here < len(text):
        if text.words[here] not in begin:
            here += 1
            continue
        for width in (3, 2, 1):
            name = known.get(" ".join(text.words[here : here + width]))
            if name and here + width <= len(text):
                found.append((here, here + width, name))
                here += width
                break
        else:
            here += 1
    return found


def read_medication(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return the medicines in `words`, several joined by a comma, or None.

    A listed name is sure; one that only sounds alike is 0.7 and gets read back. "My blood pressure pills" is kept
    as words with 0.7. With `expecting`, an unknown name is kept as it was heard with 0.55. `heard` has the dose.
    """
    book, text = load(lang), read(words)
    exact = listed(text)[:_MAX_NAMES]
    if exact:
        chosen = list(dict.fromkeys(name for _, _, name in exact))
        return Value(", ".join(chosen), text.raw, 0.92)
    if expecting or _hinted(text, book):
        alike = _alike(text, book, _CLOSE_ASKED if expecting else _CLOSE)
        if alike:
            return Value(alike, text.raw, 0.7)
    kept = _described(text, book)
    if kept:
        return Value(kept, text.raw, 0.7)
    return _unknown(text, book) if expecting else None


def _hinted(text: Text, book: Phrasebook) -> bool:
    hints = book.sets["medication"]["hints"]
    return any(word in hints for word in text.words)


def _alike(text: Text, book: Phrasebook, close: float) -> str:
    """Return the listed name that a word, or two words the recogniser split, sounds most like."""
    common, kinds = _ordinary_words(book.lang), book.sets["medication"]["kinds"]
    best, name = close, ""
    widths = (1, 2, 3, 4, 5) if len(text) <= _FEW else (1, 2)
    for here in range(min(len(text), 40)):
        for width in widths:
            run = text.words[here : here + width]
            heard = "".join(run)
            if len(run) < width or len(heard) < _MIN_FUZZY or not heard.isalpha():
                continue
            plain = any(word in common for word in run)
            if plain and (width == 1 or any(word in kinds for word in run[:1])):
                continue
            ordinary = sum(len(word) for word in run if word in common)
            if width > 2 and (not _MIN_SPLIT <= len(heard) <= _MAX_SPLIT or ordinary > len(heard) * _MOST_ORDINARY):
                continue
            score, found = _nearest(heard)
            # Two everyday words that together sound like a medicine ("listen april") must sound a lot like it.
            if width > 2 and score < _SPLIT_CLOSE - 4 * (not plain):
                continue
            if plain and (score < _SPLIT_CLOSE or (len(heard) < _SPLIT_LONG and all(word in common for word in run))):
                continue
            if score > best:
                best, name = score, found
    return name


@lru_cache(maxsize=4096)
def _nearest(heard: str) -> tuple[float, str]:
    """Return the closest listed name by spelling and by sound, with its score; (0, "") when nothing is near."""
    spelled = process.extractOne(heard, names().keys(), scorer=fuzz.ratio, score_cutoff=_FAR)
    sounded = process.extractOne(sound(heard), _sounds(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    best = (0.0, "")
    for key, score in (
        (spelled[0], spelled[1]) if spelled else ("", 0.0),
        (sounded[2], sounded[1]) if sounded else ("", 0.0),
    ):
        if key and key[0] in _like_first(heard[0]):
            both = (score + fuzz.ratio(heard, key)) / 2
            if both >= _FAR and both > best[0]:
                best = (both, names()[key])
    return best


def _like_first(letter: str) -> str:
    """Return the first letters a recogniser confuses with this one, itself included."""
    return letter + "".join(group for group in _CONFUSED if letter in group)


def _described(text: Text, book: Phrasebook) -> str:
    """Return "blood pressure pills" from "my blood pressure pills": a kind of medicine, told by what it is for."""
    heads = book.sets["medication"]["heads"]
    stops = book.sets["medication"]["stops"]
    after = book.sets["medication"]["after"]
    for here, word in enumerate(text.words):
        if word not in heads:
            continue
        start, end = here, here + 1
        while start and here - start < 4 and text.words[start - 1] not in stops:
            start -= 1
        if end < len(text) and text.words[end] in after:
            inner = after | _OWNERS
            while end < len(text) and end - here < 6 and (text.words[end] not in stops or text.words[end] in inner):
                end += 1
        if end - start > 1:
            return text.said(start, end)
    return ""


def _unknown(text: Text, book: Phrasebook) -> Value | None:
    """Keep an answer whose medicine is on no list: its words without the ordinary ones around them."""
    common = _ordinary_words(book.lang)
    kept = [at for at, word in enumerate(text.words[:12]) if word not in common and not word[0].isdigit()]
    if not kept:
        return None
    return Value(text.said(kept[0], kept[-1] + 1), text.raw, 0.55)


@lru_cache(maxsize=4)
def _ordinary_words(lang: str) -> frozenset[str]:
    """Return the words that are no medicine's name, however much they sound like one."""
    lists = load(lang).lists
    medication, names_ = lists["medication"], lists["name_words"]
    return frozenset(
        {
            *names_["stop"],
            *names_["answer"],
            *(word for group in ("hints", "stops", "kinds", "heads") for word in medication[group]),
        }
    )
