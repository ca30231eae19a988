"""Turns the words that a nurse writes into a form into patterns of the rule language, and says what cannot be one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.loading import NEAR
from calls.dialogue.safety.rule_file import RuleError
from calls.dialogue.safety.tokens import tokenise
from clinics.words import gettext

MOST_PARTS = 4
MOST_PHRASES = 60
MOST_WORDS = 6
ANYWHERE = 40
"""Words between two parts that may stand anywhere in what is said; a full stop still keeps them apart."""

_SPOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class How(StrEnum):
    """How the parts of a rule must be said together."""

    NEAR = "near"
    ORDER = "order"
    ANYWHERE = "anywhere"


def phrases(text: str) -> list[str]:
    """The phrases of a field: commas or lines between them, each once. Raises `RuleError` in words."""
    found = list(dict.fromkeys(" ".join(part.replace("-", " ").split()) for part in re.split(r"[,;\n]", text)))
    found = [phrase for phrase in found if phrase]
    for phrase in found:
        _check(phrase)
    if len(found) > MOST_PHRASES:
        raise RuleError(
            gettext("%(count)s phrases in one field are too many: %(most_phrases)s at most.")
            % {"count": len(found), "most_phrases": MOST_PHRASES}
        )
    return found


def _check(phrase: str) -> None:
    words = phrase.split()
    if not all(_SPOKEN.fullmatch(word) for word in words):
        raise RuleError(
            gettext("“%(phrase)s” holds a sign that nobody speaks: use letters, numbers and spaces.")
            % {"phrase": phrase}
        )
    if len(words) > MOST_WORDS:
        raise RuleError(
            gettext("“%(phrase)s” is too long to be said alike by two callers: %(most_words)s words at most.")
            % {"phrase": phrase, "most_words": MOST_WORDS}
        )
    spelling = shipped().languages["en"].spelling  # one for both languages
    if not tokenise(phrase, spelling).texts:
        raise RuleError(
            gettext("“%(phrase)s” is skipped wherever it is said: it is too small a word to listen for.")
            % {"phrase": phrase}
        )


def when(parts: Sequence[Sequence[str]], how: str) -> tuple[str, ...]:
    """The pattern of a rule: of each part one phrase must be said, together as `how` says."""
    if not parts or not all(parts):
        raise RuleError(gettext("Write at least one word or phrase that callers say."))
    if len(parts) > MOST_PARTS:
        raise RuleError(gettext("%(most_parts)s parts at most.") % {"most_parts": MOST_PARTS})
    between = " .. " if how == How.ORDER else " & "
    return (between.join(_item(part) for part in parts),)


def near(how: str) -> int:
    """How many words may stand between the parts."""
    return ANYWHERE if how == How.ANYWHERE else NEAR


def unless(exceptions: Sequence[str]) -> str:
    """The exceptions as the rule language has them."""
    return ", ".join(_item([phrase]) for phrase in exceptions)


def _item(part: Sequence[str]) -> str:
    joined = [phrase.replace(" ", "_") for phrase in part]
    return "/".join(joined * 2 if joined == ["only"] else joined)  # alone, "only" would be a word of the rule language
