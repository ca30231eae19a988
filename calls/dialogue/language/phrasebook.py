"""Phrases as data: reads a language's TOML file and finds its patterns in a caller's words.

A pattern is words and `{concepts}` in order. Between them `..` lets up to four words pass and `...` up to
twelve; without either they must touch. `&` lets the parts stand anywhere, in any order. `^` ties a pattern to
the first word and `$` to the last. In a phrase `refill*` stands for any word that begins so, `*itis` for any
that ends so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from calls.dialogue.language.text import Text, fold

_FOLDER = Path(__file__).parent / "phrases"
_PART = re.compile(r"\{(\w+)\}|(\.\.\.?|&)|([^{}\s]+)")
_ANYWHERE = -1
_GAPS = {"..": 4, "...": 12, "&": _ANYWHERE}
_MAX_STARTS = 16
"""How many places of one word a pattern is tried from: enough for speech, a bound for repetition."""

ABOUT = "about "
"""What the names of the scorer's families begin with, so that no rule can name one."""

_KNOWN_WORDS = 20_000
"""Words whose concepts are remembered; a bound, since callers can say anything."""

_Entry = tuple[tuple[str, ...], Mapping[str, Sequence[tuple[tuple[str, ...], str]]]]
"""The concepts a word means alone, and by second word the phrases it can begin; "*" for a second word with a star."""
Spans = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: `parts` are (concept, words that may stand before it, or _ANYWHERE); `deaf` ignores negation."""

    name: str
    weight: float
    parts: tuple[tuple[str, int], ...]
    first: bool = False
    last: bool = False
    deaf: bool = False
    needs: frozenset[str] = frozenset()
    """The concepts of its parts."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule was found: tokens `start` up to, not including, `end`."""

    rule: Rule
    start: int
    end: int


@dataclass
class Lexicon:
    """Concepts compiled for one pass over the tokens: by first word, by prefix and by suffix."""

    whole: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    prefix: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    suffix: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[str, _Entry] = field(default_factory=dict)

    def add(self, concept: str, phrase: str) -> None:
        words = tuple(_keep_stars(word) for word in phrase.split())
        head = words[0]
        if head.startswith("*"):
            self.suffix.setdefault(head[1:], []).append(concept)
        elif head.endswith("*"):
            self.prefix.setdefault(head[:-1], []).append((words, concept))
        else:
            self.whole.setdefault(head, []).append((words, concept))

    def spans(self, text: Text) -> dict[str, list[tuple[int, int]]]:
        """Return every place of every concept in `text`, in order."""
        found: dict[str, list[tuple[int, int]]] = {}
        for here, word in enumerate(text.words):
            alone, longer = self._known.get(word) or self._meet(word)
            for concept in alone:
                found.setdefault(concept, []).append((here, here + 1))
            if longer and here + 1 < len(text.words):
                for phrase, concept in (*longer.get(text.words[here + 1], ()), *longer.get("*", ())):
                    if (len(phrase) == 2 and phrase[1][-1] != "*") or _continues(phrase, text.words, here):
                        found.setdefault(concept, []).append((here, here + len(phrase)))
        return found

    def _meet(self, word: str) -> _Entry:
        """Return the concepts a word means alone and the phrases it can begin, and remember them for the next time."""
        starting = list(self._starting(word))
        alone = [concept for phrase, concept in starting if len(phrase) == 1]
        alone += [concept for size in range(3, min(len(word), 9)) for concept in self.suffix.get(word[-size:], ())]
        longer: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, concept in starting:
            if len(phrase) > 1:
                longer.setdefault("*" if phrase[1][-1] == "*" else phrase[1], []).append((phrase, concept))
        entry = tuple(alone), longer
        if len(self._known) < _KNOWN_WORDS:
            self._known[word] = entry
        return entry

    def _starting(self, word: str) -> Iterator[tuple[tuple[str, ...], str]]:
        yield from self.whole.get(word, ())
        for size in range(2, min(len(word), 16) + 1):
            yield from self.prefix.get(word[:size], ())


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One language: its lexicon, its rules by kind, and the plain word lists of the parsers."""

    lang: str
    lexicon: Lexicon
    rules: Mapping[str, Mapping[str, tuple[Rule, ...]]]
    """Kind ("intents", "topics", "controls"...) to first concept to rules."""
    lists: Mapping[str, Mapping[str, tuple[str, ...]]]
    sets: Mapping[str, Mapping[str, frozenset[str]]]
    """The same lists for who only asks whether a word is in one."""
    senses: frozenset[str] = frozenset()
    """The concepts that have a name; the scorer weighs these."""

    def find(self, kind: str, text: Text, spans: Spans) -> list[Match]:
        """Return the first place of each rule of `kind` that `text` says and does not deny."""
        by_concept, said = self.rules.get(kind, {}), spans.keys()
        matches = []
        for concept in spans:
            for rule in by_concept.get(concept, ()):
                if len(rule.parts) == 1 or rule.needs <= said:
                    match = _first(rule, text, spans)
                    if match:
                        matches.append(match)
        return matches


def _first(rule: Rule, text: Text, spans: Spans) -> Match | None:
    for start, end in spans[rule.parts[0][0]][:_MAX_STARTS]:
        if rule.first and start:
            return None
        for last in _ends(rule, start, end, text, spans):
            if rule.last and last != len(text):
                continue
            if rule.deaf or not _denied(start, last, text, spans):
                return Match(rule, start, last)
    return None


def _ends(rule: Rule, start: int, end: int, text: Text, spans: Spans) -> list[int]:
    """Return where the rule can end when its first part stands at `start`; a sentence's end stops it."""
    sentence = text.sentences[start]
    ends = {end}
    for concept, gap in rule.parts[1:]:
        if gap == _ANYWHERE:
            if all(here < end and start < after for here, after in spans[concept]):
                return []
            continue
        ends = {
            after
            for here, after in spans[concept]
            if here < len(text) and text.sentences[here] == sentence and any(e <= here <= e + gap for e in ends)
        }
        if not ends:
            break
    return sorted(ends)


def _denied(start: int, end: int, text: Text, spans: Spans) -> bool:
    """Tell whether "I don't need" and the like stands over the match, in the same clause."""
    return any(
        start - 3 <= after and here < end and text.clauses[here] == text.clauses[end - 1]
        for here, after in spans.get("deny", ())
    )


def _continues(phrase: tuple[str, ...], words: tuple[str, ...], here: int) -> bool:
    if here + len(phrase) > len(words):
        return False
    for offset in range(1, len(phrase)):
        want, have = phrase[offset], words[here + offset]
        if have != want and not (want[-1] == "*" and have.startswith(want[:-1])):
            return False
    return True


def _keep_stars(word: str) -> str:
    return ("*" if word[0] == "*" else "") + fold(word.strip("*")) + ("*" if word[-1] == "*" else "")


def _widened(phrases: Sequence[str], concepts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the phrases of a concept; "{other}" among them stands for all phrases of that concept."""
    for phrase in phrases:
        if phrase.startswith("{"):
            yield from _widened(concepts[phrase[1:-1]], concepts)
        else:
            yield phrase


def _compile(name: str, weight: float, pattern: str, lexicon: Lexicon, known: set[str]) -> Rule:
    """Return `pattern` as a Rule; words outside braces become concepts of their own. Unknown concept: KeyError."""
    parts: list[tuple[str, int]] = []
    gap = 0
    for concept, dots, words in _chunks(pattern.removeprefix("^").removesuffix("$")):
        if dots:
            gap = _GAPS[dots]
            continue
        if words and (concept := f"'{words}") not in known:
            lexicon.add(concept, words)
            known.add(concept)
        elif concept not in known:
            raise KeyError(f"{pattern!r} names the unknown concept {concept!r}")
        parts.append((concept, gap))
        gap = 0
    needs = frozenset(concept for concept, _ in parts)
    return Rule(name, weight, tuple(parts), pattern.startswith("^"), pattern.endswith("$"), "{not}" in pattern, needs)


def _chunks(body: str) -> Iterator[tuple[str, str, str]]:
    """Yield (concept, gap sign, words) of a pattern, one of the three set; neighbouring plain words go together."""
    words: list[str] = []
    for concept, dots, word in _PART.findall(body):
        if word:
            words.append(word)
            continue
        if words:
            yield "", "", " ".join(words)
            words = []
        yield concept, dots, ""
    if words:
        yield "", "", " ".join(words)


@lru_cache(maxsize=4)
def load(lang: str) -> Phrasebook:
    """Return the phrasebook of `lang`; a language without a file gets the English one."""
    known_lang = lang if (_FOLDER / f"{lang}.toml").is_file() else "en"
    data, senses = _table(known_lang), _table(f"senses_{known_lang}")["senses"]
    lexicon, known = Lexicon(), set(data["concepts"])
    for concept, phrases in data["concepts"].items():
        for phrase in _widened(phrases, data["concepts"]):
            lexicon.add(concept, phrase)
    rules = {kind: _grouped(data[kind], lexicon, known) for kind in ("intents", "topics", "controls")}
    for sense, phrases in senses.items():
        for phrase in phrases:
            lexicon.add(f"{ABOUT}{sense}", phrase)
    lists = {
        group: {name: tuple(words) for name, words in some.items()} for group, some in data.get("lists", {}).items()
    }
    sets = {group: {name: frozenset(words) for name, words in some.items()} for group, some in lists.items()}
    named = frozenset(data["concepts"]) | {f"{ABOUT}{sense}" for sense in senses}
    return Phrasebook(lang, lexicon, rules, lists, sets, named)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _grouped(
    kind: Mapping[str, Mapping[str, Sequence[str]]], lexicon: Lexicon, known: set[str]
) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of one kind by the concept they begin with."""
    grouped: dict[str, list[Rule]] = {}
    for name, by_weight in kind.items():
        for weight, patterns in by_weight.items():
            for pattern in patterns:
                rule = _compile(name, float(weight), pattern, lexicon, known)
                grouped.setdefault(rule.parts[0][0], []).append(rule)
    return {concept: tuple(some) for concept, some in grouped.items()}
