"""The door to the safety rules: what is found in a caller's words, before anything else looks at them."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from calls.dialogue.safety.engine import RuleSet, judge
from calls.dialogue.safety.hearing import pairs_file
from calls.dialogue.safety.loading import NEAR, Compiler, LanguageRules, with_anchors
from calls.dialogue.safety.rule_file import LANGUAGES, RuleError, content_hash, read_file
from calls.dialogue.safety.rules import Rule
from calls.dialogue.safety.spelling import spelling_of
from calls.dialogue.safety.weighing import WEIGHTS
from calls.dialogue.types import SEVERITY, FindingKind, Verdict


@dataclass(frozen=True, slots=True)
class AddedRule:
    """A clinic's own rule, written with the shipped concepts: `when=("<chest> & tingle",)`.

    `near` is how many words may stand between the sides of an "&", `unless` takes the meaning away when it stands
    close, `source` says in the clinic's own words what the rule rests on.
    """

    id: str
    lang: str
    kind: FindingKind
    reason: str
    when: tuple[str, ...]
    near: int = NEAR
    unless: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class RaisedRule:
    """A shipped rule that this clinic takes more seriously than shipped."""

    id: str
    kind: FindingKind


Added = AddedRule | RaisedRule


@cache
def shipped() -> RuleSet:
    """The rules that every clinic has and none can remove.

    Compiling them takes seconds, and is left to whoever looks for danger first: a web process does it before its first
    caller (cliniqai/warm.py), a sweeper or a command never.
    """
    files = {lang: read_file(lang) for lang in LANGUAGES}
    spelling = spelling_of([file for file, _ in files.values()])
    learnt = (one.read_bytes() for lang in LANGUAGES for one in (WEIGHTS / f"{lang}.json", pairs_file(lang)))
    version = f"{files['en'][0]['version']}+{content_hash([*(data for _, data in files.values()), *learnt])}"
    with _without_garbage_collection():
        compiled = {lang: Compiler(file, spelling).compile(version, spelling) for lang, (file, _) in files.items()}
    return RuleSet(version, compiled)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """What is compiled stays: to look through it for garbage again and again takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=128)
def merge(added: tuple[Added, ...]) -> RuleSet:
    """The shipped rules with a clinic's additions on top. Lowering or replacing a shipped rule is refused."""
    known = {rule.id: rule for language in shipped().languages.values() for rule in language.rules}
    for one in added:
        _check(one, known)
    version = f"{shipped().version}.{content_hash([repr(added).encode()])}"
    languages = {lang: _with_added(base, version, added) for lang, base in shipped().languages.items()}
    return RuleSet(version, languages)


def _with_added(base: LanguageRules, version: str, added: tuple[Added, ...]) -> LanguageRules:
    """One language with what a clinic adds to it; the tables of the shipped rules are shared, not compiled again."""
    own = {one.id: one for one in added if isinstance(one, AddedRule) and one.lang == base.lang}
    raised = {one.id: one.kind for one in added if isinstance(one, RaisedRule)}
    language = _with_rules(base, [_as_written(one) for one in own.values()]) if own else base
    rules = tuple(_as_own(rule, own, raised) for rule in language.rules)
    return with_anchors(replace(language, version=version, rules=rules))


def _with_rules(base: LanguageRules, own: Sequence[Mapping[str, object]]) -> LanguageRules:
    """A compiled language with further rules behind its own, exactly as if they stood at the end of its file."""
    compiler = Compiler(read_file(base.lang)[0], base.spelling, upon=base)
    rules = (*base.rules, *(compiler.rule(one) for one in own))
    compiler.write_down()
    return replace(
        base,
        rules=rules,
        phrases=compiler.phrases,
        lexicon=compiler.lexicon,
        concepts=compiler.concepts,
        said=compiler.said,
    )


def _as_own(rule: Rule, own: Mapping[str, AddedRule], raised: Mapping[str, FindingKind]) -> Rule:
    if rule.id in own:
        return replace(rule, source=own[rule.id].source, own=True)
    return replace(rule, kind=raised[rule.id], own=True) if rule.id in raised else rule


def _as_written(rule: AddedRule) -> Mapping[str, object]:
    written = {"id": rule.id, "kind": rule.kind.value, "reason": rule.reason, "when": list(rule.when)}
    return {**written, "near": rule.near, "unless": rule.unless}


def _check(one: Added, known: Mapping[str, Rule]) -> None:
    rule = known.get(one.id)
    if isinstance(one, AddedRule):
        if rule is not None:
            raise RuleError(f"{one.id} is a shipped rule; give the clinic's own rule another id")
        if one.lang not in LANGUAGES:
            raise RuleError(f"{one.id} is for the language {one.lang!r}; there is {', '.join(LANGUAGES)}")
        return
    if rule is None:
        raise RuleError(f"there is no rule {one.id} to raise")
    if rule.weighs:
        raise RuleError(f"{one.id} is weighed, not written, and is an emergency already")
    if rule.kind is not None and SEVERITY.index(one.kind) > SEVERITY.index(rule.kind):
        raise RuleError(f"{one.id} is shipped as {rule.kind}; a clinic can raise it, not lower it to {one.kind}")


def find(
    words: str,
    *,
    lang: str,
    confidence: float | None = None,
    earlier: Sequence[str] = (),
    asked: str = "",
    added: Sequence[Added] = (),
) -> Verdict:
    """All that the rules say of `words`, an utterance of the caller.

    `earlier` are the caller's own one or two utterances before it: a sentence that went on is judged as one, but
    what they said alone is not found again. `asked` is the id of the clarifying question that `words` may answer.
    `confidence` is the recogniser's, from 0 to 1; a low one lowers the bar. `added` are the clinic's own rules.
    """
    rules = merge(tuple(added)) if added else shipped()
    return judge(rules, words, lang=str(lang), confidence=confidence, earlier=tuple(earlier), asked=asked)


def question(ask: str, lang: str) -> str:
    """The sentence of a clarifying question, answerable with yes or no."""
    return shipped().languages[lang].questions[ask].text


def rules_version() -> str:
    """The version of the shipped rules, as a call and its verdicts keep it."""
    return shipped().version


@cache
def clarifying() -> tuple[str, ...]:
    """The ids of the clarifying questions; every language has the same."""
    return tuple(shipped().languages["en"].questions)
