"""Moving data outside of migrations: clinic by clinic, in small batches that rest in between and may be killed.

A migration adds a column; a backfill fills it while calls come in; a later release reads it. A batch and the note how
far it came are one transaction, so nothing is done twice and nothing is left out. What is written after the backfill
began must be right by itself: the release that asks for a backfill already writes the new way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, models, transaction
from django.db.models.functions import Now

from clinics import locks
from clinics.fleet.models import Backfilling
from clinics.fleet.upgrading import LOCK_NOT_AVAILABLE
from clinics.models import Clinic
from clinics.tenancy import inside

LOCK_SECONDS = 2
"""A batch whose row somebody holds for longer is given up and tried again."""


class Busy(Exception):
    """Another process does this backfill for this clinic."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """One piece of work: `fill` gives the new values of columns of a row, or None when it needs none."""

    name: str
    why: str
    rows: Callable[[], models.QuerySet]
    fill: Callable[[Any], dict[str, Any] | None]


_known: dict[str, Callable[[], Iterator[Backfill]]] = {}


def offer(family: str, made: Callable[[], Iterator[Backfill]]) -> None:
    """Make the backfills of one part of the product known; `made` is called when somebody asks for them."""
    _known[family] = made


def known() -> dict[str, Backfill]:
    """All of them by name."""
    return {one.name: one for made in _known.values() for one in made()}


def run(
    clinic: Clinic, work: Backfill, *, batch: int, rest: float, again: bool = False, most: int | None = None
) -> Backfilling:
    """Do a backfill in one clinic from where it stopped; `again` begins anew. `rest`: seconds for a second of work.

    Ends early after `most` batches. Raises `Busy`.
    """
    with inside(clinic), _alone(clinic, work):
        state = _begun(clinic, work, again=again)
        while state.finished_at is None and (most is None or most > 0):
            began = time.monotonic()
            state = _batch(state, work, size=batch)
            most = None if most is None else most - 1
            time.sleep(rest * (time.monotonic() - began))
    return state


def _begun(clinic: Clinic, work: Backfill, *, again: bool) -> Backfilling:
    fresh = {"last": "", "done": 0, "total": work.rows().count(), "began_at": Now(), "finished_at": None}
    if again:
        Backfilling.objects.filter(clinic=clinic, name=work.name).update(moved_at=Now(), **fresh)
    state, _ = Backfilling.objects.get_or_create(clinic=clinic, name=work.name, defaults=fresh)
    return state


def _batch(state: Backfilling, work: Backfill, *, size: int) -> Backfilling:
    """The next rows in the order of their keys, with the note of it; the same state when their locks were held."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS}s"])
            rows = _after(work, state.last).select_for_update(of=("self",))[:size]
            last = ""
            for row in rows:
                last = str(row.pk)
                if values := work.fill(row):
                    type(row)._base_manager.filter(pk=row.pk).update(**values)
            _note(state, last=last, done=len(rows), finished=len(rows) < size)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
    return Backfilling.objects.get(pk=state.pk)


def _after(work: Backfill, last: str) -> models.QuerySet:
    rows = work.rows().order_by("pk")
    return rows.filter(pk__gt=last) if last else rows


def _note(state: Backfilling, *, last: str, done: int, finished: bool) -> None:
    Backfilling.objects.filter(pk=state.pk).update(
        last=last or state.last, done=state.done + done, moved_at=Now(), finished_at=Now() if finished else None
    )


@contextmanager
def _alone(clinic: Clinic, work: Backfill) -> Iterator[None]:
    with locks.alone(f"backfill {work.name}", clinic) as mine:
        if not mine:
            raise Busy(f"Another process does {work.name} for {clinic.slug}.")
        yield
