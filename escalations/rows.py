"""An escalation as the portal shows it: words instead of codes, and what this person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from clinics.people.models import User
from clinics.phones import readable
from clinics.tenancy import current_clinic
from escalations import policy
from escalations.models import Escalation, Level, Status

PRIORITY_OF: dict[str, str] = {Level.EMERGENCY: "emergency", Level.URGENT: "high", Level.ATTENTION: "normal"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the timeline."""

    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """Everything a card shows of one escalation; times are in the clinic's zone."""

    escalation: Escalation
    caller: str
    number: str
    priority: str
    age: str
    raised_at: datetime
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
        raised_at=escalation.raised_at.astimezone(zone),
        handled=_handled(escalation, zone),
        steps=tuple(
            StepLine(policy.STEPS.get(step.what, step.what), str(step.by or ""), step.at.astimezone(zone))
            for step in escalation.steps.all()
        ),
        acknowledge_refusal=policy.refusal("acknowledge", escalation, person),
        resolve_refusal=policy.refusal("resolve", escalation, person),
    )


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
