"""The clinic's stream, sending side: kinds go out over Redis pub/sub. Comfort: whoever misses one looks it up."""

from __future__ import annotations

import json
import logging
import re
import time
from functools import cache

import redis
from django.conf import settings
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

CHANNEL = "stream:"
KIND = r"[a-z_]{1,30}(?:\.[a-z_]{1,30})?"  # no room for a name or a number
BREAK_SECONDS = 5.0

_closed_until = 0.0


def publish(*, schema: str, kind: str) -> None:
    """Tell a clinic's open pages that something of this kind happened; a lost Redis is noted and costs nothing."""
    try:
        push(schema=schema, kind=kind)
    except (RedisError, OSError) as error:
        logger.info("stream not told: %s", type(error).__name__)


def push(*, schema: str, kind: str) -> None:
    """As `publish`, and raise when Redis did not take it. After a failure Redis is not asked for five seconds."""
    global _closed_until  # noqa: PLW0603 - one breaker per process
    if not re.fullmatch(KIND, kind):
        raise ValueError("A stream says a kind, such as task.opened, and nothing else.")
    if time.monotonic() < _closed_until:
        raise redis.ConnectionError("Redis failed a moment ago.")
    try:
        _client().publish(CHANNEL + schema, json.dumps({"kind": kind}))
    except (RedisError, OSError):
        _closed_until = time.monotonic() + BREAK_SECONDS
        raise


@cache
def _client() -> redis.Redis:
    """One pool per process; redis-py opens new connections after a fork."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None, max_connections=16
    )
