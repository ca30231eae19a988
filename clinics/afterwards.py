"""Small deeds that nobody waits for: done by a request's own thread once its answer has left.

Only for what may be lost: a process that dies in between never does them. Outside a request they are done at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.core.signals import request_finished, request_started

logger = logging.getLogger(__name__)

Deed = Callable[[], object]


class _Waiting(threading.local):
    """The deeds of this thread's request; None while there is no request."""

    deeds: list[Deed] | None = None


_waiting = _Waiting()


@contextmanager
def put_off() -> Iterator[list[Deed]]:
    """Collect the deeds of what runs inside, in this thread and outside a request; whoever asked does them later."""
    before, deeds = _waiting.deeds, []
    _waiting.deeds = deeds
    try:
        yield deeds
    finally:
        _waiting.deeds = before


def afterwards(deed: Deed) -> None:
    """Do this when the request has been answered. The clinic is no longer set then: bind what depends on it before."""
    if _waiting.deeds is None:
        deed()
    else:
        _waiting.deeds.append(deed)


def _begin(**_: object) -> None:
    _waiting.deeds = []


def _do_them(**_: object) -> None:
    deeds, _waiting.deeds = _waiting.deeds or [], None
    do_them(deeds)


def do_them(deeds: Iterable[Deed]) -> None:
    """Do these; one that fails is logged and keeps the others from nothing."""
    for deed in deeds:
        try:
            deed()
        except Exception as fault:  # the answer is out: there is nobody left to tell but the log
            logger.error("a deed after the answer failed: %s", type(fault).__name__)


request_started.connect(_begin, dispatch_uid="clinics.afterwards.begin")
request_finished.connect(_do_them, dispatch_uid="clinics.afterwards.do")
