"""Danger in a caller's words, found by rules before any model, template or menu."""

from calls.dialogue.safety.find import (
    CLARIFYING,
    RULES_VERSION,
    AddedRule,
    RaisedRule,
    find,
    merge,
    question,
)

__all__ = ["CLARIFYING", "RULES_VERSION", "AddedRule", "RaisedRule", "find", "merge", "question"]
