"""How a value of the environment is refused: one sentence, and the process ends. Pure."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import SplitResult, urlsplit


class BadEnvironment(SystemExit):
    """Ends the process with one sentence that says what to set, and how."""


def key(name: str, text: str, how: str, *, variable: str = "FIELD_KEYS") -> bytes:
    """32 bytes from base64, or a sentence that names the variable and the key."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 32:
        raise BadEnvironment(f"{variable}: key {name} is not 32 bytes in base64: {how}")
    return found


def split(url: str) -> SplitResult | None:
    """The parts of an address; None when it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # a bad one raises here
    except ValueError:
        return None
    return parts
