"""Quiet hours: from when until when no patient is texted, on the clinic's clock. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta


def is_quiet(at: datetime, *, since: time, until: time) -> bool:
    """Whether an aware moment in the clinic's zone is quiet; the same time twice means that no hour is."""
    clock = at.time()
    if since <= until:
        return since <= clock < until
    return clock >= since or clock < until


def seconds_left(at: datetime, *, since: time, until: time) -> float:
    """Seconds of real time until the quiet hours end; 0 when it is not quiet now.

    A night whose clock is changed is longer or shorter.
    """
    if not is_quiet(at, since=since, until=until):
        return 0.0
    day = at.date() if at.time() < until else at.date() + timedelta(days=1)
    end = datetime.combine(day, until, tzinfo=at.tzinfo)
    return max((end.astimezone(UTC) - at.astimezone(UTC)).total_seconds(), 0.0)
