"""Days a caller leaves open or rules out: "Tuesday or Thursday", "any day but Friday", "Monday to Friday"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from calls.dialogue.language.days import LONG_DAYS, PLURAL_DAYS, WEEKDAYS, Wish, readable

_BUT = frozenset({"but", "except", "excepting", "not", "besides", "menos", "excepto", "salvo", "no"})
_WITHIN = frozenset({"on", "the", "el", "los", "las", "for", "in", "en", "la", "por", "un", "a"})
_OR = frozenset({"or", "and", "o", "y", "u"})
_NO_GOOD = re.compile(
    r"no puedo|no me|no$|(?:dont|doesnt|wont|do not|does not|will not) work|(?:is|are|s) (?:bad|out|no good|not good)"
)
"""Words behind a day that rule it out: "Mondays don't work", "los lunes no"."""
_THROUGH = frozenset({"through", "thru", "to", "a", "till", "until"})


def ruled_out(words: tuple[str, ...], here: int) -> bool:
    """Tell whether the word at `here` stands under "but", "except" or "not", with only little words between."""
    before = here - 1
    while before >= 0 and here - before <= 3 and words[before] in _WITHIN:
        before -= 1
    return (before >= 0 and words[before] in _BUT) or bool(_NO_GOOD.match(" ".join(words[here + 1 : here + 4])))


def find_choice(wish: Wish, words: tuple[str, ...], today: date, next_day: Callable[[int], date]) -> None:
    """Set the span when several weekdays are named, or one is ruled out; `next_day` gives the coming such weekday."""
    named: list[tuple[int, int, bool]] = []
    for here, word in enumerate(words):
        number = PLURAL_DAYS.get(word, WEEKDAYS.get(word))
        if number is None:
            continue
        if ruled_out(words, here):
            wish.but.append(LONG_DAYS[number])
        elif all(number != one for _, one, _ in named):
            named.append((here, number, word in PLURAL_DAYS or words[max(0, here - 1)] == "los"))
    if len(named) >= 2 and _joined(words, named[0][0], named[1][0], _THROUGH):
        wish.span = f"{LONG_DAYS[named[0][1]]} to {LONG_DAYS[named[1][1]]}"
    elif len(named) >= 2 and _joined(words, named[0][0], named[-1][0], _OR):
        usual = any(always for _, _, always in named)
        wish.span = " or ".join(LONG_DAYS[one] if usual else readable(next_day(one)) for _, one, _ in named)
    elif wish.but and not named:
        wish.span = f"any day but {' or '.join(wish.but)}"


def _joined(words: tuple[str, ...], first: int, last: int, by: frozenset[str]) -> bool:
    return last - first <= 8 and not by.isdisjoint(words[first + 1 : last])
