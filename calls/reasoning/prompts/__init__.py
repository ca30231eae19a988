"""The prompts, each a file with its version in its name, and beside it the shape that its answer must have.

A changed prompt is a new file: turns keep the name of the one they were understood with. Measure it before it is used:
`manage.py triage_report --understanding model`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
IN_USE = "understand-1"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told, the JSON schema of its answer, and the name that says which version this is."""

    name: str
    text: str
    schema: Mapping[str, Any]


@lru_cache(maxsize=8)
def load(name: str = IN_USE) -> Prompt:
    """Return the prompt of a version; raise `FileNotFoundError` when there is none."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return Prompt(name, text, json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
