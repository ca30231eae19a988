"""A caller's sentence without what tells who it was: placeholders stand for names, dates, numbers and addresses. Pure.

What is known of the call (the fields of its state, its tasks and escalations) is replaced wherever it is said, then
whatever has the pattern of an identity. Durations, doses, ages under 90 and medicines stay: they are what a rule
reads. A machine cannot promise that nothing is left, so a person confirms each sentence, and may hide more words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from rapidfuzz.fuzz import ratio

from calls.dialogue.language import read_name
from calls.dialogue.language.text import Text, fold, read
from calls.dialogue.safety.corpus import shipped_corpus
from calls.reviews import places
from calls.reviews.numerals import NUMBER, identities, is_number, runs

NAME, ADDRESS, ID, MAIL = "[name]", "[place]", "[id]", "[mail]"
PHARMACY, HIDDEN, SPELLED = "[pharmacy]", "[hidden]", "[spelled]"
SOUNDS_ALIKE = 84
"""Of 100: "alvares" and "alvarez" are 86 alike. Only for words of five letters and more."""

_HARMLESS = frozenset({"Mr", "Mrs", "Ms", "Dr", "Dra", "Sr", "Sra", "ID", "I"})
_PLACEHOLDER = re.compile(r"\[[a-z ]+\]")
_MAIL = re.compile(
    r"\S+@\S+|(?:[\w.-]+\s+){1,3}(?:at|arroba)\s+\w+\s+(?:dot|punto)\s+(?:com|net|org|edu|es|us)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call's people: names, the names of doctors among them, numbers (digits) and pharmacies."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    pharmacies: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Marks:
    """The tokens of one sentence and what each is replaced by; the first mark of a token stays."""

    text: Text
    lang: str
    by: dict[int, str]

    def put(self, start: int, end: int, mark: str) -> None:
        for here in range(start, min(end, len(self.text))):
            self.by.setdefault(here, mark)


def redact(words: str, *, lang: str, known: Known, expecting_name: bool = False, hide: Iterable[str] = ()) -> str:
    """The sentence with placeholders; `hide` are further words that a person wants hidden."""
    text = read(_MAIL.sub(" mailmark ", words))
    marks = _Marks(text, lang, {})
    for here, word in enumerate(text.words):
        if word == "mailmark":
            marks.put(here, here + 1, MAIL)
    _hide(marks, hide)
    _sequences(marks, known.pharmacies, PHARMACY)
    for pattern in (_addresses, _ids):
        pattern(marks)
    for start, end, mark in identities(text.words, lang):
        marks.put(start, end, mark)
    for pattern in (_spelled, _titles):
        pattern(marks)
    _known_numbers(marks, known.numbers)
    _names(marks, known.names | _told(text, lang, expecting_name))
    return _written(marks)


def says_anything(redacted: str) -> bool:
    """Whether words are left beside the placeholders: a bare "[name]" is no example of anything."""
    return any(char.isalpha() for char in _PLACEHOLDER.sub("", redacted))


def left_to_check(redacted: str) -> list[str]:
    """Words of a redacted sentence to look at twice: capitals inside it, figures, and words that callers rarely say."""
    text = read(_PLACEHOLDER.sub(" . ", redacted))
    found = [
        text.said(here, here + 1)
        for here, word in enumerate(text.words)
        if word[0].isdigit() or _capital(text, here) or (len(word) > 2 and word not in _usual_words())
    ]
    return list(dict.fromkeys(word for word in found if word not in _HARMLESS and not word.startswith(("I'", "I’"))))


@cache
def _usual_words() -> frozenset[str]:
    """The words of the sentences that ship with the rules: what callers say, hardly a name among it."""
    return frozenset(word for row in shipped_corpus() for word in read(row.text).words)


def tells(redacted: str, known: Known) -> bool:
    """Whether a redacted sentence still holds something that is known of its call."""
    text = read(_PLACEHOLDER.sub(" , ", redacted))
    marks = _Marks(text, "en", {})
    _sequences(marks, known.pharmacies, PHARMACY)
    _known_numbers(marks, known.numbers)
    _names(marks, known.names)
    return bool(marks.by)


# --- What is known of the call ---------------------------------------------------------------------------------------
def _hide(marks: _Marks, words: Iterable[str]) -> None:
    _sequences(marks, words, HIDDEN)


def _sequences(marks: _Marks, phrases: Iterable[str], mark: str) -> None:
    for phrase in phrases:
        wanted = read(phrase).words
        for here in range(len(marks.text) - len(wanted) + 1) if wanted else ():
            if marks.text.words[here : here + len(wanted)] == wanted:
                marks.put(here, here + len(wanted), mark)


def _names(marks: _Marks, names: Iterable[str]) -> None:
    parts = {part for name in names for part in read(name).words if len(part) > 1}
    parts -= places.WITHOUT_MEANING | places.TITLES | places.MAYBE_TITLES
    for here, word in enumerate(marks.text.words):
        bare = word.removesuffix("s") if len(word) > 4 else word  # "marias" for "Maria's"
        if word in parts or bare in parts or any(_alike(word, part) for part in parts):
            marks.put(here, here + 1, NAME)


def _alike(word: str, part: str) -> bool:
    return min(len(word), len(part)) >= 5 and ratio(word, part) >= SOUNDS_ALIKE


def _told(text: Text, lang: str, expecting: bool) -> frozenset[str]:
    """The name that the sentence itself tells, though the telephone may have understood another.

    Where no name was asked for, "I'm shaking" looks like one: it needs a lead that says "name", capitals, or words
    that callers rarely say.
    """
    found = read_name(text.raw, lang=lang, expecting=expecting)
    if found is None or not found.text:
        return frozenset()
    wanted = read(found.text).words
    if expecting or any(_is_named(text, here, wanted) for here in range(len(text))):
        return frozenset({found.text})
    return frozenset()


def _is_named(text: Text, here: int, wanted: tuple[str, ...]) -> bool:
    if text.words[here : here + len(wanted)] != wanted:
        return False
    before = " ".join(text.words[max(0, here - 3) : here])
    capitals = all(_capital(text, at) for at in range(here, here + len(wanted)))
    return capitals or before.endswith(places.NAME_LEADS) or not _usual_words() & set(wanted)


def _capital(text: Text, here: int) -> bool:
    """Whether a word has a capital that no sentence gave it."""
    begins = here == 0 or text.sentences[here] != text.sentences[here - 1]
    return not begins and text.said(here, here + 1)[:1].isupper() and text.words[here] != "i"


def _known_numbers(marks: _Marks, numbers: Iterable[str]) -> None:
    wanted = {digits[-size:] for digits in numbers for size in (4, 7) if len(digits) >= 7}
    for here, word in enumerate(marks.text.words):
        if re.sub(r"\D", "", word) in wanted:
            marks.put(here, here + 1, NUMBER)


# --- What has the pattern of an identity -----------------------------------------------------------------------------
def _addresses(marks: _Marks) -> None:
    words = marks.text.words
    for here, word in enumerate(words):
        if word in places.STREETS or word in places.MAYBE_STREETS:
            _street(marks, here, sure=word in places.STREETS)
        elif word in places.UNITS:
            end = _numbers_end(marks, here + 1)
            marks.put(here, end if end > here + 1 else here, ADDRESS)
        elif word in places.CALLES:
            end = _clause_end(marks.text, here + 1, 5)
            if any(_tells_where(marks, at) for at in range(here + 1, end)):  # "lo atropellaron en la calle" tells none
                marks.put(here, end, ADDRESS)
    _after_leads(marks, ADDRESS, lambda here: _clause_end(marks.text, here, 8))


def _tells_where(marks: _Marks, here: int) -> bool:
    return is_number(marks.text.words[here], marks.lang) or _capital(marks.text, here)


def _street(marks: _Marks, here: int, *, sure: bool) -> None:
    """A street's name and number around the word for it, when there is a name or a number."""
    text, start = marks.text, here
    while start > max(0, here - 3) and not is_number(text.words[start - 1], marks.lang):
        if text.words[start - 1] in places.NOT_NAMES or not (sure or _capital(text, start - 1)):
            break
        start -= 1
    name = start
    while start and is_number(text.words[start - 1], marks.lang):
        start -= 1
    if start < here and (start < name or sure or _capital(text, here - 1)):
        marks.put(start, _numbers_end(marks, here + 1), ADDRESS)


def _numbers_end(marks: _Marks, here: int) -> int:
    while here < len(marks.text) and is_number(marks.text.words[here], marks.lang):
        here += 1
    return here


def _ids(marks: _Marks) -> None:
    words, lang = marks.text.words, marks.lang

    def end(here: int) -> int:
        while here < len(words) and words[here] in {"is", "es", "number", "numero", "its", "the", "que"}:
            here += 1
        start = here
        while here < len(words) and (is_number(words[here], lang) or len(words[here]) == 1 or _mixed(words[here])):
            here += 1
        return here if here > start else start

    _after_leads(marks, ID, end)


def _after_leads(marks: _Marks, mark: str, end: Callable[[int], int]) -> None:
    words = marks.text.words
    for lead, placeholder in places.LEADS:
        if placeholder != mark:
            continue
        wanted = tuple(lead.split())
        for here in range(len(words) - len(wanted) + 1):
            if words[here : here + len(wanted)] == wanted:
                begin = here + len(wanted)
                marks.put(begin, end(begin), mark)


def _clause_end(text: Text, start: int, most: int) -> int:
    here = start
    while here < min(len(text), start + most) and text.clauses[here] == text.clauses[start]:
        if text.words[here] in places.ENDS_ADDRESS:
            break
        here += 1
    return here


def _mixed(word: str) -> bool:
    return any(char.isdigit() for char in word) and any(char.isalpha() for char in word)


def _spelled(marks: _Marks) -> None:
    """Three letters in a row spell a name; four, where one of them is a word by itself ("r n, I ...")."""
    words, alone = marks.text.words, places.WORDS_OF_ONE_LETTER[marks.lang]
    for start, end in runs(len(words), lambda here: len(words[here]) == 1 and words[here].isalpha()):
        after_age = start > 0 and is_number(words[start - 1], marks.lang)  # "45 y/o M c/o ..."
        if end - start >= (6 if after_age else 4 if alone & set(words[start:end]) else 3):
            marks.put(start, end, SPELLED)


def _titles(marks: _Marks) -> None:
    text = marks.text
    for here, word in enumerate(text.words):
        if word not in places.TITLES | places.MAYBE_TITLES:
            continue
        for after in range(here + 1, min(here + 3, len(text))):
            sure = word in places.TITLES and after == here + 1
            if text.clauses[after] != text.clauses[here] or not text.words[after].isalpha():
                break
            if text.words[after] in places.NOT_NAMES or not (sure or _capital(text, after)):
                break
            marks.put(after, after + 1, NAME)


# --- Writing ---------------------------------------------------------------------------------------------------------
def _written(marks: _Marks) -> str:
    """The caller's own spelling with the placeholders in it; neighbours with one placeholder become one."""
    text, out, last, before = marks.text, [], 0, ""
    for here, (start, end) in enumerate(text.spans):
        mark = marks.by.get(here, "")
        if mark and mark == before:
            last = end
            continue
        out.append(text.raw[last:start])
        out.append(mark or text.raw[start:end])
        last, before = end, mark
    if len(text) and not _cut(text):
        out.append(text.raw[last:])
    return " ".join("".join(out).split())


def _cut(text: Text) -> bool:
    """Whether words stand behind the last token that was read: they were not looked at, so they are not written."""
    return any(fold(word).isalnum() for word in text.raw[text.spans[-1][1] :].split())
