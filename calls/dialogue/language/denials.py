"""What is left of "Friday, not Monday", "CVS instead of Walgreens", "no es mayo sino marzo": the parts that stand."""

from __future__ import annotations

from collections.abc import Iterator

from calls.dialogue.language.repairs import attempts
from calls.dialogue.language.text import Text, read

_OPENERS = frozenset({"no", "nope", "wait", "sorry", "perdon", "espere", "espera", "disculpe", "oh", "ay"})
"""Words that open a correction; what follows them is meant."""
_DENY = frozenset({"not", "no", "isnt", "wasnt", "instead", "rather", "than", "never"})
_DENY_PHRASES = (("en", "vez", "de"), ("en", "vez", "del"), ("en", "lugar", "de"), ("en", "lugar", "del"))
_ONLY_BEFORE = {"instead": ("of",), "rather": ("than",)}
"""Words that deny only where one of these follows: "I'd rather come Friday" denies nothing."""
_DENIES = _DENY | {"sino", *_ONLY_BEFORE, *(phrase[0] for phrase in _DENY_PHRASES)}
"""Without any of these nothing is denied."""
_MEANT = frozenset({"its", "but", "pero", "make", "rather"})
"""Words after which, inside a denial, the meant part begins: "not May it's March"."""


def standing(text: Text) -> list[str]:
    """Return the parts of `text` that are not denied, in order, as said; a comma parts two of them.

    "March not May" gives ["March"], "not May, March" and "no es mayo sino marzo" end with the March that was meant.
    """
    parts: list[tuple[int, int]] = []
    for here in _meant(text):
        if parts and parts[-1][1] == here and text.clauses[here] == text.clauses[here - 1]:
            parts[-1] = (parts[-1][0], here + 1)
        else:
            parts.append((here, here + 1))
    return [text.said(start, end) for start, end in parts]


def last_attempt(text: Text, lang: str) -> Text:
    """Return what the caller ended with: "Thursday, no wait, Friday" ends with Friday."""
    return read(attempts(text, lang)[-1])


def taken_back(text: Text) -> list[str]:
    """Return the parts of `text` that are named only to be denied: the "May" of "March not May"."""
    if _DENIES.isdisjoint(text.words):
        return []
    meant = set(_meant(text))
    out: list[list[int]] = []
    for here in range(len(text)):
        if here in meant or _denial(text, here) or text.words[here] in _OPENERS | _MEANT:
            continue
        if out and out[-1][-1] == here - 1:
            out[-1].append(here)
        else:
            out.append([here])
    return [text.said(run[0], run[-1] + 1) for run in out]


def clauses(words: str) -> list[str]:
    """Return what stands between commas and before a "but"."""
    text = read(words)
    starts = [here for here in range(len(text)) if not here or text.clauses[here] != text.clauses[here - 1]]
    return [text.said(start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _meant(text: Text) -> Iterator[int]:
    """Yield the places of the tokens that are neither denied nor words of denial."""
    here, denied_clause = _opened(text), -1
    while here < len(text):
        width = _denial(text, here)
        if width:
            denied_clause = text.clauses[here]
            here += width
        elif text.words[here] in _MEANT:
            denied_clause = -1
            here += 1
        else:
            if text.clauses[here] != denied_clause:
                yield here
            here += 1


def _opened(text: Text) -> int:
    """Return where what may be meant begins: after "no", "wait" and the like, and after "no lunes sino"."""
    if "sino" in text.words:
        return len(text) - text.words[::-1].index("sino")
    here = 0
    while here < len(text) and text.words[here] in _OPENERS:
        here += 1
    return here


def _denial(text: Text, here: int) -> int:
    """Return how many tokens at `here` deny what follows; 0 when they deny nothing."""
    word, rest = text.words[here], text.words[here + 1 : here + 2]
    if word in _ONLY_BEFORE:
        return 2 if rest and rest[0] in _ONLY_BEFORE[word] else 0
    if word in _DENY:
        return 1
    return next((len(one) for one in _DENY_PHRASES if text.words[here : here + len(one)] == one), 0)
