"""What the web process counts of its turns: two additions in memory, one row in the database now and then.

A turn pays a lookup and an addition. The thread of a request writes the sums down every ten seconds, once its answer
has left; what a process that dies had not written yet is lost, which no figure notices.
"""

from __future__ import annotations

import threading
import time

from django.db import connection

from clinics.afterwards import afterwards
from notifications.watching.objectives import OBJECTIVES

EVERY_SECONDS = 10.0
SLOW = OBJECTIVES["turn"].within

ADD = """
INSERT INTO public.notifications_servicecount (name, clinic_id, bucket, good, bad)
VALUES (%s, %s, date_bin('5 minutes', now(), 'epoch'), %s, %s)
ON CONFLICT (name, clinic_id, bucket) DO UPDATE
SET good = notifications_servicecount.good + excluded.good, bad = notifications_servicecount.bad + excluded.bad"""

_lock = threading.Lock()
_sums: dict[tuple[str, int], list[int]] = {}
_written = 0.0


def turn(clinic_id: int, *, answered: bool, seconds: float) -> None:
    """Count one turn of a call."""
    global _written  # noqa: PLW0603  (one clock per process)
    now = time.monotonic()
    with _lock:
        _sums.setdefault(("webhook", clinic_id), [0, 0])[not answered] += 1
        _sums.setdefault(("turn", clinic_id), [0, 0])[seconds > SLOW] += 1
        due = now - _written > EVERY_SECONDS
        if due:
            _written = now
    if due:
        afterwards(write)


def write() -> None:
    """Add what was counted to the rows of this moment."""
    global _sums
    with _lock:
        taken, _sums = _sums, {}
    if taken:
        with connection.cursor() as cursor:
            cursor.executemany(ADD, [[*key, *counts] for key, counts in sorted(taken.items())])
