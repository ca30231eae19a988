"""Where time goes to the outside: a mark around each question to a provider, which costs a call when nobody traces.

Who traces (cliniqai/tracing.py) lends the way to make one. A mark has a name of ours, never an address, which may hold
a number.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Opened = AbstractContextManager[object]

_NOTHING: Opened = nullcontext()
_open: Callable[[str], Opened] | None = None


def lend(make: Callable[[str], Opened] | None) -> None:
    """Trace from now on, or no more."""
    global _open  # noqa: PLW0603  (one way per process)
    _open = make


def span(name: str) -> Opened:
    """A mark around what is done in its `with`."""
    return _NOTHING if _open is None else _open(name)
