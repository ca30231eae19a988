"""How words are cleaned before any rule sees them, read from the rule files of all languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from calls.dialogue.safety.cleaning import Spelling
from calls.dialogue.safety.folding import fold, plain_words
from calls.dialogue.safety.spacing import Spacing
from calls.dialogue.safety.tokens import tokenise
from calls.dialogue.safety.vocabulary import uses

_NO_NUMBER = frozenset({"couple", "dozen", "docena"})
"""They count things, but make no larger number with the number beside them."""


def listed(text: str | Iterable[str] | None) -> list[str]:
    """The phrases of a comma-separated list."""
    if text is None:
        return []
    parts = text.split(",") if isinstance(text, str) else [one for line in text for one in line.split(",")]
    return [" ".join(part.split()) for part in parts if part.strip()]


def spelling_of(files: Sequence[Mapping[str, Any]]) -> Spelling:
    """One way of cleaning words for all languages together."""
    expands: dict[str, tuple[str, ...]] = {}
    misheard: dict[tuple[str, ...], tuple[str, ...]] = {}
    fillers: set[tuple[str, ...]] = set()
    light, openers, links, passing = set[str](), set[str](), set[str](), set[str]()
    within, own, of, ties = set[str](), set[str](), set[str](), set[str]()
    for file in files:
        said = file["spelling"]
        light.update(word for phrase in listed(said["light"]) for word in plain_words(phrase))
        openers.update(word for phrase in listed(said["openers"]) for word in plain_words(phrase))
        links.update(listed(said.get("links")))
        within.update(listed(said.get("within")))
        own.update(listed(said.get("own")))
        of.update(listed(said.get("of")))
        ties.update(listed(said.get("ties")))
        passing.update(listed(said["passing"]))
        expands.update({key: tuple(plain_words(value)) for key, value in said["expands"].items()})
        fillers.update(tuple(plain_words(phrase)) for phrase in listed(said["fillers"]))
    plain = Spelling(
        expands=expands,
        misheard={},
        fillers=frozenset(),
        cleaned={},
        light=frozenset(light | openers),
        openers=frozenset(openers),
        links=frozenset(links),
        within=frozenset(within),
        own=frozenset(own),
        of=frozenset(of),
        ties=frozenset(ties),
        passing=frozenset(passing),
        numbers={},
    )
    for file in files:
        for meant, heard in file["spelling"]["misheard"].items():
            words = tokenise(meant, plain).texts
            misheard.update({tokenise(one, plain).texts: words for one in listed(heard)})
    fillers = {tokenise(" ".join(one), plain).texts for one in fillers} - {()}
    lengths: dict[str, set[int]] = {}
    for phrase in (*misheard, *fillers):
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    numbers = {word: int(value) for file in files for word, value in file["numbers"].items() if word not in _NO_NUMBER}
    return replace(
        plain,
        misheard=misheard,
        fillers=frozenset(fillers),
        cleaned={word: tuple(sorted(several, reverse=True)) for word, several in lengths.items()},
        numbers=numbers,
        spacing=_spacing_of(files, plain),
    )


def _spacing_of(files: Sequence[Mapping[str, Any]], plain: Spelling) -> Spacing:
    said = tuple({fold(word): count for word, count in uses(file["lang"]).items()} for file in files)
    return Spacing(said, tuple(frozenset(_words_of(file, plain)) for file in files))


def _words_of(file: Mapping[str, Any], plain: Spelling) -> Iterator[str]:
    """Every word that the rules of a file are made of, as it is when heard."""
    lists = [*file["concepts"].values(), *file["cues"].values(), *file["answers"].values(), *file["numbers"]]
    patterns = [one for rule in file["rules"] for one in (*rule.get("when", ()), rule.get("unless", ""))]
    for text in (*lists, *patterns):
        yield from tokenise(re.sub(r"<\w+>|[=/_&.]", " ", str(text)), plain).texts
