"""Whoever shows what hangs on a call asks `visible_to` first: a read past it fails here until it has a reason."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOWS = re.compile(r"(views|api|listing|board|looks|looking|rows|lines|card|transcripts|deeds)\.py")
READ = re.compile(r"\b(Task|Call|Escalation|Turn|Promise|Review|Utterance|Notification)\.objects\b")
NARROWED = re.compile(r"visible_to|seen_by|seen_or_404|told_to|listed_for|open_to_all|may_leave|check_told|\.none\(\)")

# How many reads of a file are not narrowed, and why that tells nobody a word.
KNOWN: dict[str, tuple[int, str]] = {
    "analytics/listing.py": (1, "the place in the list, by a call's id and moment"),
    "analytics/rows.py": (5, "of calls that were narrowed by `listed_for`, or of which only the moment is told"),
    "calls/listing.py": (1, "the place in the list, by a call's id and moment"),
    "calls/looks.py": (2, "ids and a moment, for those who read the trail"),
    "calls/reviews/listing.py": (4, "counts of a week; what is listed of them is narrowed by `hidden`"),
    "calls/reviews/rows.py": (3, "of calls that the list has narrowed"),
    "calls/reviews/transcripts.py": (2, "of a call that its view has opened"),
    "calls/sensitive/views.py": (2, "ids and moments, for who names the people"),
    "calls/views.py": (2, "of a call that the view has opened"),
    "calls/workbench/looking.py": (1, "verdicts of calls that were narrowed"),
    "escalations/views.py": (1, "the place in the list, by an id and a moment"),
    "tasks/decisions/views.py": (1, "the task that the same request has decided"),
}


def test_every_read_that_is_shown_is_narrowed_or_has_a_reason() -> None:
    found: dict[str, int] = {}
    for path in ROOT.glob("*/**/*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(("tests/", ".")) or not SHOWS.fullmatch(path.name):
            continue
        loose = [line for line in path.read_text().splitlines() if READ.search(line) and not NARROWED.search(line)]
        if loose:
            found[name] = len(loose)

    assert found == {name: count for name, (count, _) in KNOWN.items()}
