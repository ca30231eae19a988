"""Many threads at once, each with a database connection of its own in one clinic's schema."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from clinics.models import Clinic


def together(count: int, clinic: Clinic, act: Callable[[int], Any]) -> list[Any]:
    """Run `act(0..count-1)` at the same moment; return each result or the exception it raised."""
    start = Barrier(count)

    def run(number: int) -> Any:
        try:
            connection.set_tenant(clinic)
            start.wait(timeout=20)
            return act(number)
        except Exception as failure:
            return failure
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def run_apart(act: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: where Playwright was used, a loop is running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, act).result()
