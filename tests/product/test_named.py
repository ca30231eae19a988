"""What the documents name is there: tests, files, commands and pages. A promise without its test is caught here."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from shlex import split

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from tests.product.walk import CLINIC, PUBLIC, routes

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "adr")
TESTS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FILES = re.compile(r"`((?:docs|cliniqai|clinics|calls|tasks|escalations|notifications|analytics)/[\w./-]+\.\w+)`")
PLACES = re.compile(
    r"`((?:tests|cliniqai|clinics|calls|tasks|escalations|notifications|analytics)/[\w/.-]+\.py): (\w+)`"
)
FOLDERS = re.compile(
    r"`((?:tests|docs|cliniqai|clinics|calls|tasks|escalations|notifications|analytics|templates)/[\w/-]*/?)`"
)
DOTTED = re.compile(r"`((?:cliniqai|clinics|calls|tasks|escalations|notifications|analytics)(?:\.(?![A-Z]\d)\w+)+)`")
LINKS = re.compile(r"\]\(([\w./-]+\.md)\)")
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
    assert [place for place in PLACES.findall(text) if not _holds(*place)] == []
    assert [name for name in FOLDERS.findall(text) if not (ROOT / name).exists()] == []
    assert [name for name in DOTTED.findall(text) if not _is_a_name(name)] == []
    assert [link for link in LINKS.findall(text) if not (path.parent / link).exists()] == []
    assert [name for name in COMMANDS.findall(text) if name not in get_commands()] == []


def _is_there(path: str, name: str) -> bool:
    return bool(re.search(rf"^def {name}\b" if name else ".", source(path), re.MULTILINE))


LINE = re.compile(r"`manage\.py (\w+) ([^`]+)`")
WALKED = ("docs/adding.md", "docs/runbooks/operating.md")
ADDRESS = re.compile(r"`(/[\w/<>-]+/)`")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_line_of_a_document_can_be_typed(path: Path) -> None:
    wrong = []
    for name, told in LINE.findall(path.read_text()):
        command = load_command_class(get_commands()[name], name)
        command._called_from_command_line = False
        try:
            command.create_parser("manage.py", name).parse_args(split(told))
        except CommandError as refused:
            wrong.append(f"{name} {told}: {refused}")

    assert wrong == []


@pytest.mark.parametrize("path", WALKED)
def test_every_address_that_one_is_sent_to_is_there(path: str) -> None:
    there = {re.sub("<.*?>", "<>", route.template) for conf in (CLINIC, PUBLIC) for route in routes(conf)}

    told = ADDRESS.findall(source(path))

    assert told
    assert [one for one in told if re.sub("<.*?>", "<>", one) not in there] == []


def _holds(path: str, name: str) -> bool:
    """Whether a module defines a name, a dictionary's among them."""
    return bool(re.search(rf"^(?:def |class )?{name}\b", source(path), re.MULTILINE))


def _is_a_name(dotted: str) -> bool:
    """Whether it can be imported, or is an attribute of what can."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        if (ROOT / Path(*parts[:cut])).is_dir() or (ROOT / Path(*parts[:cut])).with_suffix(".py").exists():
            found: object = import_module(".".join(parts[:cut]))
            for name in parts[cut:]:
                if not hasattr(found, name) and name not in getattr(found, "__annotations__", {}):
                    return False
                found = getattr(found, name, None)
            return True
    return False


@pytest.mark.parametrize("path", TABLES)
def test_every_line_of_a_table_of_rules_names_where_it_is_shown(path: str) -> None:
    rows = [line for line in source(path).splitlines() if line.startswith("| ") and not line.startswith("| ---")]

    assert len(rows) > 10
    assert [row for row in rows[1:] if not (TESTS.search(row) or FILES.search(row))] == []
