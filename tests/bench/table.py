"""The table of the benchmark: a row for each figure, printed beside what it was in the run before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Row:
    """One figure; `goal` is a sentence and `met` its verdict, None where no goal is set.

    How each is taken stands in docs/benchmarks.md, under the beginning of its name.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: str = ""
    met: bool | None = None


def last_run(target: Path) -> dict[str, float]:
    """The figures of the run before, by name."""
    return {row["name"]: row["value"] for row in json.loads(target.read_text())} if target.exists() else {}


def print_table(rows: Sequence[Row], last: Mapping[str, float]) -> None:
    """Each figure with its baseline, how many times that it is, what it was last, and what became of its goal."""
    print(f"\n{'figure':<56}{'value':>10}  {'unit':<9}{'baseline':>9}{'ratio':>7}{'last':>10}  goal")
    for row in rows:
        baseline = f"{row.baseline:9.2f}" if row.baseline is not None else f"{'':>9}"
        ratio = f"{row.value / row.baseline:7.2f}" if row.baseline else f"{'':>7}"
        before = f"{last[row.name]:10.2f}" if row.name in last else f"{'':>10}"
        verdict = "" if row.met is None else f"{row.goal}: {'met' if row.met else 'MISSED'}"
        print(f"{row.name:<56}{row.value:>10.2f}  {row.unit:<9}{baseline}{ratio}{before}  {verdict}")


def keep(rows: Sequence[Row], target: Path) -> None:
    target.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
