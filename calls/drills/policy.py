"""What a drill says, what it must bring about and by when, and what it means when it does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from django.utils.translation import gettext_lazy

CALLER = "+12025550142"
"""From the numbers that are reserved for fiction, so that nobody is ever called back about a drill."""

SAYS = "This is a drill. I have crushing chest pain and I can't breathe."
TOLD_WITHIN = timedelta(seconds=60)
"""From the call to the first person who has been told."""

ANSWERED_WITHIN = timedelta(minutes=15)
"""From the call to somebody's acknowledgement. The last step of the shipped ladder is over by then."""

BEGINS_WITHIN = timedelta(minutes=10)
"""From asking for a drill to its call; later it would surprise people who no longer expect it."""

EVERY = timedelta(days=14)
"""How often the timetable asks for one, so that one failed drill leaves time for the next."""

UNREACHABLE, REFUSED, UNHEARD, UNRAISED = "unreachable", "refused", "unheard", "unraised"
UNTOLD, UNANSWERED, NOT_BEGUN, INTERRUPTED = "untold", "unanswered", "not_begun", "interrupted"
BROKE: Mapping[str, str] = MappingProxyType(
    {
        NOT_BEGUN: gettext_lazy("No worker began it within ten minutes."),
        INTERRUPTED: gettext_lazy("The worker that played it ended half-way."),
        UNREACHABLE: gettext_lazy("The telephone's webhook could not be reached."),
        REFUSED: gettext_lazy("The webhook refused a signed call, or answered with what Twilio would not accept."),
        UNHEARD: gettext_lazy("The caller was not told to dial the emergency number."),
        UNRAISED: gettext_lazy("No escalation was opened."),
        UNTOLD: gettext_lazy("Nobody was told within a minute."),
        UNANSWERED: gettext_lazy("People were told, and nobody acknowledged it within 15 minutes."),
    }
)


def is_wanted(since: datetime, *, now: datetime) -> bool:
    """Whether it is time for the next drill; `since` is the last one, or the day the clinic was opened."""
    return now - since >= EVERY


def broke_by_now(
    *, asked_at: datetime, played_at: datetime | None, alarmed: bool, told_at: datetime | None, now: datetime
) -> str:
    """What an unfinished drill has failed at by now, a key of `BROKE`; "" while it may still pass."""
    if played_at is None:
        return NOT_BEGUN if now - asked_at > BEGINS_WITHIN else ""
    if not alarmed:
        return INTERRUPTED if now - played_at > TOLD_WITHIN else ""
    if told_at is None:
        return UNTOLD if now - played_at > TOLD_WITHIN else ""
    return UNANSWERED if now - played_at > ANSWERED_WITHIN else ""
