"""Where spoken sentences are kept: in this process, in Redis, and the fixed ones in the store for good.

A fixed sentence is kept by the hash of its content, once for all clinics that say it in that voice. One with a
caller's words is never written to the store: it is sealed in Redis for ten minutes and then gone.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from calls.speech.addresses import PASSING, PASSING_SECONDS, is_passing
from clinics import sealed
from clinics.leaving import together
from clinics.providers import breakers
from clinics.remembered import Remembered

logger = logging.getLogger(__name__)

STORE = "store"
"""The store's name among the breakers."""

STORE_SECONDS = 0.3
"""How long a caller waits for the store."""

BRIDGE_SECONDS = 3600
"""How long Redis holds a fixed sentence for the other processes, should the store go away meanwhile."""

_fixed: Remembered[str, bytes] = Remembered(seconds=6 * 3600, limit=600)
_passing: Remembered[str, bytes] = Remembered(seconds=PASSING_SECONDS, limit=200)


def fixed_clip(*parts: str) -> str:
    """The name of a fixed sentence: the hash of provider, model, voice, language and words."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


def passing_clip() -> str:
    """A name for a sentence with a caller's words; it says nothing about them."""
    return PASSING + secrets.token_hex(19)


def at_hand(clips: Sequence[str]) -> set[str]:
    """Which of these fixed sentences can be played now; the store is asked for all that this process has not got."""
    missing = [clip for clip in clips if clip not in _fixed]
    found = _from_store(missing) if missing else {}
    for clip, audio in found.items():
        lend(clip, audio)
    return {clip for clip in clips if clip in found or clip in _fixed}


def remember(clip: str, audio: bytes) -> None:
    """Have a sentence at hand in this process."""
    (_passing if is_passing(clip) else _fixed).put(clip, audio)


def lend(clip: str, audio: bytes, *, seconds: int = BRIDGE_SECONDS) -> None:
    """Have it at hand in every process of this clinic, before the network asks any of them for it."""
    remember(clip, audio)
    sealed.put(_name(clip), _as_json(audio), ttl=PASSING_SECONDS if is_passing(clip) else seconds)


def store(clip: str, audio: bytes) -> None:
    """Keep a fixed sentence for good. Raises what the store raises."""
    assert not is_passing(clip), "a caller's words are not kept"
    if not default_storage.exists(_path(clip)):
        default_storage.save(_path(clip), ContentFile(audio))


def is_stored(clip: str) -> bool:
    """Whether the store has it. Raises what the store raises."""
    return default_storage.exists(_path(clip))


def read(clip: str) -> bytes | None:
    """The bytes of a clip of this clinic; None when they are gone."""
    if is_passing(clip):
        return _passing.find(clip) or _lent(clip)
    audio = _fixed.find(clip) or _lent(clip) or _from_store([clip]).get(clip)
    if audio is not None:
        _fixed.put(clip, audio)
    return audio


def _lent(clip: str) -> bytes | None:
    kept = sealed.get(_name(clip))
    with suppress(KeyError, TypeError, ValueError):
        return base64.b64decode(kept["mp3"])  # type: ignore[index,call-overload]
    return None


def _from_store(clips: Sequence[str]) -> dict[str, bytes]:
    """Those of these clips that the store has. What it fails at is said by the network's voice, whatever it raises."""
    if not breakers.may_ask(STORE):
        return {}
    read = together(STORE_SECONDS, [partial(_read_file, _path(clip)) for clip in clips])
    faults = [one for one in read if isinstance(one, BaseException) and not isinstance(one, FileNotFoundError)]
    for name in sorted({type(fault).__name__ for fault in faults}):
        logger.warning("the store of spoken sentences failed: %s", name)
    breakers.tell(STORE, answered=not faults)
    return {clip: one for clip, one in zip(clips, read, strict=True) if isinstance(one, bytes)}


def _read_file(path: str) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


def _as_json(audio: bytes) -> dict[str, str]:
    return {"mp3": base64.b64encode(audio).decode()}


def _name(clip: str) -> str:
    return f"clip:{clip}"


def _path(clip: str) -> str:
    return f"speech/{clip[:2]}/{clip}.mp3"
