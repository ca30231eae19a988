"""Encrypted values: in Redis with a time to live, and single secrets in the database.

What comes back from Redis is never trusted: a value that is missing, stale, swapped with another's or altered is a
miss, and so is every failure of Redis. Whoever asks must be able to rebuild the value.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from clinics.afterwards import afterwards
from clinics.sealing.cipher import Ring, ring_of

logger = logging.getLogger(__name__)

Value = dict | list

_SOCKET_SECONDS = 0.3
_BREAK_SECONDS = 5.0


# --- Values in Redis -----------------------------------------------------------------------------------------------
def put(name: str, value: Value, *, ttl: int) -> None:
    """Keep a value for `ttl` seconds, if Redis is there. `name` is made of ids only."""
    _put(_key(name), value, ttl)


def put_afterwards(name: str, make: Callable[[], Value], *, ttl: int) -> None:
    """The same once this request has been answered; the value is made then, from what does not change meanwhile."""
    key = _key(name)
    afterwards(lambda: _put(key, make(), ttl))


def keeper(name: str, *, ttl: int) -> Callable[[Value], None]:
    """The same for a value that is made later, in a thread that has no clinic: call what this returns with it."""
    key = _key(name)
    return lambda value: _put(key, value, ttl)


def _put(key: str, value: Value, ttl: int) -> None:
    if ttl <= 0:
        raise ValueError("A value without an end stays for ever: give a ttl.")
    sealed = seal(json.dumps(value, separators=(",", ":")).encode(), about=key)
    _ask("put", lambda redis: redis.set(key, sealed, ex=ttl))


def get(name: str) -> Value | None:
    """The value of a name; None when it is gone, unreadable or Redis is away."""
    key = _key(name)
    sealed = _ask("get", lambda redis: redis.get(key))
    if sealed is None:
        return None
    try:
        value = json.loads(unseal(sealed, about=key))
    except ValueError:
        logger.warning("sealed: a value could not be opened and counts as missing")
        return None
    return value if isinstance(value, dict | list) else None


def drop(name: str) -> None:
    """Forget a name, if Redis is there."""
    key = _key(name)
    _ask("drop", lambda redis: redis.delete(key))


def _key(name: str) -> str:
    return f"sealed:{connection.schema_name}:{name}"


# --- Redis, never waited for -----------------------------------------------------------------------------------------
class Breaker:
    """After a failure nothing is asked for a few seconds: a dead Redis must not cost every turn a timeout."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    @property
    def open(self) -> bool:
        return time.monotonic() < self.closed_until

    def trip(self) -> None:
        self.closed_until = time.monotonic() + _BREAK_SECONDS

    def reset(self) -> None:
        self.closed_until = 0.0


breaker = Breaker()


def _ask(what: str, command: Callable[[Redis], Any]) -> Any:
    if breaker.open:
        return None
    try:
        return command(_redis())
    except (RedisError, OSError) as failure:
        breaker.trip()
        logger.warning(
            "sealed: %s failed (%s); Redis is not asked for %d s", what, type(failure).__name__, _BREAK_SECONDS
        )
        return None


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return Redis.from_url(
        settings.CACHE_URL,
        socket_timeout=_SOCKET_SECONDS,
        socket_connect_timeout=_SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


# --- The seal --------------------------------------------------------------------------------------------------------
def seal(plain: bytes, *, about: str, keys: Mapping[str, bytes] | None = None) -> bytes:
    """Encrypt with the newest key; `about` names what it is, and the value opens under no other name."""
    return _ring(keys).seal(plain, about=about)


def unseal(sealed: bytes, *, about: str, keys: Mapping[str, bytes] | None = None) -> bytes:
    """Decrypt with the key it was sealed under. Raise `ValueError` when it is not ours, not whole or not this."""
    return _ring(keys).unseal(sealed, about=about)


def seal_text(plain: str, *, about: str) -> str:
    """The same for a text column."""
    return base64.b64encode(seal(plain.encode(), about=about)).decode()


def unseal_text(sealed: str, *, about: str) -> str:
    return unseal(base64.b64decode(sealed, validate=True), about=about).decode()


def sealed_with_newest(sealed: str) -> bool:
    """Whether a text column was sealed with the newest of `FIELD_KEYS`."""
    return base64.b64decode(sealed, validate=True).startswith(f"{_ring(None).newest}:".encode())


def _ring(keys: Mapping[str, bytes] | None) -> Ring:
    return ring_of(tuple((keys or settings.FIELD_KEYS).items()))
