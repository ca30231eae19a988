"""Counts by figure and key, of one day or of many: what is kept of a day, and what a page adds up. Pure.

A figure that is a length of time has the length as its key and how often it came as its count, so that percentiles of
any stretch of days come out as if all its lengths were sorted anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import floor
from operator import mul

Counts = dict[str, int]
Tally = dict[str, Counts]


def added(days: Iterable[Mapping[str, int]]) -> Counts:
    """One figure of many days together."""
    total: Counts = {}
    known = total.get
    for counts in days:
        for key, number in counts.items():
            total[key] = known(key, 0) + number
    return total


def together(tallies: Iterable[Mapping[str, Counts]]) -> Tally:
    """Those of one day whose figures have different names, as they are: nothing is added or copied."""
    return {figure: counts for tally in tallies for figure, counts in tally.items()}


def number(counts: Mapping[str, int]) -> int:
    """How many there are of all keys."""
    return sum(counts.values())


def total(lengths: Mapping[str, int]) -> int:
    """The sum of lengths."""
    return sum(map(mul, map(int, lengths), lengths.values()))


def average(lengths: Mapping[str, int]) -> float | None:
    """The mean of lengths; None of nothing."""
    count = number(lengths)
    return total(lengths) / count if count else None


def percentile(lengths: Mapping[str, int], share: float) -> float | None:
    """The percentile of lengths, between two of them where it falls there, as PostgreSQL's `percentile_cont`."""
    return percentiles(lengths, share)[0]


def percentiles(lengths: Mapping[str, int], *shares: float) -> list[float | None]:
    """Several at once, in the order of the shares."""
    count = number(lengths)
    if not count:
        return [None] * len(shares)
    ordered = sorted(lengths, key=int)
    upto = list(accumulate(map(lengths.__getitem__, ordered)))
    return [_between(ordered, upto, share * (count - 1)) for share in shares]


def _between(ordered: Sequence[str], upto: Sequence[int], place: float) -> float:
    """The length at a place between two of all lengths; `upto` counts those up to each."""
    below = int(ordered[bisect_right(upto, floor(place))])
    above = int(ordered[bisect_right(upto, min(floor(place) + 1, upto[-1] - 1))])
    return below + (above - below) * (place - floor(place))
