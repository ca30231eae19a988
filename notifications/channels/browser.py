"""The push to the pages that are open: the kind, never the words. A hint; the page's own look-up is the truth."""

from __future__ import annotations

from redis.exceptions import RedisError

from notifications import stream
from notifications.claims import Started
from notifications.policy import Outcome, Result


def send(delivery: Started) -> Outcome:
    """Publish the kind to the clinic's stream."""
    try:
        stream.push(schema=delivery.schema, kind=delivery.kind)
    except (RedisError, OSError) as error:
        return Outcome(Result.RETRY, type(error).__name__)
    return Outcome(Result.SENT)
