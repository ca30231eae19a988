"""The ladder as the portal shows it: what was done when, to whom, whether it arrived, and what comes next in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_lazy

from clinics.people.models import User
from clinics.phones import readable
from clinics.practice import ladder
from clinics.tenancy import current_clinic
from escalations.models import Escalation, Rung, RungState, Status
from escalations.policy import age_words, clock, countdown
from escalations.reach import WHY
from notifications.models import Delivery

STAGES: dict[str, str] = {
    "portal": gettext_lazy("Everyone in the portal"),
    "doctors": gettext_lazy("The doctors again, by e-mail too"),
    "text": gettext_lazy("A text message to the person on call"),
    "ring": gettext_lazy("A call to the person on call"),
    "backup": gettext_lazy("A text message and a call to the backup"),
    "managers": gettext_lazy("A text message and a call to the clinic admins"),
    ladder.LAST: gettext_lazy("An alarm to the clinic admins and the operators"),
}
CHANNELS: dict[str, str] = {
    "sms": gettext_lazy("text message"),
    "voice": gettext_lazy("call"),
    "email": gettext_lazy("e-mail"),
}
ARRIVED: dict[str, tuple[str, str]] = {
    "pending": (gettext_lazy("on its way"), "info"),
    "leased": (gettext_lazy("on its way"), "info"),
    "sending": (gettext_lazy("on its way"), "info"),
    "unknown": (gettext_lazy("not known whether it was sent"), "warn"),
    "sent": (gettext_lazy("sent"), "good"),
    "dead": (gettext_lazy("failed"), "bad"),
    "expired": (gettext_lazy("came too late and was not sent"), "bad"),
    "cancelled": (gettext_lazy("not sent any more"), "info"),
}
AT_THE_PROVIDER: dict[str, tuple[str, str]] = {
    "delivered": (gettext_lazy("delivered"), "good"),
    "read": (gettext_lazy("delivered"), "good"),
    "undelivered": (gettext_lazy("not delivered"), "bad"),
    "failed": (gettext_lazy("not delivered"), "bad"),
    "completed": (gettext_lazy("answered"), "good"),
    "pressed": (gettext_lazy("taken by pressing 1"), "good"),
    "in-progress": (gettext_lazy("answered"), "good"),
    "ringing": (gettext_lazy("ringing"), "info"),
    "busy": (gettext_lazy("busy"), "bad"),
    "no-answer": (gettext_lazy("not answered"), "bad"),
    "canceled": (gettext_lazy("not answered"), "bad"),
}
WHY_NOT_SENT: dict[str, str] = {
    "email_off": gettext_lazy("e-mail is turned off here"),
    "sms_off": gettext_lazy("the telephone is turned off here"),
    "opted_out": gettext_lazy("this number has opted out"),
    "no_number": gettext_lazy("no telephone number"),
    "no_line": gettext_lazy("the clinic has no line to send from"),
    "has_left": gettext_lazy("does not work here any more"),
}
STATES: dict[str, tuple[str, str]] = {
    RungState.WAITING: (gettext_lazy("Waiting"), ""),
    RungState.TOLD: (gettext_lazy("Done"), "good"),
    RungState.SKIPPED: (gettext_lazy("Skipped"), "warn"),
    RungState.HELD: (gettext_lazy("Not done"), "info"),
    RungState.STOPPED: (gettext_lazy("Not needed"), ""),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a step: what became of each message, or why there was none. `dial` is shown when all failed."""

    name: str
    messages: tuple[tuple[str, str], ...]
    why_not: str = ""
    dial: str = ""
    dial_shown: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One step in words."""

    what: str
    state: str
    tone: str
    when: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """All steps of the last opening, and a sentence about the next one."""

    lines: tuple[Line, ...]
    told: str = ""
    next: str = ""
    next_at: str = ""  # the same by the clock, for a page that does not count
    next_what: str = ""
    next_due: datetime | None = None
    next_in: str = ""
    told_when: tuple[tuple[str, str], ...] = ()  # who was told, and how long after the alarm: ("Bob Lee", "0:30")

    @property
    def failed(self) -> tuple[Person, ...]:
        """Who could not be reached by any message and has a number: somebody must ring them by hand."""
        return tuple(one for line in self.lines for one in line.people if one.dial)


NONE = Ladder(())


def zone_of_clinic() -> tzinfo:
    return ZoneInfo(current_clinic().timezone)


def ladders_of(found: Iterable[Escalation], *, now: datetime, zone: tzinfo) -> dict[object, Ladder]:
    """The ladders of these escalations by id, in three queries however many there are."""
    rows = list(found)
    rungs = [rung for rung in Rung.objects.filter(escalation__in=rows) if rung.escalation_id]
    of = {row.id: [rung for rung in rungs if rung.escalation_id == row.id and rung.round == row.opened] for row in rows}
    asked = [rung for some in of.values() for rung in some]
    people = _people(asked)
    sent = _sent(asked)
    return {row.id: _ladder(row, of[row.id], people, sent, now, zone) for row in rows}


def _people(rungs: Iterable[Rung]) -> dict[str, User]:
    ids = {one for rung in rungs for one in (*rung.told, *(who for who, _ in rung.left_out)) if one}
    return {str(user.pk): user for user in User.objects.filter(pk__in=ids)} if ids else {}


def _sent(rungs: Iterable[Rung]) -> dict[str, list[Delivery]]:
    keys = [rung.key for rung in rungs if rung.told]
    if not keys:
        return {}
    deliveries = Delivery.objects.filter(event__clinic=current_clinic(), event__key__in=keys, person__isnull=False)
    found: dict[str, list[Delivery]] = {}
    for one in deliveries.select_related("event").order_by("channel"):
        found.setdefault(one.event.key, []).append(one)
    return found


def _ladder(
    escalation: Escalation,
    rungs: list[Rung],
    people: Mapping[str, User],
    sent: Mapping[str, list[Delivery]],
    now: datetime,
    zone: tzinfo,
) -> Ladder:
    lines = tuple(_line(rung, people, sent.get(rung.key, []), now, zone) for rung in rungs)
    told, when = _told(rungs, people), _told_when(rungs, people)
    following = next((rung for rung in rungs if rung.state == RungState.WAITING), None)
    if escalation.status != Status.OPEN or following is None:
        return Ladder(lines, told, told_when=when)
    step = str(STAGES[following.stage])
    sentence = gettext("Next: %(step)s") % {"step": step[0].lower() + step[1:]}
    until, at = countdown(following.due_at, now=now), clock(following.due_at, zone)
    return Ladder(
        lines, told, next=f"{sentence}, {until}.", next_what=sentence,
        next_at=gettext("%(sentence)s at %(at)s.") % {"sentence": sentence, "at": at},
        next_due=following.due_at, next_in=age_words(now, now=following.due_at), told_when=when,
    )  # fmt: skip


def _told_when(rungs: list[Rung], people: Mapping[str, User]) -> tuple[tuple[str, str], ...]:
    """Who was told and when, counted from the alarm, each once and in order."""
    start = min((rung.due_at for rung in rungs), default=None)
    found: dict[str, str] = {}
    for rung in rungs:
        if rung.at is None or start is None:
            continue
        names = [gettext("everyone in the portal")] if rung.n == 0 else []
        for name in names + [people[one].name for one in rung.told if one in people]:
            found.setdefault(name, age_words(start, now=rung.at))
    return tuple(found.items())


def _told(rungs: Iterable[Rung], people: Mapping[str, User]) -> str:
    """Who has been told, each once, in the order of the ladder: "everyone in the portal, Bob Lee"."""
    names = [gettext("everyone in the portal")] if any(rung.n == 0 for rung in rungs) else []
    names += [people[one].name for rung in rungs for one in rung.told if one in people]
    return ", ".join(dict.fromkeys(names))


def _line(rung: Rung, people: Mapping[str, User], sent: list[Delivery], now: datetime, zone: tzinfo) -> Line:
    state, tone = STATES[rung.state]
    when = clock(rung.at, zone) if rung.at else countdown(rung.due_at, now=now)
    told = tuple(
        _person(people[one], [delivery for delivery in sent if str(delivery.person) == one])
        for one in rung.told
        if one in people
    )
    left = tuple(
        Person(name=people[who].name if who in people else "", messages=(), why_not=WHY.get(why, why))
        for who, why in rung.left_out
    )
    return Line(STAGES.get(rung.stage, rung.stage), state, tone, when if rung.state != "stopped" else "", told + left)


def _person(user: User, deliveries: list[Delivery]) -> Person:
    outside = [one for one in deliveries if one.channel in CHANNELS]
    shown = [(gettext("in the portal"), "info")] if any(one.channel == "inbox" for one in deliveries) else []
    messages = (*shown, *(_message(one) for one in outside)) or ((gettext("on its way"), "info"),)
    failed = all(tone == "bad" for _, tone in messages)
    dial = user.phone if failed else ""
    return Person(user.name, messages, dial=dial, dial_shown=readable(dial) if dial else "")


def _message(delivery: Delivery) -> tuple[str, str]:
    words, tone = AT_THE_PROVIDER.get(delivery.provider_status, ARRIVED[delivery.state])
    code = delivery.provider_error or (delivery.last_error_code if tone == "bad" else "")
    if delivery.state == "cancelled" and delivery.last_error_code != "withdrawn":
        words, tone, code = gettext("could not be sent"), "bad", delivery.last_error_code
    code = WHY_NOT_SENT.get(code, code)
    return f"{CHANNELS[delivery.channel]} {words}" + (f" ({code})" if code else ""), tone
