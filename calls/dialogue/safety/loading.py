"""Compiles a language's rule file once into tries and patterns.

A mistake is refused with a sentence that names the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from calls.dialogue.safety.cleaning import Spelling
from calls.dialogue.safety.cues import Cue
from calls.dialogue.safety.filing import OFTEN, Files, by_rarest, uses_of
from calls.dialogue.safety.lexicon import Lexicon
from calls.dialogue.safety.phrases import Node, Phrases
from calls.dialogue.safety.rule_file import RuleError
from calls.dialogue.safety.rules import WEIGHED_BY, Example, Lasting, Pattern, Question, Rule, Step, body_of
from calls.dialogue.safety.scope import HEEDS
from calls.dialogue.safety.spacing import AS_WRITTEN
from calls.dialogue.safety.spelling import listed
from calls.dialogue.safety.tokens import tokenise
from calls.dialogue.safety.vocabulary import common_words, uses
from calls.dialogue.safety.weighing import Named
from calls.dialogue.types import FindingKind

NEXT_WORD_GAP = 2
FAR_WORD_GAP = 6
NEAR = 6


@dataclass(frozen=True)
class LanguageRules:
    """One language, compiled."""

    lang: str
    version: str
    lexicon: Lexicon
    phrases: Phrases
    concepts: Mapping[str, int]
    said: Mapping[int, int]
    """How often people say each concept, see `filing.by_rarest`."""
    cues: Mapping[int, Cue]
    rules: tuple[Rule, ...]
    questions: Mapping[str, Question]
    answers: Mapping[str, int]
    spelling: Spelling
    by_anchor: Files = field(default_factory=dict)
    anchors: frozenset[int] = frozenset()
    """The concepts that patterns are filed under."""
    named: Named = field(default_factory=lambda: Named({}))
    """The file's own concepts."""
    weighed: Rule | None = None
    """The rule for words that no pattern has."""
    listened_for: frozenset[int] = frozenset()
    """The concepts that matter whatever else was said: cues, answers, "worse"."""


class Compiler:
    """Compiles one language's file; a clinic's own rules are compiled by the same one, on the same concepts.

    `upon` is the file as already compiled: what is learned on top of it shares all it can with it.
    """

    def __init__(self, file: Mapping[str, Any], spelling: Spelling, upon: LanguageRules | None = None) -> None:
        self.file = file
        self.lang: str = file["lang"]
        self.spelling = replace(spelling, misheard={}, fillers=frozenset(), cleaned={}, spacing=AS_WRITTEN)
        self.sources = {name: f"{one['page']} <{one['url']}>" for name, one in file["sources"].items()}
        self.concepts: dict[str, int] = dict(upon.concepts) if upon else {}
        self.said: dict[int, int] = dict(upon.said) if upon else {}
        self._parts: dict[tuple[Step, ...], tuple[Step, ...]] = {}
        """Each part of a pattern once, see `matching.Places.said`."""
        self._learnt: dict[str, list[tuple[str, ...]]] = {}
        self._forms: dict[str, tuple[str, ...]] = {}
        self._taught: dict[str, tuple[list[Node], int]] = {}
        """Where each phrase ends, and how often it is said: many concepts hold the phrases of others."""
        self._says: dict[str, set[int]] = {}
        """The concepts of each phrase that was learnt since they were last written into the trie."""
        self.lexicon = upon.lexicon.extended() if upon else self._lexicon()
        self.phrases = upon.phrases.extended(self.lexicon) if upon else Phrases(spelling.passing, self.lexicon)

    def _lexicon(self) -> Lexicon:
        ranges = {
            name: tuple((float(low), float(high)) for low, _, high in (one.split() for one in listed(spans)))
            for name, spans in self.file["ranges"].items()
        }
        return Lexicon(
            self.lang,
            sounds=_by_what_is_heard(self.file["sounds"]),
            homophones=_by_what_is_heard(self.file.get("homophones", {})),
            numbers={word: float(value) for word, value in self.file["numbers"].items()},
            ranges=ranges,
            never_misspelt=listed(self.file["never_misspelt"]),
            listen_for=listed(self.file.get("listen_for")),
            whole=listed(self.file.get("whole")),
            small=listed(self.file["spelling"].get("small")),
            common=common_words(self.lang),
        )

    def compile(self, version: str, spelling: Spelling) -> LanguageRules:
        for name in ("number", *self.file["ranges"]):
            self.phrases.add(self.phrases.places([[(f"#{name}",)]]), frozenset({self._new(name)}))
            self.said[self._new(name)] = OFTEN
        exceptions = (one.get(kind) for one in self.file["rules"] for kind in ("unless", "unless_across"))
        self._refuse_optional(phrase for text in (*self.file["cues"].values(), *exceptions) for phrase in listed(text))
        groups = {**self.file["concepts"], **self.file["cues"], **self._answers()}
        for name, text in groups.items():
            number = self._new(name)
            for phrase in self._spelled_out(text, {name}):
                self._learn(phrase, number)
        rules = tuple(self.rule(one) for one in self.file["rules"])
        self.write_down()
        self.lexicon.hear_neighbours()
        self.phrases.settle()
        return with_anchors(
            LanguageRules(
                lang=self.lang,
                version=version,
                lexicon=self.lexicon,
                phrases=self.phrases,
                concepts=self.concepts,
                said=self.said,
                named=Named({self.concepts[name]: name for name in self.file["concepts"]}),
                cues={self.concepts[cue.value]: cue for cue in Cue if cue.value in self.file["cues"]},
                rules=rules,
                questions=self._questions(),
                answers={name: self.concepts[name] for name in self._answers()},
                spelling=spelling,
            )
        )

    def _refuse_optional(self, phrases: Iterable[str]) -> None:
        """Refuses what takes a danger away and says more than its writer meant: a light word among alternatives falls
        away, and none of them need be said. "This/got shot in arm" was "shot in arm"."""
        for phrase in phrases:
            for word in phrase.split():
                keys = self._keys(word) if "/" in word and "<" not in word else []
                if () in keys and any(keys):
                    light = [form for form, key in zip(word.split("/"), keys, strict=True) if not key]
                    raise RuleError(f"{self.lang}: in “{phrase}” nobody hears “{'”, “'.join(light)}”; write it without")

    def _answers(self) -> dict[str, str]:
        return {f"answer_{name}": text for name, text in self.file["answers"].items()}

    def _questions(self) -> dict[str, Question]:
        return {
            name: Question(name, one["text"], FindingKind(one["yes"]), one["reason"], self.sources[one["source"]])
            for name, one in self.file["questions"].items()
        }

    def _new(self, name: str) -> int:
        return self.concepts.setdefault(name, len(self.concepts))

    def _spelled_out(self, text: str, inside: set[str]) -> list[str]:
        """A concept's phrases; a phrase that is just `<other>` stands for all phrases of the other concept."""
        phrases: list[str] = []
        for phrase in listed(text):
            name = phrase[1:-1] if phrase.startswith("<") and phrase.endswith(">") else ""
            other = self.file["concepts"].get(name) or self.file["cues"].get(name)
            if other is None or " " in phrase:
                phrases.append(phrase)
            elif name in inside:
                raise RuleError(f"{self.lang}: the concept <{name}> contains itself")
            else:
                phrases.extend(self._spelled_out(other, inside | {name}))
        return phrases

    def _learn(self, phrase: str, concept: int) -> None:
        if phrase not in self._taught:
            self._taught[phrase] = self._teach(phrase), uses_of(phrase, uses(self.lang))
        self._says.setdefault(phrase, set()).add(concept)
        self.said[concept] = self.said.get(concept, 0) + self._taught[phrase][1]

    def _teach(self, phrase: str) -> list[Node]:
        places = self.phrases.places([self._keys(word) for word in phrase.split()])
        if not places:
            raise RuleError(f"{self.lang}: nothing is left of the phrase “{phrase}” without its light words")
        return places

    def write_down(self) -> None:
        """Write into the trie what the phrases say that were learnt: once each, for all the concepts it is of."""
        for phrase, concepts in self._says.items():
            self.phrases.add(self._taught[phrase][0], frozenset(concepts))
        self._says.clear()

    def _paths(self, phrase: str) -> set[tuple[str, ...]]:
        """The keys of a phrase in every way it may be said."""
        return {
            tuple(key for several in keys for key in several)
            for keys in product(*(self._keys(word) for word in phrase.split()))
        }

    def _keys(self, written: str) -> list[tuple[str, ...]]:
        """The trie keys of one written word; `a/b_c` stands for "a" or "b c". A file has each word many times."""
        if written not in self._learnt:
            self._learnt[written] = self._keys_of(written)
        return self._learnt[written]

    def _keys_of(self, written: str) -> list[tuple[str, ...]]:
        if written.startswith("<"):
            if written == "<number>" or written[1:-1] in self.file["ranges"]:
                return [("#" + written[1:-1],)]
            said = self._spelled_out(written, set())
            if said == [written]:
                raise RuleError(f"{self.lang}: {written} stands in a phrase, and there is no such concept or range")
            return [path for phrase in said for path in self._paths(phrase)]
        return [self._keys_of_form(form) for form in written.split("/")]

    def _keys_of_form(self, form: str) -> tuple[str, ...]:
        keys = self._forms.get(form)
        if keys is None:
            exact = "=" if form.startswith("=") else ""
            texts = tokenise(form.lstrip("=").replace("_", " "), self.spelling).texts
            keys = self._forms[form] = tuple(self.lexicon.learn(exact + text) for text in texts)
        return keys

    def rule(self, one: Mapping[str, Any]) -> Rule:
        """Compiles one rule of the file, or one of a clinic's own."""
        try:
            kind = FindingKind(one["kind"]) if one["kind"] != "ask" else None
            near, across = int(one.get("near", NEAR)), int(one.get("across", 1))
            weights = {name: float(one.get(name, 0)) for name in WEIGHED_BY}
            unless_across = self._concepts(one.get("unless_across"))
            patterns = () if weights["weighs"] else tuple(self._pattern(text, near, across) for text in one["when"])
            return Rule(
                id=one["id"],
                kind=kind,
                reason=one["reason"],
                source=self.sources[one["source"]] if one.get("source") else "",
                patterns=patterns,
                unless=self._concepts(one.get("unless")) | unless_across,
                unless_across=unless_across,
                lasting=Lasting(one.get("lasting", "now")),
                heeds=frozenset(HEEDS[kind]) - frozenset(listed(one.get("despite"))),
                ask=one.get("ask", ""),
                **weights,
                examples=(*_examples(one.get("fires"), True), *_examples(one.get("quiet"), False)),
            )
        except (KeyError, ValueError) as error:
            raise RuleError(f"{self.lang}: the rule {one.get('id', one)} cannot be read: {error}") from error

    def _pattern(self, text: str, near: int, across: int) -> Pattern:
        steps = (self._steps(part) for part in body_of(text).split("&"))
        parts = tuple(self._parts.setdefault(part, part) for part in steps)
        if not all(parts):
            raise RuleError(f"nothing stands on one side of “{text}”")
        needs = frozenset(step.concept for part in parts for step in part)
        between = near * (len(parts) - 1) + sum(step.gap for part in parts for step in part[1:])
        return Pattern(
            parts=parts,
            needs=needs,
            near=near,
            text=text,
            alone=text.startswith("only "),
            unfinished=text.startswith("ends "),
            across=across,
            between=between,
            steps=sum(len(part) for part in parts),
        )

    def _steps(self, part: str) -> tuple[Step, ...]:
        steps: list[Step] = []
        gap = NEXT_WORD_GAP
        for item in part.split():
            if item == "..":
                gap = FAR_WORD_GAP
                continue
            if self.spelling.light.issuperset(item.split("/")):
                continue  # a rule may be written as people speak
            steps.append(Step(self._concept(item), gap))
            gap = NEXT_WORD_GAP
        return tuple(steps)

    def _concepts(self, text: str | None) -> frozenset[int]:
        return frozenset(self._concept(item) for item in listed(text))

    def _concept(self, item: str) -> int:
        """The number of `<concept>`, or of words written out: `he/<relative>` is either."""
        if item.startswith("<") and "/" not in item:
            return self.concepts[item[1:-1]]
        literal = f"“{item}”"  # the words themselves, which may also be the name of a concept
        if literal not in self.concepts:
            number = self._new(literal)
            for part in item.split("/") if "<" in item else [item]:
                for phrase in self._spelled_out(part, set()):
                    self._learn(phrase, number)
        return self.concepts[literal]


def _by_what_is_heard(by_what_is_meant: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """A table of a rule file, "meant: heard, heard", turned round."""
    heard_as: dict[str, tuple[str, ...]] = {}
    for meant, heard in by_what_is_meant.items():
        for word in listed(heard):
            heard_as[word] = (*heard_as.get(word, ()), meant)
    return heard_as


def _examples(texts: Sequence[str] | None, fires: bool) -> Iterable[Example]:
    return (Example(text, fires) for text in texts or ())


def with_anchors(rules: LanguageRules) -> LanguageRules:
    """The rules with every pattern filed where it is looked for."""
    by_anchor = by_rarest(rules.rules, rules.said)
    return replace(
        rules,
        by_anchor=by_anchor,
        anchors=frozenset(by_anchor),
        weighed=next((rule for rule in rules.rules if rule.weighs), None),
        listened_for=frozenset((*rules.cues, *rules.answers.values(), rules.concepts["worse"])),
    )
