"""A clinic's own rule between its three shapes: what a nurse wrote, what a policy carries, what the engine compiles.

What cannot be a rule is refused here in words, whoever asks: the form, the deed or a request without a browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from calls.dialogue.safety import Added, RuleError, find, writing
from calls.dialogue.safety.find import shipped
from calls.dialogue.types import ESCALATES_NOW, SEVERITY, FindingKind
from calls.own_rules import complaint, read
from clinics.practice.own_rules import OwnRule, RuleInForce, Sort

OWN_KINDS = (
    FindingKind.EMERGENCY,
    FindingKind.CRISIS,
    FindingKind.URGENT,
    FindingKind.DISTRESS,
    FindingKind.HUMAN_REQUEST,
)
RAISED_KINDS = (FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT)
LEVELS = {
    FindingKind.EMERGENCY: gettext_lazy("Emergency: an alarm at once, the caller is told the emergency number"),
    FindingKind.CRISIS: gettext_lazy("Crisis: an alarm at once, the caller is told the crisis line"),
    FindingKind.URGENT: gettext_lazy("Urgent: a nurse calls back today"),
    FindingKind.DISTRESS: gettext_lazy("Distress: the caller is offered a person"),
    FindingKind.HUMAN_REQUEST: gettext_lazy("Asks for a person: put through"),
    FindingKind.MEDICAL_ADVICE: gettext_lazy("Asks for medical advice: a clinician calls back"),
    FindingKind.TEST_RESULT: gettext_lazy("Asks for a test result"),
    FindingKind.MEDICATION: gettext_lazy("Asks about a medicine"),
}


class Refused(Exception):
    """A rule that cannot be, or a deed that is not allowed; the text is the sentence a person reads."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person filled in, tamed."""

    sort: str
    kind: str
    title: str
    source: str
    rule: str = ""
    """The shipped rule that is raised; empty for an added one, which gets its name from the title."""
    language: str = ""
    reason: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    how: str = writing.How.NEAR
    unless: tuple[str, ...] = ()
    fires: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()


def carried(rule: OwnRule | Draft) -> RuleInForce:
    """The rule as a policy version carries it. Raises `Refused`."""
    if rule.sort == Sort.RAISED:
        return RuleInForce(sort=Sort.RAISED.value, id=rule.rule, kind=rule.kind)
    try:
        when, unless = writing.when(rule.parts, rule.how), writing.unless(rule.unless)
    except RuleError as error:
        raise Refused(str(error)) from error
    return RuleInForce(
        sort=Sort.ADDED.value,
        id=rule.rule or f"{rule.language}.clinic.draft",
        kind=rule.kind,
        lang=rule.language,
        reason=rule.reason,
        when=when,
        near=writing.near(rule.how),
        unless=unless,
        source=rule.source,
    )


def compiled(rule: OwnRule | Draft) -> Added:
    """The rule as the engine takes it. Raises `Refused`: what it may not be, and what does not compile."""
    if rule.sort == Sort.RAISED:
        _check_raised(rule.rule, rule.kind)
    elif rule.kind not in OWN_KINDS:
        raise Refused(gettext("An own rule cannot have this level."))
    added = read(carried(rule))
    if added is None:
        raise Refused(gettext("There is no such level."))
    if told := complaint((added,)):
        raise Refused(told)
    return added


def _check_raised(rule: str, kind: str) -> None:
    """The shipped rules are a floor: a level goes up or it stays."""
    now = shipped_kind(rule)
    if now is None:
        raise Refused(gettext("There is no shipped rule of this name."))
    if kind not in higher_than(now):
        raise Refused(
            gettext("This rule is shipped as %(level)s. A clinic can raise it, never keep it there or lower it.")
            % {"level": now.value}
        )


def shipped_kind(rule: str) -> FindingKind | None:
    """The level of a shipped rule; None when there is no such rule or it only asks."""
    return next(
        (one.kind for language in shipped().languages.values() for one in language.rules if one.id == rule), None
    )


def higher_than(kind: FindingKind) -> tuple[FindingKind, ...]:
    """The levels that a shipped rule can be raised to. An alarm is an alarm: a crisis keeps its own line."""
    if kind in ESCALATES_NOW:
        return ()
    return tuple(one for one in RAISED_KINDS if SEVERITY.index(one) < SEVERITY.index(kind))


def lower_than(rule: OwnRule) -> tuple[FindingKind, ...]:
    """The levels that an own rule can be lowered to; a raised one stays above what is shipped."""
    below = tuple(one for one in OWN_KINDS if SEVERITY.index(one) > SEVERITY.index(FindingKind(rule.kind)))
    if rule.sort == Sort.ADDED:
        return below
    floor = shipped_kind(rule.rule)
    return tuple(one for one in below if floor is not None and one in higher_than(floor))


def failing(rule: OwnRule | Draft, added: Added) -> list[str]:
    """The examples that do not do what they were written for, each in a sentence."""
    told = []
    for text in rule.fires:
        if not _finds(text, rule, added):
            told.append(gettext("“%(text)s” should be caught and is not.") % {"text": text})
    for text in rule.quiet:
        if _finds(text, rule, added):
            told.append(gettext("“%(text)s” should stay quiet and is caught.") % {"text": text})
    return told


def _finds(text: str, rule: OwnRule | Draft, added: Added) -> bool:
    lang = rule.language or rule.rule.partition(".")[0]
    return any(found.rule == added.id for found in find(text, lang=lang, added=[added]).findings)


def all_compiled(rules: Iterable[OwnRule]) -> tuple[Added, ...]:
    return tuple(compiled(one) for one in rules)


def as_policy(rules: Sequence[OwnRule]) -> list[RuleInForce]:
    """What a policy version carries for these rules; each is checked again."""
    for one in rules:
        try:
            compiled(one)
        except Refused as refused:
            raise Refused(
                gettext("“%(title)s” cannot be in force any more: %(refused)s")
                % {"title": one.title, "refused": refused}
            ) from refused
    return [carried(one) for one in sorted(rules, key=lambda one: one.rule)]
