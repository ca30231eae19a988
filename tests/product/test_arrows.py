"""Imports go one way, and what is pure needs no framework to be imported."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PURE = next(rule for rule in RULES if rule["type"] == "forbidden")

IMPORT_ALL = """
import importlib, pkgutil, sys
from pathlib import Path
name, *forbidden = sys.argv[1:]
module = importlib.import_module(name)
if hasattr(module, "__path__"):
    for one in pkgutil.walk_packages(module.__path__, name + "."):
        importlib.import_module(one.name)
print(*sorted(set(forbidden) & {loaded.partition(".")[0] for loaded in sys.modules}))
"""


def test_the_import_contracts_hold() -> None:
    told = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-1000:]
    assert "0 broken" in told.stdout


def test_the_contracts_name_every_pure_module_of_the_architecture() -> None:
    wanted = {
        "calls.dialogue", "calls.twiml", "tasks.policy", "escalations.policy", "notifications.kinds",
        "notifications.routing", "clinics.practice.hours", "clinics.phones", "clinics.people.roles",
    }  # fmt: skip

    assert wanted <= set(PURE["source_modules"])
    assert {"django", "rest_framework", "celery", "redis"} <= set(PURE["forbidden_modules"])


@pytest.mark.parametrize("module", PURE["source_modules"])
def test_a_pure_module_is_imported_without_django(module: str) -> None:
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    told = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, module, *PURE["forbidden_modules"]],
        cwd=ROOT, env=bare, capture_output=True, text=True,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.strip() == ""
