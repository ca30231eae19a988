"""The handovers of a call as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from calls.handover import policy
from calls.handover.models import Handover
from calls.models import Call
from calls.transcripts.lines import clock
from clinics.words import gettext, gettext_noop

THE_LINE, NOT_KNOWN = gettext_noop("the clinic's line"), gettext_noop("Not known")


@dataclass(frozen=True, slots=True)
class Row:
    """One step: when, what, who was asked and why it came to nothing."""

    at: datetime
    what: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One handover: what it came to, its proof, and its steps."""

    sentence: str
    tone: str
    proof: tuple[tuple[str, str], ...]
    steps: tuple[Row, ...]


def handovers_of(call: Call) -> list[Shown]:
    """Every attempt to hand the call to a person, the first one first."""
    found = (
        Handover.objects.filter(call=call)
        .with_rang_again()
        .select_related("person")
        .prefetch_related("steps__leg__person")
    )
    return [Shown(*_outcome(one), tuple(_proof(one)), tuple(_steps(one))) for one in found]


def _outcome(one: Handover) -> tuple[str, str]:
    if one.talk_seconds is not None:
        held = one.talk_seconds >= policy.HELD_SECONDS
        return (gettext("It held"), "good") if held else (gettext("Answered, and over soon"), "warn")
    if one.state == policy.RETURNED:
        return gettext("Nobody took it: the assistant went on"), "bad"
    if one.state == policy.ENDED:
        return gettext("The caller left before anybody took it"), "bad"
    return gettext(policy.STATES[one.state]), "info"


def _proof(one: Handover) -> Iterator[tuple[str, str]]:
    if one.bridged_at is not None:
        yield gettext("Answered by"), one.person.name if one.person else gettext(THE_LINE)
    if one.talk_seconds is not None:
        yield gettext("Spoke for"), clock(one.talk_seconds)
        yield gettext("Ended by"), gettext(one.get_ended_by_display() or NOT_KNOWN)
        yield gettext("Rang again within 2 hours"), gettext("yes") if one.rang_again else gettext("no")


def _steps(one: Handover) -> Iterator[Row]:
    for step in one.steps.all():
        person = step.leg.person if step.leg else None
        who = (person.name if person else gettext(THE_LINE)) if step.leg else ""
        yield Row(step.at, gettext(policy.STATES[step.state]), who, step.why.replace("_", " "))
