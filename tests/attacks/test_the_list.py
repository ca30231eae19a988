"""Every attack of the list has a test that exists, or a decision that says why it does not apply."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = 68
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+)::(test_\w+)`")
DECIDED = re.compile(r"ADR (\d{4})")
ROWS = {int(number): proof for number, _, proof in ROW.findall((ROOT / "docs/attacks.md").read_text())}


def test_all_of_them_are_there_once() -> None:
    numbers = [int(number) for number, _, _ in ROW.findall((ROOT / "docs/attacks.md").read_text())]

    assert numbers == list(range(1, ATTACKS + 1))


@pytest.mark.parametrize("number", sorted(ROWS))
def test_each_is_proven_or_decided(number: int) -> None:
    tests, decisions = NAMED.findall(ROWS[number]), DECIDED.findall(ROWS[number])
    assert tests or decisions

    for file, name in tests:
        source = (ROOT / "tests" / f"{file}.py").read_text()
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{file} has no {name}"
    for decision in decisions:
        (page,) = ROOT.glob(f"docs/adr/{decision}-*.md")
        assert re.search(rf"\b{number}\b", page.read_text()), f"{page.name} does not speak of {number}"
