"""The order of the files when several workers share them: each stays whole, and those that wait take turns."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests import order


def a_file(name: str, count: int, *, slow: bool) -> list[Any]:
    marker = object() if slow else None
    return [SimpleNamespace(path=Path(name), get_closest_marker=lambda _: marker) for _ in range(count)]


def files_of(*files: list[Any]) -> list[tuple[str, int]]:
    items = [test for tests in files for test in tests]
    order.arrange(items)
    return [(str(path), len(list(tests))) for path, tests in groupby(items, key=lambda test: test.path)]


def test_files_that_wait_and_files_that_compute_take_turns_and_the_shortest_comes_last() -> None:
    computing = [
        a_file(f"tests/{name}.py", count, slow=False) for name, count in (("b", 1), ("c", 9), ("d", 5), ("e", 3))
    ]
    waiting = [a_file(f"tests/{name}.py", 2, slow=True) for name in "xy"]

    assert files_of(*computing, *waiting) == [
        ("tests/x.py", 2),
        ("tests/c.py", 9),
        ("tests/y.py", 2),
        ("tests/d.py", 5),
        ("tests/e.py", 3),
        ("tests/b.py", 1),
    ]


def test_few_long_tests_come_before_many_short_ones() -> None:
    many = a_file("tests/browser/test_states.py", 30, slow=False)
    few = a_file("tests/browser/test_sensitive.py", 2, slow=False)

    assert [count for _, count in files_of(many, few)] == [2, 30]


def test_the_files_that_are_named_exist() -> None:
    folder = Path(order.__file__).parent

    assert [name for name in order.FEW_BUT_LONG if not (folder / name).exists()] == []
