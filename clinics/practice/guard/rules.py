"""Compiles the files that say what the telephone must not say. Each file explains its own notation at its top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from clinics.practice.guard.words import fold, segments, stem

NEAR, FAR = 2, 6
"""How many other words may stand between two parts of a pattern, and around `..`."""

EXACT = "(exact) "
_FIGURE = r"\d[\d.,]*/\S+"
_CONCEPT = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is not said. `publish` says that a clinic cannot publish it either."""

    id: str
    kind: str
    publish: bool
    when: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its rules, the words and subjects of free sentences, and the small words that give it away.

    `us` is what a clinic's own sentences are about besides. `vocabulary`, `subjects` and `us` are stems, `marks` folded
    words, `digits` the figure of each folded word.
    """

    rules: tuple[Rule, ...]
    vocabulary: frozenset[str]
    subjects: frozenset[str]
    us: frozenset[str]
    marks: frozenset[str]
    digits: dict[str, str]


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """The compiled files beside this module, by language."""
    here = Path(__file__).parent
    return {file.stem: _Compiler(file.stem).language(yaml.safe_load(file.read_text())) for file in here.glob("*.yaml")}


def written(words: list[str], lang: str) -> str:
    """Words as patterns read them: each with its stem, between spaces."""
    return " " + "".join(f"{word}/{stem(word, lang)} " for word in words)


class _Compiler:
    """Turns concepts and patterns of one file into regular expressions over `written` words."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.concepts: dict[str, str] = {"number": f"(?:{_FIGURE} )"}

    def language(self, data: dict[str, Any]) -> Language:
        self.concepts["number"] = f"(?:{_FIGURE} |{self._any(EXACT + data['numbers'])})"
        for name, phrases in data["concepts"].items():
            self.concepts[name] = self._any(phrases)
        rules = tuple(self._rule(one) for one in data["rules"])
        known = " ".join([*data["vocabulary"].values(), data["numbers"], data["marks"]]).replace(",", " ")
        return Language(
            rules=rules,
            vocabulary=frozenset(stem(word, self.lang) for words in segments(known) for word in words),
            subjects=frozenset(stem(word, self.lang) for words in segments(data["subjects"]) for word in words),
            us=frozenset(stem(word, self.lang) for words in segments(data["us"]) for word in words),
            marks=frozenset(fold(data["marks"]).replace(",", " ").split()),
            digits={fold(word): figure for word, figure in data["digits"].items()},
        )

    def _rule(self, one: dict[str, Any]) -> Rule:
        return Rule(
            id=one["id"],
            kind=one["kind"],
            publish=one.get("publish", True),
            when=tuple(re.compile(" " + self._pattern(pattern)) for pattern in one["when"]),
            unless=(re.compile(" " + self._any(one["unless"])),) if one.get("unless") else (),
        )

    def _pattern(self, pattern: str) -> str:
        found, gap = "", 0
        for place, part in enumerate(pattern.split()):
            if part == "..":
                gap = FAR
                continue
            if place:
                found += rf"(?:\S+ ){{0,{gap or NEAR}}}"
            found += self._part(part)
            gap = 0
        return found

    def _part(self, part: str) -> str:
        return "(?:" + "|".join(self._phrase(one.replace("_", " ")) for one in part.split("/")) + ")"

    def _any(self, phrases: str) -> str:
        listed = _listed(phrases.removeprefix(EXACT))
        if phrases.startswith(EXACT):
            listed = [" ".join(f"={word}" for word in phrase.split()) for phrase in listed]
        return "(?:" + "|".join(map(self._phrase, listed)) + ")"

    def _phrase(self, phrase: str) -> str:
        return "".join(self._word(word) for word in phrase.split())

    def _word(self, word: str) -> str:
        if concept := _CONCEPT.fullmatch(word):
            return self.concepts[concept[1]]
        if word.startswith("="):
            return rf"{re.escape(fold(word[1:]))}/\S+ "  # exactly this form
        return "".join(rf"[^\s/]+/{re.escape(stem(one, self.lang))} " for part in segments(word) for one in part)


def _listed(phrases: str) -> list[str]:
    return [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]
