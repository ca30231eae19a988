"""Sentences of our own, labelled, that every change of the rules is measured on."""

from __future__ import annotations

from pathlib import Path

from calls.dialogue.safety.measuring import Row, read_rows

FOLDER = Path(__file__).parent


def shipped_corpus() -> list[Row]:
    """All sentences of the corpus, both languages."""
    files = sorted(FOLDER.glob("*.jsonl"))
    return [row for path in files for row in read_rows(path.read_text(encoding="utf-8").splitlines())]
