"""Counts by figure and key, of one day or of many: what is kept of a day, and what a page adds up. Pure.

A figure that is a length of time has the length as its key and how often it came as its count, so that percentiles of
any stretch of days come out as if all its lengths were sorted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor

Counts = dict[str, int]
Tally = dict[str, Counts]


def added(tallies: Iterable[Mapping[str, Mapping[str, int]]]) -> Tally:
    """All of them together."""
    total: Tally = {}
    for tally in tallies:
        for figure, counts in tally.items():
            into = total.setdefault(figure, {})
            for key, number in counts.items():
                into[key] = into.get(key, 0) + number
    return total


def together(tallies: Iterable[Mapping[str, Counts]]) -> Tally:
    """Those of one day whose figures have different names, as they are: nothing is added or copied."""
    return {figure: counts for tally in tallies for figure, counts in tally.items()}


def number(counts: Mapping[str, int]) -> int:
    """How many there are of all keys."""
    return sum(counts.values())


def total(lengths: Mapping[str, int]) -> int:
    """The sum of lengths."""
    return sum(int(length) * times for length, times in lengths.items())


def average(lengths: Mapping[str, int]) -> float | None:
    """The mean of lengths; None of nothing."""
    count = number(lengths)
    return total(lengths) / count if count else None


def percentile(lengths: Mapping[str, int], share: float) -> float | None:
    """The percentile of lengths, between two of them where it falls there, as PostgreSQL's `percentile_cont`."""
    count = number(lengths)
    if not count:
        return None
    place = share * (count - 1)
    below: int | None = None
    passed = 0
    for length in sorted(map(int, lengths)):
        passed += lengths[str(length)]
        if below is None and floor(place) < passed:
            below = length
        if below is not None and min(floor(place) + 1, count - 1) < passed:
            return below + (length - below) * (place - floor(place))
    raise ValueError("A length cannot have come less than never.")


def beginning(tally: Mapping[str, Counts], prefix: str) -> dict[str, Counts]:
    """The figures whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): counts for name, counts in tally.items() if name.startswith(prefix)}
