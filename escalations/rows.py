"""An escalation as the portal shows it: words instead of codes, and what this person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from clinics.people.models import User
from clinics.phones import readable
from escalations import policy
from escalations.models import Escalation, Level, Status, Step
from escalations.rungs import NONE, Ladder

PRIORITY_OF: dict[str, str] = {Level.EMERGENCY: "emergency", Level.URGENT: "high", Level.ATTENTION: "normal"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the timeline."""

    what: str
    by: str
    more: str
    at: datetime
    when: str


@dataclass(frozen=True, slots=True)
class Row:
    """Everything a card shows of one escalation."""

    escalation: Escalation
    caller: str
    number: str
    priority: str
    age: str
    raised: str
    handled: str
    took: str
    steps: tuple[StepLine, ...]
    ladder: Ladder
    acknowledge_refusal: str
    take_over_refusal: str
    resolve_refusal: str
    reopen_refusal: str

    @property
    def stamp(self) -> str:
        """Changes whenever the card looks different in more than its age."""
        one = self.escalation
        held = f"{one.status}-{one.opened}-{one.heard}-{one.handler_id or ''}-{one.unanswered_at is not None}"
        held += f"-{one.half}" + ("-veiled" if one.veiled else "")
        return held + "-" + "".join(line.state[0] for line in self.ladder.lines)

    @property
    def unanswered(self) -> bool:
        return self.open and self.escalation.unanswered_at is not None

    @property
    def open(self) -> bool:
        return self.escalation.status == Status.OPEN

    @property
    def acknowledged(self) -> bool:
        return self.escalation.status == Status.ACKNOWLEDGED

    @property
    def words(self) -> list[str]:
        return self.escalation.words.splitlines()


def row_of(escalation: Escalation, *, person: User, now: datetime, zone: tzinfo, ladder: Ladder = NONE) -> Row:
    """One escalation in words, for one person at one moment."""
    number = readable(escalation.from_number) if escalation.from_number else ""
    return Row(
        escalation=escalation,
        caller=gettext("Sensitive call")
        if escalation.veiled
        else escalation.patient_name or number or gettext("Number withheld"),
        number=number,
        priority=PRIORITY_OF[escalation.level],
        age=policy.age_words(escalation.raised_at, now=now),
        raised=_when(escalation.raised_at, zone),
        handled=_handled(escalation, zone),
        took=_took(escalation),
        steps=tuple(_step_line(step, zone, veiled=escalation.veiled) for step in escalation.steps.all()),
        ladder=ladder,
        acknowledge_refusal=policy.refusal("acknowledge", escalation, person),
        take_over_refusal=policy.refusal("take_over", escalation, person),
        resolve_refusal=policy.refusal("resolve", escalation, person),
        reopen_refusal=policy.reopen_refusal(escalation, person, now=now),
    )


def _step_line(step: Step, zone: tzinfo, *, veiled: bool) -> StepLine:
    what = gettext(policy.STEPS.get(step.what, step.what))
    more = f" {step.get_way_display()}" if step.way else ""
    if step.seconds is not None:
        more += gettext(", after %(time)s") % {"time": policy.took_words(step.seconds)}
    if step.reason and not veiled:
        more += f": {step.reason}"
    return StepLine(what, str(step.by or ""), more, step.at, _when(step.at, zone, "H:i:s"))


def _when(at: datetime, zone: tzinfo, clock: str = "H:i") -> str:
    """A moment on the clinic's clock: "22 Nov 14:32". In Python, because templates would turn it into UTC."""
    local = at.astimezone(zone)
    return date_format(local, f"j M {clock}")


def _handled(escalation: Escalation, zone: tzinfo) -> str:
    """Who has it and how fast, or how it ended."""
    if escalation.resolved_at:
        at = escalation.resolved_at.astimezone(zone)
        return f"{escalation.get_outcome_display()}: {escalation.resolved_by}, {at:%H:%M}"
    if escalation.acknowledged_at:
        at = escalation.acknowledged_at.astimezone(zone)
        if escalation.handler_id != escalation.acknowledged_by_id:
            return gettext("%(handler)s has it now, taken over from %(first)s") % {
                "handler": escalation.handler,
                "first": escalation.acknowledged_by,
            }
        return gettext("%(name)s has it since %(at)s") % {
            "name": escalation.acknowledged_by,
            "at": f"{at:%H:%M}",
        }
    return ""


def _took(escalation: Escalation) -> str:
    """How fast somebody had it, and how they said so."""
    if escalation.seconds_to_acknowledge is None:
        return ""
    way = f" {escalation.get_acknowledged_way_display()}" if escalation.acknowledged_way else ""
    return gettext("Acknowledged%(way)s after %(time)s") % {
        "way": way,
        "time": policy.took_words(escalation.seconds_to_acknowledge),
    }
