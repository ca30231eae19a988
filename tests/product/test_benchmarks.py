"""Every figure of the benchmark says how it is taken, and nothing is explained that is not measured."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEASURED = sorted((ROOT / "tests" / "bench").glob("figures*.py"))
PAGE = (ROOT / "docs" / "benchmarks.md").read_text()


def beginnings() -> set[str]:
    """How the name of each figure begins, up to what is filled in."""
    calls = [node for path in MEASURED for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if getattr(call.func, "id", "") == "Row"]
    return {_literal(name) for name in names}


def _literal(name: ast.expr) -> str:
    first = name.values[0] if isinstance(name, ast.JoinedStr) else name
    assert isinstance(first, ast.Constant), f"line {name.lineno}: a figure's name begins with words of its own"
    return first.value


def explained() -> set[str]:
    table = PAGE[PAGE.index("## How each figure is taken") :]
    cells = [
        line.split("|")[1] for line in table[: table.index("\n\n", table.index("| --- |"))].splitlines() if "|" in line
    ]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_figure_is_explained() -> None:
    assert len(beginnings()) > 40
    assert [name for name in sorted(beginnings()) if not any(name.startswith(one) for one in explained())] == []


def test_nothing_is_explained_that_is_not_measured() -> None:
    assert [one for one in sorted(explained()) if not any(name.startswith(one) for name in beginnings())] == []
