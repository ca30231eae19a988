"""A caller's sentence without what tells who it was: placeholders stand for names, dates, numbers and addresses. Pure.

What is known of the call (the fields of its state, its tasks and escalations) is replaced wherever it is said, then
whatever has the pattern of an identity. Durations, doses, ages under 90 and medicines stay: they are what a rule
reads. A machine cannot promise that nothing is left, so a person confirms each sentence, and may hide more words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from calls.dialogue.language import read_name
from calls.dialogue.language.text import Text, fold, read
from calls.reviews import places
from calls.reviews.numerals import NUMBER, identities, is_number, runs

NAME, ADDRESS, ID, MAIL = "[name]", "[address]", "[id]", "[mail]"
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
    _names(marks, known.names | _told(words, lang, expecting_name))
    return _written(marks)


def says_anything(redacted: str) -> bool:
    """Whether words are left beside the placeholders: a bare "[name]" is no example of anything."""
    return any(char.isalpha() for char in _PLACEHOLDER.sub("", redacted))


def left_to_check(redacted: str) -> list[str]:
    """Words of a redacted sentence that a person should look at twice: capitals inside it, and figures."""
    found = re.findall(r"(?<=[^.?!\s]\s)[A-ZÁÉÍÓÚÑ][\w'’]+|\b\d+\b", _PLACEHOLDER.sub("·", redacted))
    return list(dict.fromkeys(word for word in found if not word.startswith(("I'", "I’")) and word not in _HARMLESS))


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
    parts -= places.WITHOUT_MEANING | places.TITLES
    for here, word in enumerate(marks.text.words):
        bare = word.removesuffix("s") if len(word) > 4 else word  # "marias" for "Maria's"
        if word in parts or bare in parts or any(_alike(word, part) for part in parts):
            marks.put(here, here + 1, NAME)


def _alike(word: str, part: str) -> bool:
    return min(len(word), len(part)) >= 5 and ratio(word, part) >= SOUNDS_ALIKE


def _told(words: str, lang: str, expecting: bool) -> frozenset[str]:
    """The name that the sentence itself tells, though the telephone may have understood another."""
    found = read_name(words, lang=lang, expecting=expecting)
    return frozenset({found.text}) if found and found.text else frozenset()


def _known_numbers(marks: _Marks, numbers: Iterable[str]) -> None:
    wanted = {digits[-size:] for digits in numbers for size in (4, 7) if len(digits) >= 7}
    for here, word in enumerate(marks.text.words):
        if re.sub(r"\D", "", word) in wanted:
            marks.put(here, here + 1, NUMBER)


# --- What has the pattern of an identity -----------------------------------------------------------------------------
def _addresses(marks: _Marks) -> None:
    words = marks.text.words
    for here, word in enumerate(words):
        if word in places.STREETS:
            start = here
            while start > max(0, here - 4) and not is_number(words[start - 1], marks.lang):
                if words[start - 1] in places.NOT_NAMES:
                    break
                start -= 1
            while start and is_number(words[start - 1], marks.lang):
                start -= 1
            end = here + 1
            while end < len(words) and is_number(words[end], marks.lang):
                end += 1
            marks.put(start, end, ADDRESS)
        elif word in places.CALLES:
            marks.put(here, _clause_end(marks.text, here + 1, 5), ADDRESS)
    _after_leads(marks, ADDRESS, lambda here: _clause_end(marks.text, here, 8))


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
    """Three letters and more in a row spell a name."""
    words = marks.text.words
    for start, end in runs(len(words), lambda here: len(words[here]) == 1 and words[here].isalpha()):
        if end - start >= 3:
            marks.put(start, end, SPELLED)


def _titles(marks: _Marks) -> None:
    words = marks.text.words
    for here, word in enumerate(words):
        if word not in places.TITLES:
            continue
        for after in range(here + 1, min(here + 3, len(words))):
            same = marks.text.clauses[after] == marks.text.clauses[here] or after == here + 1
            if not same or words[after] in places.NOT_NAMES or not words[after].isalpha():
                break
            if after == here + 2 and marks.text.said(after, after + 1).islower():
                break  # "Dr Lee called": without a capital the second word is no surname
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
