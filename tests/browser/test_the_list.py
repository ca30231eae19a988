"""Every point of the design's list of browser tests stands in docs/portal-tests.md once, with tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINTS = {"A": 9, "B": 22, "C": 19, "D": 7, "E": 8, "F": 5, "G": 6, "H": 6, "I": 5, "S": 5}
"""How many points each section has; S are the states that every page shares."""

ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+)::(test_\w+)`")
PAGE = (ROOT / "docs/portal-tests.md").read_text()
ROWS = {point: proof for point, _, proof in ROW.findall(PAGE)}


def test_all_of_them_are_there_once() -> None:
    points = [point for point, _, _ in ROW.findall(PAGE)]

    assert points == [f"{letter}{number}" for letter, most in POINTS.items() for number in range(1, most + 1)]


@pytest.mark.parametrize("point", ROWS)
def test_each_is_held_by_tests_that_exist(point: str) -> None:
    tests = NAMED.findall(ROWS[point])
    assert tests

    for file, name in tests:
        source = (ROOT / "tests" / f"{file}.py").read_text()
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{file} has no {name}"
