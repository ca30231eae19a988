"""The breakers of all providers, shared by all processes through Redis.

A change is a compare-and-set, so that of all processes one probes. Where Redis is away this process judges alone and
sooner; it never asks Redis longer than a fifth of a second, and not again for five seconds.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from clinics.providers.policy import Breaker, admit, note

logger = logging.getLogger(__name__)

TTL = 900
TRIES = 5
SOCKET_SECONDS = 0.2
AWAY_SECONDS = 5.0

_SWAP = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    return 1
end
return 0"""

_alone: dict[str, Breaker] = {}
_away_until = 0.0


class _Away(Exception):
    """Redis cannot be asked."""


def may_ask(provider: str) -> bool:
    """Whether a request may leave for a provider now. A True may be the one probe: tell its end with `tell`."""
    verdict = True

    def step(before: Breaker) -> Breaker:
        nonlocal verdict
        after, verdict = admit(before, time.time())
        return after

    if _change(provider, lambda before, _: step(before)):
        return verdict
    return False  # others changed it again and again: it is busy failing


def tell(provider: str, *, answered: bool) -> None:
    """How a request ended: an answer, or a failure of the provider's."""
    _change(provider, lambda before, alone: note(before, answered=answered, now=time.time(), alone=alone))


def standing(provider: str) -> Breaker:
    """The breaker as it is, without asking for leave."""
    try:
        return _read(_ask(lambda redis: redis.get(_key(provider))))
    except _Away:
        return _alone.get(provider, Breaker())


def forget() -> None:
    """What this process believed by itself: between tests."""
    global _away_until  # noqa: PLW0603
    _alone.clear()
    _away_until = 0.0


def _change(provider: str, step: Callable[[Breaker, bool], Breaker]) -> bool:
    """Change a breaker by a step of `policy`; False when others were faster each time."""
    key = _key(provider)
    try:
        for _ in range(TRIES):
            found = _ask(lambda redis: redis.get(key))
            before = _read(found)
            after = step(before, False)
            if after == before or _ask(lambda redis: _swap(redis, key, found, after)):  # noqa: B023 (asked at once)
                return True
    except _Away:
        _alone[provider] = step(_alone.get(provider, Breaker()), True)
        return True
    return False


def _swap(redis: Redis, key: str, found: bytes | None, after: Breaker) -> bool:
    wanted = json.dumps(after.to_json(), separators=(",", ":"))
    return bool(redis.eval(_SWAP, 1, key, found or b"", wanted, TTL))


def _read(found: bytes | None) -> Breaker:
    if not found:
        return Breaker()
    try:
        return Breaker.from_json(json.loads(found))
    except (ValueError, KeyError, TypeError):
        logger.warning("a breaker could not be read and counts as new")
        return Breaker()


def _key(provider: str) -> str:
    return f"breaker:{provider}"


def _ask(command: Callable[[Redis], object]) -> bytes | None:
    global _away_until  # noqa: PLW0603
    if time.monotonic() < _away_until:
        raise _Away
    try:
        return command(_redis())  # type: ignore[return-value]
    except (RedisError, OSError) as failure:
        _away_until = time.monotonic() + AWAY_SECONDS
        logger.warning("breakers are this process's own for %d s: %s", AWAY_SECONDS, type(failure).__name__)
        raise _Away from failure


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return Redis.from_url(
        settings.CACHE_URL,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
