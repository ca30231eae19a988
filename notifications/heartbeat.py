"""Proof of life: a process is alive when it did its work lately, not when it exists. PostgreSQL holds the truth."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from notifications.models import Heartbeat

_BEAT = """
INSERT INTO public.notifications_heartbeat (name, at) VALUES (%s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET at = excluded.at"""


def beat(name: str) -> None:
    """Note that a sort of process works, now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [name])


def worker_last_seen() -> datetime | None:
    """When a worker last delivered a canary; None: never."""
    return _last_seen("worker")


def sweeper_last_seen() -> datetime | None:
    """When a sweeper last finished a pass; None: never."""
    return _last_seen("sweeper")


def _last_seen(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
