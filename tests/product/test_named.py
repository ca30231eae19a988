"""What the documents name is there: tests, files, commands and pages. A promise without its test is caught here."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "adr")
TESTS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FILES = re.compile(r"`((?:docs|cliniqai|clinics|calls|tasks|escalations|notifications|analytics)/[\w./-]+\.\w+)`")
COMMANDS = re.compile(r"manage\.py (\w+)")
TABLES = ("docs/security/hipaa.md", "docs/security/asvs.md")


@cache
def source(path: str) -> str:
    return (ROOT / path).read_text() if (ROOT / path).exists() else ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_a_document_names_is_there(path: Path) -> None:
    text = path.read_text()

    assert [found for found in TESTS.findall(text) if not _is_there(*found)] == []
    assert [name for name in FILES.findall(text) if not (ROOT / name).exists()] == []
    assert [name for name in COMMANDS.findall(text) if name not in get_commands()] == []


def _is_there(path: str, name: str) -> bool:
    return bool(re.search(rf"^def {name}\b" if name else ".", source(path), re.MULTILINE))


@pytest.mark.parametrize("path", TABLES)
def test_every_line_of_a_table_of_rules_names_where_it_is_shown(path: str) -> None:
    rows = [line for line in source(path).splitlines() if line.startswith("| ") and not line.startswith("| ---")]

    assert len(rows) > 10
    assert [row for row in rows[1:] if not (TESTS.search(row) or FILES.search(row))] == []
