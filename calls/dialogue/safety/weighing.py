"""Weighs what was said against what our own labelled sentences taught: it hears a danger that no pattern has words for.

The weights are a table of text (`weights/en.json`) that `learning.py` makes: how much a word's beginning, four letters
of it, two neighbours, a concept of the rule file or two of them close together speak for an emergency. It is asked
last, only adds, and takes no finding of a rule away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.denial import is_listed
from calls.dialogue.safety.mentions import Span
from calls.dialogue.safety.tokens import Words

WEIGHTS = Path(__file__).parent / "weights"
REACH = 16
"""So many words are weighed together: a long story is no danger for being long."""

SPOKEN_OF = frozenset(
    {Cue.IF, Cue.GENERAL, Cue.GENERAL_AFTER, Cue.EVER, Cue.ANIMAL, Cue.WEEKS_PAST, Cue.CHRONIC, Cue.TOPIC}
)
"""Where one of these was said nobody may be in danger now, and words alone tell little."""
BYGONE = frozenset({Cue.GAME, Cue.FAR_PAST, Cue.READ_IN, Cue.LONG_OVER})
"""Where one of these was said a danger is told in its own words, and words alone tell nothing."""
_BEGINNING = 5
"""Letters by which forms of one word are alike: "breath", "breathing"."""
_LETTERS = 4
_DENIED = 6
"""Words that one "not" denies at most."""
_TOGETHER = 6
"""Concepts this many words apart at most speak together."""
_TOLD = (Cue.RECENT_PAST, Cue.OVER, Cue.NOW, Cue.HAD)
_NAME = "<given_name>"
"""The concept of what people are called, which tells nothing: emergencies name somebody oftener than other talk."""
_NO_WORD = 0.0, "", False
_CACHED_WORDS, _CACHED_PAIRS = 20_000, 50_000


class Named:
    """The concepts of a rule file that its writers named, which count when words are weighed."""

    def __init__(self, names: Mapping[int, str]) -> None:
        """`names` is what each concept is called, by its number."""
        self.names = names
        self._known: dict[int, tuple[tuple[int, ...], tuple[str, ...]]] = {}
        """By identity, because all of a long tuple must be read to look it up by what it holds."""

    def of(self, concepts: tuple[int, ...]) -> tuple[str, ...]:
        """Those of the concepts that count, as they are weighed: "<child>"."""
        known = self._known.get(id(concepts))
        if known is None:
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()  # the tuples of clinics whose own rules came and went
            names = tuple(f"<{self.names[one]}>" for one in sorted(concepts) if one in self.names)
            known = self._known[id(concepts)] = concepts, names
        return known[1]


@dataclass(frozen=True, slots=True)
class Heard:
    """What is weighed of one utterance: its words with a "-" before the denied ones, None for a figure of speech or a
    name."""

    words: tuple[str | None, ...]
    about: tuple[str, ...]
    """What was said about the time, and whether it was a question."""
    meant: tuple[tuple[int, str], ...] = ()
    """The concepts that were surely said, "<child>", and those close together, "<blue> <child>": each once, by the
    place of the word it was complete with."""


def heard(
    words: Words,
    cues: CueMentions,
    spans: Sequence[Span],
    named: Named,
    *,
    mute: Set[int] = frozenset(),
    guessed: bool = False,
) -> Heard:
    """What was said, as it is weighed; `named` are the concepts that count.

    Words at the places `mute` weigh nothing: "I don't think he is choking", where the denial goes on behind a "he".
    With `guessed` those count too that are one guessed word for which everything around speaks.
    """
    told = [(names, one) for one in spans if (names := named.of(one.concepts))]
    figures = {at for cue in cues[Cue.FIGURATIVE] for at in range(cue.start, cue.end)} | mute
    figures.update(one.start for names, one in told if _NAME in names)
    denied = set(_denied(words, cues))
    about = (f"~{cue}" for cue in _TOLD if cues[cue])
    return Heard(
        tuple(None if at in figures else f"-{text}" if at in denied else text for at, text in enumerate(words.texts)),
        (*about, *(("~?",) if words.asked else ())),
        tuple(_meant([one for one in told if one[1].doubt <= guessed and one[1].start not in figures], denied)),
    )


def _meant(told: Sequence[tuple[tuple[str, ...], Span]], denied: set[int]) -> Iterator[tuple[int, str]]:
    """The concepts that were said and those close together, from the named ones of each span."""
    found = set[str]()
    near: list[tuple[int, str]] = []
    before: list[str] = []
    here = -1
    for names, (_, start, end, _) in told:
        if start != here:
            here = start
            near = [one for one in near if start - one[0] <= _TOGETHER]
            before = list(dict.fromkeys(name for behind, name in near if behind <= start))
        if denied.isdisjoint(range(start, end)):
            said = [one for name in names for one in (name, *[_pair(other, name) for other in before if other != name])]
            near += [(end, name) for name in names]
        else:
            said = [f"-{name}" for name in names]
        for one in said:
            if one not in found:
                found.add(one)
                yield start, one


@lru_cache(maxsize=_CACHED_PAIRS)
def _pair(one: str, other: str) -> str:
    return f"{one} {other}" if one < other else f"{other} {one}"


def _denied(words: Words, cues: CueMentions) -> Iterator[int]:
    starts = {one.start for cue in (Cue.BREAKER, Cue.SUBJECT) for one in cues[cue]}
    verbs = {one.start for one in cues[Cue.CLAUSE]}
    for cue in cues[Cue.NEGATION]:
        listed = is_listed(cue, words, cues)
        for at in range(cue.end, min(len(words), cue.end + _DENIED)):
            if words.sentences[at] != words.sentences[cue.start] or at in starts or (at in verbs and at > cue.end):
                break
            if at in words.after_comma and not listed:
                break
            yield at


def of_a_word(word: str, small: frozenset[str]) -> Iterator[str]:
    """What one word speaks with: small words and numbers with nothing, a denied word with its beginning alone."""
    plain = word.lstrip("-")
    if not _tells(word, small) or plain[0].isdecimal():
        return
    yield _beginning(word)
    if plain is word:
        spelt = f" {word} "
        yield from {f"#{spelt[at : at + _LETTERS]}" for at in range(max(1, len(spelt) - _LETTERS + 1))}


def of_neighbours(one: str, two: str, small: frozenset[str]) -> str:
    """What two words side by side speak with; nothing ("") when neither tells anything."""
    if not (_tells(one, small) or _tells(two, small)):
        return ""
    return _side_by_side(_beginning(one), _beginning(two))


def _tells(word: str, small: frozenset[str]) -> bool:
    return word.lstrip("-") not in small


def _side_by_side(one: str, two: str) -> str:
    return f"{one} {two}"


def _beginning(word: str) -> str:
    return word[: _BEGINNING + (word[0] == "-")]


class Scale:
    """The weights of one language. `always` is where the scale stands when nothing is on it."""

    def __init__(self, weights: Mapping[str, float], always: float, small: frozenset[str]) -> None:
        self._weights = weights
        self._always = always
        self._small = small
        self._of_word = lru_cache(maxsize=_CACHED_WORDS)(self._weigh_word)

    def weight(self, said: Heard) -> float:
        """How much the heaviest stretch of `REACH` words speaks for an emergency; above 0 it rather is one."""
        known = [_NO_WORD if word is None else self._of_word(word) for word in said.words]
        each = [weight for weight, _, _ in known]
        for at, ((_, one, one_tells), (_, two, two_tells)) in enumerate(pairwise(known), start=1):
            if (one_tells or two_tells) and one and two:
                each[at] += self._weights.get(_side_by_side(one, two), 0.0)
        for at, meant in said.meant:
            each[at] += self._weights.get(meant, 0.0)
        heaviest = stretch = sum(each[:REACH])
        for at in range(REACH, len(each)):
            stretch += each[at] - each[at - REACH]
            heaviest = max(heaviest, stretch)
        return self._always + heaviest + sum(self._weights.get(one, 0.0) for one in said.about)

    def _weigh_word(self, word: str) -> tuple[float, str, bool]:
        """What a word weighs, its beginning, and whether it tells something beside another."""
        weight = sum(self._weights.get(one, 0.0) for one in of_a_word(word, self._small))
        return weight, _beginning(word), _tells(word, self._small)


def is_spoken_of(cues: CueMentions) -> bool:
    """Whether an if, people at large or an animal was spoken of, even in a phrase that makes the cue harmless."""
    return not SPOKEN_OF.isdisjoint(cues)


def is_bygone(cues: CueMentions) -> bool:
    """Whether it was long ago, in a game or read somewhere."""
    return any(cues[cue] for cue in BYGONE)


@cache
def scale(lang: str, small: frozenset[str]) -> Scale:
    """The scale of a language, from its file."""
    same: dict[str, float] = {}
    """There are a hundred times more weights than different ones: each is kept once."""
    text = (WEIGHTS / f"{lang}.json").read_text(encoding="utf-8")
    data = json.loads(text, parse_float=lambda digits: same.setdefault(digits, float(digits)))
    return Scale(data["weights"], data["always"], small)
