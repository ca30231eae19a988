"""Distress in how something is said rather than in what: shouting, the same words again, longer and longer turns.

Conservative on purpose: a person is offered for each of these, and an offer nobody needed is a nuisance in a call that
goes well. A recogniser writes capitals and exclamation marks only where a voice was raised, if it does at all.
"""

from __future__ import annotations

import re
from itertools import pairwise

from calls.dialogue.safety.folding import fold

SHOUTED_WORDS = 4
"""Fewer words in capitals may be initials or a name that is spelt."""

REPEATED_WORDS = 5
"""A shorter answer that is given three times is an answer, not a complaint."""

LONG_WORDS = 40
GROWS = 1.5
"""Each of three turns in a row is half as long again as the one before, and the last is this long."""

_WORD = re.compile(r"[^\W\d_]+")


def strain(words: str, *, earlier: tuple[str, ...]) -> str:
    """The sign of distress in this utterance, in two or three neutral words for staff; "" when there is none.

    `earlier` are the utterances just before it, oldest first.
    """
    said = _WORD.findall(words)
    if not said:
        return ""
    if _shouts(words, said):
        return "raised voice"
    if len(earlier) < 2:
        return ""
    before = [_WORD.findall(fold(one)) for one in earlier[-2:]]
    now = _WORD.findall(fold(words))
    if len(now) >= REPEATED_WORDS and before == [now, now]:
        return "same words three times"
    lengths = [len(before[0]), len(before[1]), len(now)]
    grows = all(later >= GROWS * sooner > 0 for sooner, later in pairwise(lengths))
    return "longer and longer" if grows and lengths[-1] >= LONG_WORDS else ""


def _shouts(words: str, said: list[str]) -> bool:
    long = [word for word in said if len(word) > 1]
    capitals = len(long) >= SHOUTED_WORDS and all(word.isupper() for word in long)
    return capitals or "!!" in words
