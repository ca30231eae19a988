"""Reads a language's rule file: YAML that a nurse can read, every list words and phrases with commas between them.

Everything is read as text: no dates, no booleans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "es")


class RuleError(ValueError):
    """A rule file or a clinic's own rule says something that cannot be compiled."""


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Builds no objects, and refuses a key that stands twice: YAML goes by the last, and the first would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        mapping: dict[str, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next(key for key in keys if keys.count(key) > 1)
            place = mapping.get("id", f"what begins in line {node.start_mark.line + 1}")
            raise RuleError(f"“{twice}” stands twice in {place}")
        return mapping


@cache
def read_file(lang: str) -> tuple[Mapping[str, Any], bytes]:
    """The parsed rule file of a language, and its bytes for the version's hash. Raises `RuleError`."""
    data = (Path(__file__).parent / f"{lang}.yaml").read_bytes()
    return parsed(data), data


def parsed(data: bytes) -> Mapping[str, Any]:
    """What a rule file says, all of it text. Raises `RuleError` where a key stands twice."""
    return yaml.load(data, Loader=_Loader)  # type: ignore[no-any-return]  # noqa: S506


def content_hash(files: Iterable[bytes]) -> str:
    """A short hash that changes with any rule, whatever its version says."""
    digest = hashlib.sha256()
    for data in files:
        digest.update(data)
    return digest.hexdigest()[:12]
