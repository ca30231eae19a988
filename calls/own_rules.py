"""The clinic's own safety rules as the judging of a call takes them, from its policy.

What no longer fits the shipped rules (an update took away a rule that was raised) is left out and logged: a fault in
what a clinic added must never cost it the rules that everybody has.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from calls.dialogue.safety import Added, AddedRule, RaisedRule, RuleError, merge, rules_version
from calls.dialogue.types import FindingKind
from clinics.practice.own_rules import RuleInForce, Sort

logger = logging.getLogger(__name__)


@lru_cache(maxsize=512)
def added_by(rules: tuple[RuleInForce, ...]) -> tuple[Added, ...]:
    """Those of a policy's own rules that compile on top of the shipped ones."""
    usable: list[Added] = []
    for rule in rules:
        one = read(rule)
        if one is None or complaint((*usable, one)):
            logger.error("own safety rule not usable: a %s %s rule is left out", rule.kind, rule.sort)
        else:
            usable.append(one)
    return tuple(usable)


def read(rule: RuleInForce) -> Added | None:
    """The rule as the rule language has it; None when its level is none."""
    if rule.kind not in set(FindingKind):
        return None
    kind = FindingKind(rule.kind)
    if rule.sort == Sort.RAISED:
        return RaisedRule(rule.id, kind)
    return AddedRule(
        id=rule.id,
        lang=rule.lang,
        kind=kind,
        reason=rule.reason,
        when=rule.when,
        near=rule.near,
        unless=rule.unless,
        source=rule.source,
    )


def complaint(added: tuple[Added, ...]) -> str:
    """Why these rules cannot be put on top of the shipped ones, or nothing."""
    try:
        merge(added)
    except RuleError as error:
        return str(error)
    return ""


def version_of(added: tuple[Added, ...]) -> str:
    """The version that findings carry: the shipped one, and behind it that of the clinic's own."""
    return merge(added).version if added else rules_version()


def is_own(rule: str, added: tuple[Added, ...]) -> bool:
    """Whether a finding's rule was added, or set to its level, by the clinic."""
    return any(one.id == rule for one in added)
