"""The words of the queue for times and counts. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from math import ceil

from clinics.words import day_words, gettext, ngettext

DANGER_SHARE = 0.75
"""From this part of the way to its due time on, a task is said to be due soon."""


def due_words(due_at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """The due time as the queue says it: "Late 0:42", "4 min", "today 14:30", "tomorrow 09:00", "Mon 09:00"."""
    left = due_at - now
    if left <= timedelta(0):
        minutes = int(-left.total_seconds()) // 60
        return (
            gettext("Late %(time)s") % {"time": f"{minutes // 60}:{minutes % 60:02d}"}
            if minutes < 24 * 60
            else gettext("Late %(time)s") % {"time": _days(minutes // 1440)}
        )
    if left <= timedelta(hours=1):
        return f"{ceil(left.total_seconds() / 60)} min"
    return clock_words(due_at, now=now, zone=zone)


def clock_words(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """A coming moment by the clock: "today 14:30", "tomorrow 09:00", "Mon 09:00", "3 Nov 09:00"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    day = {0: gettext("today"), 1: gettext("tomorrow")}.get(days) or day_words(local, "D" if days < 7 else "j M")
    return f"{day} {local:%H:%M}"


def when_words(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """A past moment as a row says it: "09:12" today, "yesterday 16:40", else "3 Nov 09:12"."""
    local = at.astimezone(zone)
    days = (now.astimezone(zone).date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    return gettext("yesterday %(time)s") % {"time": f"{local:%H:%M}"} if days == 1 else day_words(local, "j M H:i")


def pace(*, created_at: datetime, due_at: datetime, now: datetime) -> str:
    """How a task stands against its due time: "late", "soon" from three quarters of the way, else "on_time"."""
    if now >= due_at:
        return "late"
    return "soon" if now - created_at >= (due_at - created_at) * DANGER_SHARE else "on_time"


def capped(count: int, *, cap: int = 999) -> str:
    """A count as a tab shows it: "12", "999+"."""
    return str(count) if count <= cap else f"{cap}+"


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
