"""`make lock`: resolves pyproject.toml into requirements.txt, pinned and hashed, each direct pin under its reason."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from cliniqai.embedded.places import ROOT

HEADER = """\
# Every package that runs, tests or checks CliniqAI, pinned with hashes. Written by `make lock` from pyproject.toml.
# A package that we ask for stands under its reason; `via` names who asks for the others.

"""
PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?==")


def normal(name: str) -> str:
    """A package's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(project: Mapping[str, object]) -> set[str]:
    """The names that pyproject.toml asks for itself."""
    asked: list[str] = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]  # type: ignore[index]
    return {normal(re.split(r"[\[<>=! ;]", wanted, maxsplit=1)[0]) for wanted in asked}


def reasons(project: Mapping[str, object]) -> dict[str, str]:
    """Why each direct package is here."""
    table: dict[str, str] = project["tool"]["cliniqai"]["reasons"]  # type: ignore[index]
    return {normal(name): reason for name, reason in table.items()}


def with_reasons(resolved: Iterable[str], why: Mapping[str, str]) -> Iterable[str]:
    """The resolver's lines with each direct package's reason above it."""
    for line in resolved:
        pin = PIN.match(line)
        if pin and normal(pin[1]) in why:
            yield f"# {pin[1]}: {why[normal(pin[1])]}"
        yield line


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if nameless := direct(project) ^ reasons(project).keys():
        sys.exit(f"[tool.cliniqai.reasons] and the dependencies differ in {', '.join(sorted(nameless))}.")
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "compile", "pyproject.toml", "--group", "test", "--universal", "--python-version", "3.11"]
    options = ["--generate-hashes", "--no-header", "--quiet", *sys.argv[1:]]
    resolved = subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines = with_reasons(resolved.splitlines(), reasons(project))
    (ROOT / "requirements.txt").write_text(HEADER + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
