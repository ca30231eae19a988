"""Replacing a clinic's data key while calls come in, and wrapping data keys anew when `FIELD_KEYS` has changed.

A new key seals at once what is written from then on; the old one still opens. Then every row that holds a value of an
old key is sealed anew, in small batches that never wait for a lock and that rest in between. Nothing is remembered
between batches: which rows are left is asked of the rows, so a run that was killed just goes on.

An old key is retired when no row holds its values, and taken away by a later run, a day after: a process that was
held up may still have written with it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.db.models.functions import Now

from clinics import locks, sealed
from clinics.models import Clinic, DataKey
from clinics.sealing import keys
from clinics.sealing.fields import SealedField, Unreadable, sealed_models, written
from clinics.telephone import account_for, seal_token
from clinics.tenancy import inside

logger = logging.getLogger(__name__)

BATCH = 50
REST = 1.0
"""Seconds of rest for each second of work."""
KEPT = timedelta(days=1)
"""How long a retired key is kept."""


class Busy(Exception):
    """Another process rotates this clinic's keys."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one run has done for a clinic."""

    rows: int
    retired: int
    taken_away: int
    unreadable: int
    """Rows that do not open: their table and id are logged, and no key is retired as long as there are any."""


def rotate(
    clinic: Clinic, *, new_key: bool, batch: int = BATCH, rest: float = REST, settle: float = keys.SECONDS
) -> Done:
    """Seal a clinic's rows with its newest key; first draw a new one if `new_key`, unless a rotation is unfinished.

    `settle` is how long other processes may still seal with the key before.
    """
    with inside(clinic), _alone(clinic):
        schema = clinic.schema_name
        gone = _take_away(clinic)
        if new_key and not DataKey.objects.filter(clinic=clinic, retired_at=None)[1:].exists():
            newest = DataKey.objects.filter(clinic=clinic).order_by("-number").values_list("number", flat=True).first()
            keys.draw_key(schema, number=(newest or 0) + 1)
        keys.forget(schema)
        began, rows = time.monotonic(), 0
        while True:
            found, unreadable = _pass(schema, batch=batch, rest=rest)
            rows += found
            if not found and (not _old(clinic).exists() or time.monotonic() - began > settle):
                break
            time.sleep(0 if found else 0.5)
        retired = 0 if unreadable else _old(clinic).update(retired_at=Now())
    return Done(rows, retired, gone, unreadable)


def rewrap() -> int:
    """Seal every clinic's keys and its telephone's token with the newest of `FIELD_KEYS`; returns how many were not."""
    count = 0
    for clinic in Clinic.objects.exclude(twilio_token_sealed=""):
        if not sealed.sealed_with_newest(clinic.twilio_token_sealed):
            seal_token(clinic, account_for(clinic).token)
            clinic.save(update_fields=["twilio_token_sealed"])
            count += 1
    for row in DataKey.objects.select_related("clinic"):
        if not sealed.sealed_with_newest(row.wrapped):
            schema = row.clinic.schema_name
            keys.wrap(row, keys.unwrapped(row, schema), schema)
            row.save(update_fields=["wrapped"])
            count += 1
    return count


def _old(clinic: Clinic) -> models.QuerySet[DataKey]:
    """Keys that may still have values, and are not the newest."""
    held = DataKey.objects.filter(clinic=clinic)
    newest = held.order_by("-number").values_list("pk", flat=True).first()
    return held.filter(retired_at=None).exclude(pk=newest)


def _take_away(clinic: Clinic) -> int:
    """Delete what was retired long ago, if nothing is sealed with it after all; else it is in use again."""
    gone = 0
    for old in DataKey.objects.filter(clinic=clinic, retired_at__lt=Now() - KEPT):
        if any(_sealed_with(model, fields, old.pk).exists() for model, fields in _tables()):
            DataKey.objects.filter(pk=old.pk).update(retired_at=None)
        else:
            old.delete()
            gone += 1
    return gone


def _pass(schema: str, *, batch: int, rest: float) -> tuple[int, int]:
    """Seal anew, once through all tables, the rows that are not under the newest key; how many were, and could not."""
    done = broken = 0
    newest = keys.keys_of(schema).ring.newest
    for model, fields in _tables():
        last = None
        while True:
            began = time.monotonic()
            found, unreadable, last = _batch(model, fields, newest, after=last, size=batch)
            done, broken = done + found, broken + unreadable
            if last is None:
                break
            time.sleep(rest * (time.monotonic() - began))
    return done, broken


def _batch(
    model: type[models.Model], fields: list[SealedField], newest: str, *, after: object, size: int
) -> tuple[int, int, object]:
    """One batch in a transaction; how many rows it sealed and could not open, and the key of the last, None at the end.

    A row that somebody holds is passed over: it is found again in the next pass.
    """
    stale = _stale(model, fields, newest)
    if after is not None:
        stale = stale.filter(pk__gt=after)
    with transaction.atomic():
        rows = list(stale.order_by("pk").select_for_update(skip_locked=True, of=("self",))[:size])
        sealed_anew = sum(_seal_anew(row, fields) for row in rows)
    return sealed_anew, len(rows) - sealed_anew, rows[-1].pk if rows else None


def _seal_anew(row: models.Model, fields: list[SealedField]) -> bool:
    try:
        columns = written(row, *(one.name for one in fields))
    except Unreadable as broken:
        logger.error("rotate_field_keys: %s id %s", broken, row.pk)
        return False
    type(row)._base_manager.filter(pk=row.pk).update(**columns)
    return True


def _stale(model: type[models.Model], fields: list[SealedField], newest: str) -> models.QuerySet:
    """Rows with a value that the newest key has not sealed."""
    other = models.Q()
    for one in fields:
        other |= ~models.Q(**{f"{one.name}__under": newest})
    return model._base_manager.filter(other)


def _sealed_with(model: type[models.Model], fields: list[SealedField], key_id: str) -> models.QuerySet:
    under = models.Q()
    for one in fields:
        under |= models.Q(**{f"{one.name}__under": key_id})
    return model._base_manager.filter(under)


def _tables() -> Iterator[tuple[type[models.Model], list[SealedField]]]:
    return iter(list(sealed_models()))


@contextmanager
def _alone(clinic: Clinic) -> Iterator[None]:
    """Hold the clinic's rotation for this connection, or raise `Busy`."""
    with locks.alone("rotate field keys", clinic) as mine:
        if not mine:
            raise Busy("Another process rotates this clinic's keys.")
        yield
