"""When a snoozed task comes back, and which tasks may be snoozed at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Protocol

from clinics.practice.hours import Span
from clinics.words import gettext, gettext_noop
from tasks.policy import EMERGENCY, Refused

HALF_HOUR, AFTER_LUNCH, TOMORROW = "half_hour", "after_lunch", "tomorrow"
CHOICES: Mapping[str, str] = {
    HALF_HOUR: gettext_noop("30 minutes"),
    AFTER_LUNCH: gettext_noop("After lunch"),
    TOMORROW: gettext_noop("Tomorrow 08:00"),
}
LUNCH_ENDS = time(13)
MORNING = time(8)


class Waiting(Protocol):
    """What the rules need to know of a task."""

    priority: int
    due_at: datetime


def choices() -> list[tuple[str, str]]:
    """Until when a task can be snoozed, in words."""
    return [(code, gettext(label)) for code, label in CHOICES.items()]


def lunch_ends(spans: tuple[Span, ...]) -> time:
    """When people are back from lunch: the opening after the first gap of a day's hours, one o'clock without a gap."""
    return spans[1][0] if len(spans) > 1 else LUNCH_ENDS


def returns_at(choice: str, *, now: datetime, lunch: time) -> datetime | None:
    """When a task snoozed now comes back; None where that moment has passed today. `now` is in the clinic's zone."""
    match choice:
        case "half_hour":
            return now + timedelta(minutes=30)
        case "after_lunch":
            back = datetime.combine(now.date(), lunch, now.tzinfo)
            return back if back > now else None
        case "tomorrow":
            return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    raise Refused(gettext("Choose until when."))


def check_until(task: Waiting, until: datetime | None, now: datetime) -> None:
    """Raise unless the task may stay away so long: never an emergency, never past its due time."""
    if task.priority == EMERGENCY:
        raise Refused(gettext("An emergency is never snoozed."))
    if task.due_at <= now:
        raise Refused(gettext("It is late and stays in the queue."))
    if until is None:
        raise Refused(gettext("It is after lunch already."))
    if until > task.due_at:
        raise Refused(gettext("It is due before that."))
