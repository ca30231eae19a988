"""Addresses of spoken sentences: nobody guesses one, each ends, and none holds a word of what is said."""

from __future__ import annotations

import base64
from functools import cache

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

DAY = 24 * 3600
PASSING_SECONDS = 600
"""How long a sentence with a caller's words can be fetched: the network asks for it at once."""

PASSING = "p"
"""What the name of such a clip begins with; a fixed one is hexadecimal."""


def ends_at(clip: str, now: float) -> int:
    """When an address given out now ends, in seconds since 1970. A fixed sentence keeps its address for a day."""
    if is_passing(clip):
        return int(now) + PASSING_SECONDS
    return (int(now) // DAY + 2) * DAY


def path_of(clip: str, *, schema: str, now: float) -> str:
    """The path of a clip on its clinic's host, signed."""
    ends = ends_at(clip, now)
    return f"{_beginning()}{clip}/{ends}/{_signature(clip, ends, schema)}.mp3"


def holds(clip: str, ends: int, signature: str, *, schema: str, now: float) -> bool:
    """Whether this address was given out for this clinic and has not ended."""
    return constant_time_compare(signature, _signature(clip, ends, schema)) and now < ends


def is_passing(clip: str) -> bool:
    return clip.startswith(PASSING)


def _signature(clip: str, ends: int, schema: str) -> str:
    digest = salted_hmac("calls.speech.addresses", f"{schema}/{clip}/{ends}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


@cache
def _beginning() -> str:
    return f"{reverse('calls:incoming')}clips/"
