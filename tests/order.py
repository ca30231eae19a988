"""In which order the files of tests are handed to two workers or more, so that no core waits for them or for the last.

A file that starts real processes mostly waits: beside one that computes both cores are busy, and two of them at once
leave one idle. So they take turns, from the beginning, while the storm is about (.ci/steps). What is left comes by its
number of tests, so that the last files are short ones. To be run with --dist loadfile --no-loadscope-reorder.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, zip_longest
from pathlib import Path

import pytest

FEW_BUT_LONG = {
    *("browser/test_workbench.py", "browser/test_alarm.py", "browser/test_reviews.py", "browser/test_sensitive.py"),
    *("safety/test_corpus.py", "safety/test_comparing.py", "safety/test_added.py", "safety/test_long_speech.py"),
    *("sealing/test_migrating.py", "snapshots/test_earlier.py", "language/test_scorer.py"),
}
"""Files of few tests that take minutes all the same: those begin, for no core may wait for the last of them."""


def arrange(items: list[pytest.Item]) -> None:
    """Put whole files into their order, and leave the tests of each in theirs."""
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in items:
        files[item.path].append(item)
    waiting = [tests for tests in files.values() if any(test.get_closest_marker("slow") for test in tests)]
    computing = sorted((tests for tests in files.values() if tests not in waiting), key=_place)
    items[:] = [test for tests in chain(*zip_longest(waiting, computing, fillvalue=[])) for test in tests]


def _place(tests: list[pytest.Item]) -> tuple[bool, int]:
    path = tests[0].path
    return f"{path.parent.name}/{path.name}" not in FEW_BUT_LONG, -len(tests)
