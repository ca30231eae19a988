"""Rules of escalations: the level of each reason, what may follow what, and the words for age and outcome. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Protocol
from uuid import UUID

from clinics.people.roles import Permission, allows, only
from clinics.words import gettext, gettext_noop, ngettext

LEVELS: tuple[str, ...] = ("attention", "urgent", "emergency")
"""From mild to grave; a level only ever goes up."""

LEVEL_OF: dict[str, str] = {
    "emergency": "emergency",
    "crisis": "emergency",
    "urgent": "urgent",
    "distress": "attention",
    "human_request": "attention",
    "not_understood": "attention",
    "model_unstable": "attention",
    "too_long": "attention",
    "no_progress": "attention",
    "clinic_rule": "attention",
}
"""The least level of each reason; a clinic's rule may be raised above it, never put below."""

ANNOUNCED_AS: dict[str, str] = {
    "emergency": "escalation.raised",
    "urgent": "escalation.urgent",
    "attention": "escalation.attention",
}

TRANSITIONS: dict[str, dict[str, str]] = {
    "open": {"acknowledge": "acknowledged", "hear_worse": "open"},
    "acknowledged": {
        "resolve": "resolved",
        "take_over": "acknowledged",
        "reopen": "open",
        "hear_worse": "open",
    },
    "resolved": {"reopen": "open", "hear_again": "open", "hear_worse": "open"},
}
"""From each status, what can happen and where it leads; the two `hear` are the phone's, the others a person's."""

OUTCOME_NEEDS_REASON: dict[str, bool] = {"reached": False, "emergency_care": False, "not_emergency": True}

STEPS: dict[str, str] = {
    "raised": gettext_noop("Raised by the phone"),
    "half_heard": gettext_noop("Raised by the phone in the middle of a sentence"),
    "confirmed": gettext_noop("The finished sentence says it too"),
    "withdrawn": gettext_noop("The finished sentence does not say it: no more phones are rung"),
    "heard_again": gettext_noop("Heard again in the same call"),
    "reopened": gettext_noop("Opened again: heard after it was handled, or worse than before"),
    "acknowledged": gettext_noop("Acknowledged"),
    "taken_over": gettext_noop("Taken over"),
    "resolved": gettext_noop("Resolved"),
    "put_back": gettext_noop("Opened again"),
    "unanswered": gettext_noop("The ladder ran out: nobody has answered"),
}

REOPENS_WITHIN = timedelta(hours=24)
"""After this a resolved escalation stays closed: what happened yesterday is a new matter."""


class Refused(Exception):
    """A deed the rules do not allow now; the text is the sentence that the person reads."""


class Person(Protocol):
    """What the rules need to know of a person."""

    id: UUID
    name: str
    role: str


class Matter(Protocol):
    """What the rules need to know of an escalation."""

    status: str
    resolved_at: datetime | None

    @property
    def handler(self) -> Person | None: ...
    @property
    def resolved_by(self) -> Person | None: ...


def worse(level: str, than: str) -> bool:
    """Whether a level is graver than another."""
    return LEVELS.index(level) > LEVELS.index(than)


def at_least(reason: str, level: str) -> str:
    """The level asked for, but never below the reason's own."""
    return level if worse(level, LEVEL_OF[reason]) else LEVEL_OF[reason]


def check_can_acknowledge(matter: Matter, person: Person) -> None:
    """Raise unless the person may say "I have it"."""
    _check_right(person, Permission.ACKNOWLEDGE_ESCALATIONS)
    if "acknowledge" not in TRANSITIONS[matter.status]:
        raise Refused(gettext("%(name)s has it already.") % {"name": _name(matter.handler)})


def check_can_take_over(matter: Matter, person: Person) -> None:
    """Raise unless the person may have it instead of the one who has it."""
    _check_right(person, Permission.TAKE_OVER_ESCALATIONS)
    if matter.status == "open":
        raise Refused(gettext("Nobody has it yet: acknowledge it."))
    if "take_over" not in TRANSITIONS[matter.status]:
        raise Refused(gettext("%(name)s resolved it already.") % {"name": _name(matter.resolved_by)})
    if matter.handler is not None and matter.handler.id == person.id:
        raise Refused(gettext("You have it already."))


def check_can_reopen(matter: Matter, person: Person, *, now: datetime) -> None:
    """Raise unless the person may put it back, so that the alarm and the ladder begin anew."""
    _check_right(person, Permission.REOPEN_ESCALATIONS)
    if "reopen" not in TRANSITIONS[matter.status]:
        raise Refused(gettext("It is open already."))
    if matter.resolved_at is not None and now - matter.resolved_at > REOPENS_WITHIN:
        raise Refused(gettext("It was resolved more than a day ago and stays closed."))


def check_reason_to_reopen(reason: str) -> None:
    """Raise unless something is said about why."""
    if not reason.strip():
        raise Refused(gettext("Write why it is opened again."))


def check_can_resolve(matter: Matter, person: Person) -> None:
    """Raise unless the person may close it with an outcome."""
    _check_right(person, Permission.RESOLVE_ESCALATIONS)
    if matter.status == "open":
        raise Refused(gettext("Acknowledge it first, so that everyone sees who has it."))
    if "resolve" not in TRANSITIONS[matter.status]:
        raise Refused(gettext("%(name)s resolved it already.") % {"name": _name(matter.resolved_by)})


def reopen_refusal(matter: Matter, person: Person, *, now: datetime) -> str:
    """Why the person may not put it back; "" when they may."""
    try:
        check_can_reopen(matter, person, now=now)
    except Refused as refused:
        return str(refused)
    return ""


CHECKS = {"acknowledge": check_can_acknowledge, "take_over": check_can_take_over, "resolve": check_can_resolve}


def refusal(verb: str, matter: Matter, person: Person) -> str:
    """Why the person may not do it, as the button's tooltip says it; "" when they may."""
    try:
        CHECKS[verb](matter, person)
    except Refused as refused:
        return str(refused)
    return ""


def check_outcome(outcome: str, reason: str) -> None:
    """Raise unless the outcome is known and carries its reason where one is asked for."""
    if outcome not in OUTCOME_NEEDS_REASON:
        raise Refused(gettext("Choose how it ended."))
    if OUTCOME_NEEDS_REASON[outcome] and not reason.strip():
        raise Refused(gettext("Write why it was not an emergency."))


def age_words(since: datetime, *, now: datetime) -> str:
    """How long ago, as the alert centre says it: "0:42" in minutes and seconds, "1 h 05 min", "3 days"."""
    past = max(now - since, timedelta(0))
    seconds = int(past.total_seconds())
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return ngettext("%(count)s day", "%(count)s days", seconds // 86_400) % {"count": seconds // 86_400}


def countdown(due: datetime, *, now: datetime) -> str:
    """How far away a step is, in words that stay true for a while: "in about 2 minutes", "in less than a minute"."""
    left = (due - now).total_seconds()
    if left <= 0:
        return gettext("now")
    if left < 10:
        return gettext("in a few seconds")
    if left < 55:
        return gettext("in about %(seconds)s seconds") % {"seconds": round(left / 10) * 10}
    minutes = round(left / 60)
    return ngettext("in about %(minutes)s minute", "in about %(minutes)s minutes", minutes) % {"minutes": minutes}


def took_words(seconds: int) -> str:
    """How long it took until somebody had it: "42 seconds", "3 min 5 s", "1 h 5 min"."""
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def clock(at: datetime, zone: tzinfo) -> str:
    """A moment on the clinic's clock, to the second."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def _check_right(person: Person, permission: Permission) -> None:
    if not allows(person.role, permission):
        raise Refused(only(permission))


def _name(person: Person | None) -> str:
    return person.name if person else "someone"
