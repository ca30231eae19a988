"""Everything installed is pinned, hashed and explained, and the oldest Python can read how it is installed."""

from __future__ import annotations

import ast
import re
import tomllib

from cliniqai.embedded.lock import direct, normal, reasons
from cliniqai.embedded.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINES = (ROOT / "requirements.txt").read_text().splitlines()
PINS = {normal(pin[1]): number for number, line in enumerate(LINES) if (pin := re.match(r"([\w.-]+)(\[.*\])?==", line))}


def test_every_package_that_we_ask_for_says_why() -> None:
    assert direct(PROJECT) == reasons(PROJECT).keys()
    for name, reason in reasons(PROJECT).items():
        assert LINES[PINS[name] - 1].endswith(f": {reason}"), f"{name}: run `make lock`"


def test_every_pin_has_hashes() -> None:
    for name, number in PINS.items():
        assert LINES[number].endswith("\\"), name
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", LINES[number + 1]), name


def test_no_index_and_no_folder_of_a_machine_is_named() -> None:
    assert not [line for line in LINES if "://" in line or line.startswith("-")]


def test_an_old_python_gets_as_far_as_the_sentence() -> None:
    source = (ROOT / "cliniqai" / "embedded" / "bootstrap.py").read_text()

    ast.parse(source, feature_version=(3, 7))
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert "cliniqai" not in {(node.module or "").partition(".")[0] for node in imports}
