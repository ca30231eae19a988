"""What a change of the clinic's own rules changes in what callers have said.

Only sentences in which the changed rules could fire are judged, twice each: the words of a rule are looked for first,
which costs a tenth of a judgement, so that three months of a clinic's calls take a second.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from calls.dialogue.safety.find import Added, find, merge
from calls.dialogue.safety.loading import LanguageRules
from calls.dialogue.safety.mentions import present
from calls.dialogue.safety.tokens import tokenise
from calls.dialogue.types import SEVERITY, Finding, Verdict

NOTHING = len(SEVERITY)
BATCH = 250
"""So many sentences between two looks at the clock; the first of them are looked at however late it is."""


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance as it was judged; `about` is what the asker knows it by."""

    words: str
    lang: str
    about: Hashable
    confidence: float | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Different:
    """One utterance that is taken more, or less, seriously than before."""

    said: Said
    before: Finding | None
    after: Finding | None


@dataclass
class Comparison:
    """What was found among the utterances that were looked at."""

    looked_at: int = 0
    finished: bool = True
    fires: int = 0
    """How often a changed rule fires, also where something as serious is found anyway."""
    worse: list[Different] = field(default_factory=list)
    milder: list[Different] = field(default_factory=list)


def compare(
    said: Iterable[Said],
    *,
    before: Sequence[Added],
    after: Sequence[Added],
    out_of_time: Callable[[], bool] = lambda: False,
) -> Comparison:
    """Judge every utterance by both sets of rules, until there is no more time."""
    before, after = tuple(before), tuple(after)
    changed = {one.id for one in set(before) ^ set(after)}
    sieves = [_Sieve(merge(rules).languages, changed) for rules in (before, after)]
    found = Comparison()
    for one in said:
        if found.looked_at and found.looked_at % BATCH == 0 and out_of_time():
            found.finished = False
            break
        found.looked_at += 1
        if any(sieve.passes(one) for sieve in sieves):
            _judge(one, before, after, changed, found)
    return found


def _judge(one: Said, before: tuple[Added, ...], after: tuple[Added, ...], changed: set[str], to: Comparison) -> None:
    old, new = (_verdict(one, rules) for rules in (before, after))
    to.fires += any(finding.rule in changed for finding in new.findings)
    step = _seriousness(new.worst) - _seriousness(old.worst)
    if step:
        (to.worse if step < 0 else to.milder).append(Different(one, old.worst, new.worst))


def _verdict(one: Said, added: tuple[Added, ...]) -> Verdict:
    return find(one.words, lang=one.lang, confidence=one.confidence, earlier=one.earlier, added=added)


def _seriousness(finding: Finding | None) -> int:
    """0 is the most serious."""
    return SEVERITY.index(finding.kind) if finding else NOTHING


class _Sieve:
    """Lets through what holds every word that one pattern of the changed rules needs."""

    def __init__(self, languages: Mapping[str, LanguageRules], changed: set[str]) -> None:
        self._looks: list[tuple[LanguageRules, list[frozenset[int]]]] = []
        for language in languages.values():
            filed = (one for under in language.by_anchor.values() for _, several in under for one in several)
            needs = [one.pattern.needs for one in filed if one.rule.id in changed]
            if needs:
                self._looks.append((language, needs))
        self._seen: dict[str, tuple[frozenset[int], ...]] = {}

    def passes(self, said: Said) -> bool:
        told = [self._present(text) for text in (said.words, *said.earlier)]
        for place, (_, needs) in enumerate(self._looks):
            heard = frozenset[int]().union(*(one[place] for one in told))
            if any(need <= heard for need in needs):
                return True
        return False

    def _present(self, text: str) -> tuple[frozenset[int], ...]:
        """All concepts of a text in each language; callers repeat themselves, and a turn is the next one's past."""
        known = self._seen.get(text)
        if known is None:
            known = self._seen[text] = tuple(self._concepts(text, language) for language, _ in self._looks)
        return known

    @staticmethod
    def _concepts(text: str, language: LanguageRules) -> frozenset[int]:
        words = tokenise(text, language.spelling)
        return present(language.phrases.find(words, language.lexicon.hear(words.texts)))
