"""The door to the safety rules: what is found in a caller's words, before anything else looks at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from calls.dialogue.safety.engine import RuleSet, judge
from calls.dialogue.safety.loading import (
    LANGUAGES,
    Compiler,
    RuleError,
    content_hash,
    read_file,
    spelling_of,
    with_anchors,
)
from calls.dialogue.safety.rules import Rule
from calls.dialogue.types import SEVERITY, FindingKind, Verdict


@dataclass(frozen=True, slots=True)
class AddedRule:
    """A clinic's own rule, written with the shipped concepts: `when=("<chest> & tingle",)`."""

    id: str
    lang: str
    kind: FindingKind
    reason: str
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RaisedRule:
    """A shipped rule that this clinic takes more seriously than shipped."""

    id: str
    kind: FindingKind


Added = AddedRule | RaisedRule


@cache
def shipped() -> RuleSet:
    """The rules that every clinic has and none can remove."""
    files = {lang: read_file(lang) for lang in LANGUAGES}
    spelling = spelling_of([file for file, _ in files.values()])
    version = f"{files['en'][0]['version']}+{content_hash(data for _, data in files.values())}"
    compiled = {lang: Compiler(file, spelling).compile(version, spelling) for lang, (file, _) in files.items()}
    return RuleSet(version, compiled)


@lru_cache(maxsize=256)
def merge(added: tuple[Added, ...]) -> RuleSet:
    """The shipped rules with a clinic's additions on top. Lowering or replacing a shipped rule is refused."""
    known = {rule.id: rule for language in shipped().languages.values() for rule in language.rules}
    for one in added:
        _check(one, known)
    files = {lang: read_file(lang)[0] for lang in LANGUAGES}
    spelling = spelling_of(files.values())
    version = f"{shipped().version}.{content_hash([repr(added).encode()])}"
    raised = {one.id: one.kind for one in added if isinstance(one, RaisedRule)}
    languages = {}
    for lang, file in files.items():
        own = [_as_written(one) for one in added if isinstance(one, AddedRule) and one.lang == lang]
        compiled = Compiler({**file, "rules": [*file["rules"], *own]}, spelling).compile(version, spelling)
        rules = tuple(replace(rule, kind=raised.get(rule.id, rule.kind)) for rule in compiled.rules)
        languages[lang] = with_anchors(replace(compiled, rules=rules))
    return RuleSet(version, languages)


def _as_written(rule: AddedRule) -> Mapping[str, object]:
    return {"id": rule.id, "kind": rule.kind.value, "reason": rule.reason, "when": list(rule.when)}


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


RULES_VERSION: str = shipped().version
CLARIFYING: tuple[str, ...] = tuple(shipped().languages["en"].questions)
