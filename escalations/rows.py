"""An escalation as the portal shows it: words instead of codes, and what this person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from clinics.people.models import User
from clinics.phones import readable
from clinics.tenancy import current_clinic
from escalations import policy
from escalations.models import Escalation, Level, Status, Step

PRIORITY_OF: dict[str, str] = {Level.EMERGENCY: "emergency", Level.URGENT: "high", Level.ATTENTION: "normal"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the timeline."""

    what: str
    by: str
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
    steps: tuple[StepLine, ...]
    acknowledge_refusal: str
    resolve_refusal: str

    @property
    def stamp(self) -> str:
        """Changes whenever the card looks different in more than its age."""
        return f"{self.escalation.status}-{self.escalation.opened}-{self.escalation.heard}"

    @property
    def open(self) -> bool:
        return self.escalation.status == Status.OPEN

    @property
    def acknowledged(self) -> bool:
        return self.escalation.status == Status.ACKNOWLEDGED

    @property
    def words(self) -> list[str]:
        return self.escalation.words.splitlines()


def zone_of_clinic() -> tzinfo:
    return ZoneInfo(current_clinic().timezone)


def row_of(escalation: Escalation, *, person: User, now: datetime, zone: tzinfo) -> Row:
    """One escalation in words, for one person at one moment."""
    number = readable(escalation.from_number) if escalation.from_number else ""
    return Row(
        escalation=escalation,
        caller=escalation.patient_name or number or "Number withheld",
        number=number,
        priority=PRIORITY_OF[escalation.level],
        age=policy.age_words(escalation.raised_at, now=now),
        raised=_when(escalation.raised_at, zone),
        handled=_handled(escalation, zone),
        steps=tuple(_step_line(step, zone) for step in escalation.steps.all()),
        acknowledge_refusal=policy.refusal("acknowledge", escalation, person),
        resolve_refusal=policy.refusal("resolve", escalation, person),
    )


def _step_line(step: Step, zone: tzinfo) -> StepLine:
    what = policy.STEPS.get(step.what, step.what)
    return StepLine(what, str(step.by or ""), step.at, _when(step.at, zone, "%H:%M:%S"))


def _when(at: datetime, zone: tzinfo, clock: str = "%H:%M") -> str:
    """A moment on the clinic's clock: "22 Nov 14:32". In Python, because templates would turn it into UTC."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b} {local:{clock}}"


def _handled(escalation: Escalation, zone: tzinfo) -> str:
    """Who has it and how fast, or how it ended."""
    if escalation.resolved_at:
        at = escalation.resolved_at.astimezone(zone)
        return f"{escalation.get_outcome_display()}: {escalation.resolved_by}, {at:%H:%M}"
    if escalation.acknowledged_at:
        at = escalation.acknowledged_at.astimezone(zone)
        took = policy.age_words(escalation.raised_at, now=escalation.acknowledged_at)
        return f"{escalation.acknowledged_by} has it since {at:%H:%M} (after {took})"
    return ""
