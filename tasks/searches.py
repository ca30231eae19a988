"""Search words are a patient's: the URL carries a handle, the words lie sealed in Redis for who typed them."""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from clinics import sealed
from tasks.search import typed_words

KEPT_SECONDS = 12 * 3600  # as long as a session at most
HANDLE = re.compile(r"[A-Za-z0-9_-]{16}")


def enough(words: str) -> bool:
    """Whether so little was typed that nothing is searched by it, or enough."""
    return bool(typed_words(words))


def keep(words: str, *, person: UUID) -> str:
    """Keep what a person typed and return its handle. Each search has one of its own, so that Back finds the older."""
    handle = secrets.token_urlsafe(12)
    sealed.put(_name(handle, person), {"words": words}, ttl=KEPT_SECONDS)
    return handle


def words_of(handle: str, *, person: UUID) -> str | None:
    """The words behind a handle; None for another's, a forgotten or an invented one, and while Redis is away."""
    if not HANDLE.fullmatch(handle):
        return None
    kept = sealed.get(_name(handle, person))
    words = kept.get("words") if isinstance(kept, dict) else None
    return words if isinstance(words, str) else None


def _name(handle: str, person: UUID) -> str:
    return f"search:{person}:{handle}"
