"""When a clinic's backup is due, when a failed one is tried again, and which old ones stay. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT = (time(1), time(5))
"""Of the clinic's own clock: four hours, in which a thousand clinics have 14 seconds each, one after the other."""
REST = timedelta(hours=12)
"""One that is younger is of this night already."""
LATE = timedelta(hours=25)
"""One that is older cannot wait for the next night: an hour later the operators' page would be red."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=2)


def is_due(kept: datetime | None, now: datetime, zone: str) -> bool:
    """Whether a clinic whose newest backup is of `kept` is to be backed up at `now`."""
    if kept is None or now - kept > LATE:
        return True
    begins, ends = NIGHT
    return now - kept > REST and begins <= now.astimezone(ZoneInfo(zone)).time() < ends


def next_try(began: datetime, failures: int) -> datetime:
    """When a try that began then may be repeated; `failures` in a row, it included."""
    return began + min(FIRST_RETRY * 2 ** (min(failures, 10) - 1), LONGEST_RETRY)


def to_keep(made: Collection[datetime], zone: str, *, days: int, weeks: int) -> set[datetime]:
    """The newest of each of the last `days` days and of each of the last `weeks` weeks of the clinic's calendar.

    Only days and weeks that have one count, so that an installation that was off for a month loses nothing.
    """
    local = [(moment, moment.astimezone(ZoneInfo(zone))) for moment in sorted(made)]
    newest_of_day = {here.date(): moment for moment, here in local}
    newest_of_week = {here.isocalendar()[:2]: moment for moment, here in local}
    return {*list(newest_of_day.values())[-days:], *list(newest_of_week.values())[-weeks:]}
