"""Files every pattern under the two of its concepts that people say least: most patterns are then never looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calls.dialogue.safety.rules import DANGER, Pattern, Rule

OFTEN = 1_000_000_000
"""More than any word: for what is said in too many ways to be counted, such as numbers."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A pattern of a rule under its rarest concepts."""

    rule: Rule
    pattern: Pattern
    topic: str
    needs: frozenset[int]
    """The pattern's concepts, once more where they are near at hand: this is asked of hundreds in long speech."""

    @property
    def dangerous(self) -> bool:
        return self.rule.kind in DANGER


Files = Mapping[int, tuple[tuple[int, tuple[Filed, ...]], ...]]
"""The patterns under their rarest concept, and there under the next rarest, or the same where there is no other."""


def by_rarest(rules: Iterable[Rule], said: Mapping[int, int]) -> Files:
    """All patterns, filed; `said` is how often each concept is said, 0 for one that is not in it."""
    found: dict[int, dict[int, list[Filed]]] = {}
    for rule in rules:
        for pattern in rule.patterns:
            rarest, *others = sorted(pattern.needs, key=lambda concept: (said.get(concept, 0), concept))
            filed = found.setdefault(rarest, {}).setdefault(others[0] if others else rarest, [])
            filed.append(Filed(rule, pattern, topic(rule.id), pattern.needs))
    return {one: tuple((other, tuple(filed)) for other, filed in several.items()) for one, several in found.items()}


def uses_of(phrase: str, uses: Mapping[str, int]) -> int:
    """How often a phrase of a rule file is said at most: as often as the rarest of its words.

    Forms ("a/b_c") count together, other concepts and numbers inside it do not; what is in no list is never said.
    """
    words = [word.split("/") for word in phrase.split() if word[0] != "<"]
    return min((sum(_uses_of_form(form, uses) for form in forms) for forms in words), default=OFTEN)


def _uses_of_form(form: str, uses: Mapping[str, int]) -> int:
    return min(uses.get(word, 0) for word in form.lstrip("=").split("_"))


def topic(rule: str) -> str:
    """A rule's id without its language: "es.chest.pain" and "en.chest.pain" are about the same."""
    return rule.partition(".")[2]
