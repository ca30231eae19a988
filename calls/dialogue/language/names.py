"""A patient's name out of a sentence, in title case."""

from __future__ import annotations

import re
from functools import lru_cache

from calls.dialogue.language.dates import MONTHS
from calls.dialogue.language.letters import spelled
from calls.dialogue.language.numbers import figures
from calls.dialogue.language.phrasebook import Phrasebook, load
from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import Text, read
from calls.dialogue.types import Value

MAX_WORDS = 6
_MENDED = 0.7
_HOW_WRITTEN = re.compile(
    r",?\s*\bwith (?:an? |no )?(?:p h|[a-z](?!\s+[a-z]\b))(?: as in \w+)?(?: at the end)?(?=[\s,.]|$),?"
    r"|,?\s*\b(?:se escribe )?con (?:doble )?(?:hache|zeta|jota|ye|ge|ese|ce|uve|ve|be|ka|acento|i griega)"
    r"(?: chica| grande| de \w+)?(?=[\s,.]|$),?",
    re.IGNORECASE,
)
"""How a name is written, beside the name: "with a k", "con zeta". Corrections read these; here they are in the way."""
_COMMA = re.compile(r"\s+comm?a\s+", re.IGNORECASE)
"""The sign, spoken: "Jackson comma Michael"."""
_OWNER = re.compile(r"['’]s$")
_ALSO_NAMES = frozenset(
    [
        *("april", "art", "august", "back", "best", "bill", "day", "dean", "early", "grant", "hope", "june", "long"),
        *("mark", "may", "page", "rose", "school", "small", "sue", "will", "young"),
    ]
)
"""Everyday words that are names too, where a name was asked for and hardly more was said."""
_FEW = 4
_PARTICLES = frozenset(
    {"de", "del", "la", "las", "los", "van", "von", "der", "den", "di", "da", "dos", "y", "bin", "al", "el", "st"}
)
_SAYS = frozenset({"i", "ive", "id", "ill", "you", "why", "what", "excuse", "ya", "yo", "que", "como", "por"})
"""Who begins so says something else than a lone name: "I told you already"."""
_NOUN_FOLLOWS = frozenset({"my", "mi", "the", "an", "un", "una"})
"""What stands behind one of these is a thing: "no, for my hip"."""
_FOLLOWS_NAME = frozenset(
    {"", "he", "she", "hes", "shes", "who", "and", "is", "has", "el", "ella", "y", "tiene", "que"}
)
_LOWER_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "von", "van", "der", "den", "da", "di", "dos"})


def read_name(words: str, *, lang: str, expecting: bool = False) -> Value | None:
    """Return the patient's name in `words`, or None.

    A name follows a lead ("my name is", "it's for my daughter"); with `expecting` the whole answer may be the
    name. Where the caller names somebody else as the patient, that person wins. Letters spelled out correct
    the word they spell. Confidence stays below 0.9: recognisers mishear names, so names are read back.
    """
    said = attempts(read(words), lang)
    if len(said) > 1:
        value = _after_all(said, lang=lang, expecting=expecting)
        if value:
            return Value(value.text, read(words).raw, value.confidence)
    book, text = load(lang), read(_HOW_WRITTEN.sub(" ", _COMMA.sub(", ", words)))
    letters = spelled(text, lang)
    first, last = _first_and_last(text, book)
    if first and not last and letters and letters[0] not in first.lower().split():
        last = letters[0].capitalize()  # "Nguyen, N G U Y E N, first name Kim"
    if first and last:
        return Value(_mended(f"{first} {last}", letters), text.raw, 0.85)
    for group in ("patient", "caller"):
        name = _after_leads(text, book, group, letters)
        if name:
            if last and " " not in name and name != last:
                name = f"{name} {last}"
            elif expecting and " " not in name:
                name = _later(text, book, letters) or name
            return Value(_mended(name, letters), text.raw, 0.85 if " " in name else 0.7)
    bare = _bare(text, book, letters) if expecting else None
    if first or last:
        # "Sarah, last name Brown" and "Brown, first name Sarah" leave the other part bare.
        other = bare.text if bare and " " not in bare.text else ""
        name = f"{first or other} {last or other}".strip()
        return Value(name, text.raw, 0.85 if " " in name else 0.6)
    return bare


def _after_all(said: list[str], *, lang: str, expecting: bool) -> Value | None:
    """Return the name that the caller came to: "William, no sorry, Bill Turner"; a lone word mends the name before."""
    before, last = (read_name(one, lang=lang, expecting=expecting) for one in said[-2:])
    if last is None or " " in last.text or before is None or " " not in before.text:
        return last and Value(last.text, last.heard, min(last.confidence, _MENDED))
    return Value(with_word(before.text.split(), last.text), last.heard, _MENDED)


def with_word(words: list[str], new: str, *, surname: bool = False) -> str:
    """Put `new` where the name's most alike word stands: same first letter, else the last word."""
    for place in range(len(words) - 1, -1, -1):
        if not surname and words[place][0].lower() == new[0].lower():
            return titled([*words[:place], new, *words[place + 1 :]])
    return titled([*words[:-1], new])


def titled(words: list[str]) -> str:
    """Return name words in title case: particles stay small inside, "mcdonald" and "o'brien" get both capitals."""
    words = [word.strip('.,;:!?¿¡"') for word in words]
    out = []
    for place, word in enumerate(words):
        lower = word.lower()
        if place and lower in _LOWER_PARTICLES:
            out.append(lower)
        elif lower.startswith("mc") and len(lower) > 3:
            out.append("Mc" + lower[2:].capitalize())
        elif "-" in lower:
            out.append("-".join(part.capitalize() for part in lower.split("-")))
        elif "'" in lower or "’" in lower:
            out.append(
                "'".join(
                    part.capitalize() if len(part) > 1 or i == 0 else part
                    for i, part in enumerate(lower.replace("’", "'").split("'"))
                )
            )
        else:
            out.append(lower.capitalize())
    return " ".join(out)


def _after_leads(text: Text, book: Phrasebook, group: str, letters: tuple[str, int, int] | None) -> str:
    """Return the first name that follows one of the group's leads."""
    leads, alone = _leads(book.lang, group), ""
    for here, word in enumerate(text.words):
        for phrase, weak in leads.get(word, ()):
            end = here + len(phrase)
            if text.words[here:end] != phrase:
                continue
            name = _name_at(text, end, book, letters)
            if _OWNER.search(name):
                continue  # "I am Doctor Wong's patient"
            # "this is about" and "I'm tired" look like names: a weak lead wants two words, or the end of the sentence.
            after = text.words[end + 1] if end + 1 < len(text) else ""
            if name and " " in name:
                return name
            if name and not alone and (not weak or after in _FOLLOWS_NAME):
                alone = name
    return alone  # "I go by Liz but it's Elizabeth Warren": a full name beats one alone


def _name_at(
    text: Text, start: int, book: Phrasebook, letters: tuple[str, int, int] | None, *, short: bool = False
) -> str:
    """Return the name that begins at token `start`, skipping "uh" and "her name is", or "" when none does.

    In a `short` answer everyday words can be names: "Will Young", "Bill Turner".
    """
    stops, skips = book.sets["name_words"]["stop"], book.sets["name_words"]["skip"]
    here = start
    while here < len(text) and text.words[here] in skips:
        here += 1
    if letters and letters[1] == here:
        return letters[0]
    begin = here
    while here < len(text) and here - begin < MAX_WORDS:
        word = text.words[here]
        refused = word in stops and not (short and word in _ALSO_NAMES)
        if (letters and letters[1] <= here < letters[2]) or refused or not _can_be_name(text, here, book.lang):
            break
        if here > begin and text.clauses[here] != text.clauses[here - 1]:
            if here == begin + 1 and not letters:
                return _after_comma(text, begin, here, book)
            break
        here += 1
    while here > begin and text.words[here - 1] in _PARTICLES:
        here -= 1
    if here == begin or text.words[begin] in ("y", "o", "dos"):
        return ""
    return _once(titled(text.said(begin, here).split()))


def _can_be_name(text: Text, here: int, lang: str) -> bool:
    """Tell a name's word from a figure, a lone letter and a date's month."""
    word = text.words[here]
    if not word.isalpha() or (len(word) == 1 and word not in ("y", "o")):
        return False
    return not (word in MONTHS and _is_date(text, here, lang))


def _once(name: str) -> str:
    """Drop what was only said before the full name: "Bond, James Bond", "Angela, Angela Davis"."""
    words = name.split()
    return " ".join(words[1:]) if len(words) >= 3 and words[0] in (words[1], words[-1]) else name


def _after_comma(text: Text, begin: int, comma: int, book: Phrasebook) -> str:
    """Read "Smith, John" as John Smith, and "Johnson, David Johnson" as the full name that follows."""
    alone = titled(text.said(begin, comma).split())
    follows = _name_at(text, comma, book, None)
    if " " in follows and set(follows.split()) & {alone}:
        return follows
    if follows and " " not in follows and follows != alone and comma + 1 == len(text):
        return f"{follows} {alone}"
    return alone


def _is_date(text: Text, here: int, lang: str) -> bool:
    """Tell the month from the name: "April" is a month when a figure follows, or "de" and a year."""
    if here and text.words[here - 1] in ("name", "nombre"):
        return False
    after = figures(text.said(here + 1, here + 3), lang).words
    before = figures(text.said(max(0, here - 2), here), lang).words if here else ()
    return any(word[0].isdigit() for word in (*after, *before))


def _bare(text: Text, book: Phrasebook, letters: tuple[str, int, int] | None) -> Value | None:
    """Read an answer that is nothing but a name, perhaps after "yes" or "sure, it's"."""
    skips = book.sets["name_words"]["answer"]
    here = 0
    while here < len(text) and text.words[here] in skips:
        here += 1
    if here and text.words[here - 1] in _NOUN_FOLLOWS and not letters:
        return None
    name = _name_at(text, here, book, letters)
    if " " not in name and len(text) - here <= _FEW:
        whole = _name_at(text, here, book, letters, short=True)
        name = whole if " " in whole else name
    if " " not in name:
        name = _spelled_first(text, name, letters) or _later(text, book, letters) or name
    if not name or (" " not in name and text.words[0] in _SAYS):
        return Value(letters[0].capitalize(), text.raw, 0.6) if letters else None
    rest = len(text) - here - len(name.split())
    sure = 0.85 if " " in name else 0.7
    return Value(_mended(name, letters), text.raw, sure if rest <= 3 or letters else sure - 0.2)


def _spelled_first(text: Text, name: str, letters: tuple[str, int, int] | None) -> str:
    """Read "Kim, K I M, Jae" as Jae Kim: the surname is spelled, and the first name follows alone."""
    if not letters or letters[0] != name.lower() or letters[2] + 1 != len(text):
        return ""
    return f"{titled([text.said(letters[2], letters[2] + 1)])} {name}"


def _later(text: Text, book: Phrasebook, letters: tuple[str, int, int] | None) -> str:
    """Return the first full name that begins a later part of the answer: "sure thing, Frank Ocean"."""
    skips = book.sets["name_words"]["answer"]
    for here in range(1, len(text)):
        if text.clauses[here] == text.clauses[here - 1] and text.words[here - 1] not in ("its", "es"):
            continue
        begin = here
        while begin < len(text) and text.words[begin] in skips:
            begin += 1
        name = _name_at(text, begin, book, letters)
        if " " in name:
            return name
    return ""


def _first_and_last(text: Text, book: Phrasebook) -> tuple[str, str]:
    """Return the names after "first name" and "last name", in either order; "" for the one that was not said."""
    found: dict[str, str] = {}
    for part in ("first", "last"):
        for lead in book.lists["name_leads"][part]:
            phrase = _folded(lead)
            if phrase[0] not in text.words:
                continue
            for here in range(len(text) - len(phrase)):
                if text.words[here : here + len(phrase)] == phrase:
                    found.setdefault(part, _name_at(text, here + len(phrase), book, None))
    return found.get("first", ""), found.get("last", "")


def _mended(name: str, letters: tuple[str, int, int] | None) -> str:
    """Put the spelled word in the place of the name's word it sounds like, or at the end."""
    if not letters:
        return titled(name.split())
    spelled_word, words = letters[0], name.split()
    if len(words) == 1 and words[0].lower() == spelled_word:
        return titled(words)
    for place in range(len(words) - 1, -1, -1):
        if words[place][0].lower() == spelled_word[0] or words[place].lower()[1:4] == spelled_word[1:4]:
            return titled([*words[:place], spelled_word, *words[place + 1 :]])
    return titled([*words, spelled_word])


@lru_cache(maxsize=16)
def _leads(lang: str, group: str) -> dict[str, list[tuple[tuple[str, ...], bool]]]:
    """Return by first word the folded leads of a group, in the order of the list, and whether each is a weak one."""
    lists = load(lang).lists["name_leads"]
    by_first: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for lead in lists[group]:
        phrase = _folded(lead)
        by_first.setdefault(phrase[0], []).append((phrase, lead in lists["weak"]))
    return by_first


@lru_cache(maxsize=512)
def _folded(phrase: str) -> tuple[str, ...]:
    return read(phrase).words
