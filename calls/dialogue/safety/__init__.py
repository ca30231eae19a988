"""Danger in a caller's words, found by rules before any model, template or menu."""

from calls.dialogue.safety.find import (
    CLARIFYING,
    RULES_VERSION,
    Added,
    AddedRule,
    RaisedRule,
    find,
    merge,
    question,
)
from calls.dialogue.safety.loading import RuleError

__all__ = [
    "CLARIFYING",
    "RULES_VERSION",
    "Added",
    "AddedRule",
    "RaisedRule",
    "RuleError",
    "find",
    "merge",
    "question",
]
