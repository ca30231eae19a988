"""Verdicts kept in a file, so that a change of the rules can be shown without the rules that were before it.

`corpus/verdicts-<version>.json` holds what the last released rules said of every sentence of the shipped corpus. It is
written by `manage.py triage_report --save` when a version is released; the same works for any other labelled file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calls.dialogue.safety.measuring import Row
from calls.dialogue.types import ESCALATES_NOW, Verdict

NONE = "none"


class BadVerdicts(ValueError):
    """A file that should hold kept verdicts and does not; the text says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What some rules said of one sentence: the worst finding and its rule, and a mark of the sentence itself."""

    mark: str
    kind: str
    rule: str

    @property
    def escalates(self) -> bool:
        return self.kind in ESCALATES_NOW


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What one version of the rules said of a set of sentences, by their ids."""

    rules: str
    rows: dict[str, Kept]


@dataclass(frozen=True, slots=True)
class Moved:
    """One row that is judged otherwise than before."""

    row: Row
    before: Kept
    after: Kept


@dataclass
class Changes:
    """What became different between two versions of the rules, row by row."""

    before: str
    after: str
    caught: list[Moved] = field(default_factory=list)
    missed: list[Moved] = field(default_factory=list)
    alarming: list[Moved] = field(default_factory=list)
    quiet: list[Moved] = field(default_factory=list)
    other: list[Moved] = field(default_factory=list)
    not_compared: int = 0
    """Rows that are new or whose words were changed."""


def mark_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def kept(rows: Sequence[Row], verdicts: Iterable[Verdict], *, rules: str) -> Verdicts:
    """The verdicts of these rows, as they are written down."""
    found: dict[str, Kept] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        worst = verdict.worst
        found[row.id] = Kept(mark_of(row.text), worst.kind.value if worst else NONE, worst.rule if worst else "")
    return Verdicts(rules, found)


def write(path: Path, verdicts: Verdicts) -> None:
    """One row a line, so that a version control shows what moved."""
    lines = (f"{json.dumps(name)}: {json.dumps([one.mark, one.kind, one.rule])}" for name, one in verdicts.rows.items())
    body = ",\n".join(lines)
    path.write_text(f'{{"rules": {json.dumps(verdicts.rules)}, "rows": {{\n{body}\n}}}}\n', encoding="utf-8")


def read(path: Path) -> Verdicts:
    """The verdicts of a file. Raises `BadVerdicts` with a sentence when it holds none."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return Verdicts(str(data["rules"]), {str(name): Kept(*one) for name, one in data["rows"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadVerdicts(f"{path} holds no verdicts that were written by --save: {error}") from error


def released(folder: Path, *, but: str) -> Verdicts | None:
    """The newest released verdicts in a folder that are not those of the rules `but`; else the newest of all."""
    files = sorted(folder.glob("verdicts-*.json"), key=_number, reverse=True)
    found = [read(path) for path in files]
    return next((one for one in found if one.rules != but), found[0] if found else None)


def _number(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.stem.removeprefix("verdicts-").split(".") if part.isdecimal())


def changes(rows: Sequence[Row], *, before: Verdicts, after: Verdicts) -> Changes:
    """Every row that the two judge differently, by what that means for its label."""
    found = Changes(before.rules, after.rules)
    for row in rows:
        old, new = before.rows.get(row.id), after.rows[row.id]
        if old is None or old.mark != new.mark:
            found.not_compared += 1
        elif old.kind != new.kind:
            _list_of(found, row, old, new).append(Moved(row, old, new))
    return found


def _list_of(found: Changes, row: Row, old: Kept, new: Kept) -> list[Moved]:
    if not row.counts or old.escalates == new.escalates:
        return found.other
    if row.must_escalate:
        return found.caught if new.escalates else found.missed
    return found.alarming if new.escalates else found.quiet
