"""The real application with two faults in it: a turn and a page that crash when they meet the word "kaput".

What they raise quotes the patient, as PostgreSQL's own errors do.
"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

from cliniqai.asgi import application  # isort: skip  (sets Django up)
from calls import actions
from tasks import listing

__all__ = ["application"]

record_turn, page = actions.record_turn, listing.page


def crash_in_a_turn(*, judged: Any, **rest: Any) -> None:
    if "kaput" in judged.heard.words:
        raise DatabaseError(f"Failing row contains ({judged.heard.words})")
    record_turn(judged=judged, **rest)


def crash_in_a_page(wanted: Any, *rest: Any) -> Any:
    if "kaput" in wanted.words:
        raise DatabaseError(f"Failing row contains ({wanted.words})")
    return page(wanted, *rest)


actions.record_turn, listing.page = crash_in_a_turn, crash_in_a_page
