"""Danger in a caller's words, found by rules before any model, template or menu."""

from calls.dialogue.safety.find import (
    Added,
    AddedRule,
    RaisedRule,
    clarifying,
    find,
    merge,
    question,
    rules_version,
)
from calls.dialogue.safety.rule_file import RuleError

__all__ = [
    "Added",
    "AddedRule",
    "RaisedRule",
    "RuleError",
    "clarifying",
    "find",
    "merge",
    "question",
    "rules_version",
]
