"""The data keys of each clinic: found in the shared table, unwrapped once, kept in this process for half a minute.

From one secret of a clinic two keys are drawn: one that seals, one for the indexes. So a value can be found without
the key that reads it, and both are replaced together.
"""

from __future__ import annotations

import math
import os
import secrets
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import connection

from clinics import sealed
from clinics.models import Clinic, DataKey
from clinics.remembered import Remembered
from clinics.sealing.cipher import Ring

SECONDS = 30.0
"""How long a process may go on sealing with a key that is no longer the newest."""


class NoKey(Exception):
    """This runs outside any clinic, or the clinic's keys cannot be unwrapped with `FIELD_KEYS`."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a clinic seals and finds with, the newest first."""

    ring: Ring
    index_keys: tuple[bytes, ...]


UNSURE = 60.0
"""Seconds after which no transaction that drew a key is still open."""

_drawn: dict[str, float] = {}
_known: Remembered[str, Keys] = Remembered(seconds=SECONDS, limit=4096)


def keys_of(schema: str) -> Keys:
    """The keys of the clinic with this schema; its first one is drawn when it has none. Raises `NoKey`."""
    keys = _known.find(schema)
    return keys if keys is not None else _known.get(schema, lambda: _opened(schema), seconds=lambda _: _stay(schema))


def _stay(schema: str) -> float:
    """A key that a transaction of this process has just drawn may yet be rolled back with it: it is not kept."""
    return 0.0 if time.monotonic() - _drawn.get(schema, -math.inf) < UNSURE else SECONDS


def forget(schema: str) -> None:
    """Ask for the keys of this clinic again: a value names one that was not known."""
    _known.drop(schema)


def _opened(schema: str) -> Keys:
    rows = _rows(schema)
    if not rows:
        draw_key(schema, number=1)
        rows = _rows(schema)
    masters = {row.id: unwrapped(row, schema) for row in rows}
    return Keys(
        Ring({key_id: _derived(master, b"seal") for key_id, master in masters.items()}),
        tuple(_derived(master, b"index") for master in masters.values()),
    )


def _rows(schema: str) -> list[DataKey]:
    return list(DataKey.objects.filter(clinic__schema_name=schema).order_by("-number"))


def draw_key(schema: str, *, number: int) -> None:
    """A new key for a clinic; nothing happens when another process has just drawn the one with this number."""
    clinic = Clinic.objects.exclude(schema_name="public").filter(schema_name=schema).first()
    if clinic is None:
        raise NoKey(f"There is no clinic with the schema {schema}: patient fields are sealed inside a clinic only.")
    row = DataKey(id=secrets.token_urlsafe(6), clinic=clinic, number=number)
    wrap(row, os.urandom(32), schema)
    DataKey.objects.bulk_create([row], ignore_conflicts=True)
    if connection.in_atomic_block:
        _drawn[schema] = time.monotonic()


def wrap(row: DataKey, master: bytes, schema: str) -> None:
    """Encrypt a clinic's secret with the newest of `FIELD_KEYS`."""
    row.wrapped = sealed.seal_text(master.hex(), about=_about(row, schema))


def unwrapped(row: DataKey, schema: str) -> bytes:
    """A clinic's secret. Raises `NoKey`."""
    try:
        return bytes.fromhex(sealed.unseal_text(row.wrapped, about=_about(row, schema)))
    except ValueError as failure:
        message = f"Data key {row.id} does not open with FIELD_KEYS: put back the key it was wrapped with."
        raise NoKey(message) from failure


def _about(row: DataKey, schema: str) -> str:
    return f"data key\n{schema}\n{row.id}"


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cliniqai " + purpose).derive(master)
