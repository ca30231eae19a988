"""Every deed of a handover. Each locks the handover, moves it as `policy.MOVES` allows, and writes the step down.

News of the network comes late, doubled and in any order: what no longer fits is left out. Nothing here asks the
network; what has to be asked is returned and is asked after the commit (`ringing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from calls.handover import policy
from calls.handover.models import Handover, HandoverLeg, HandoverStep
from clinics.people.models import User
from clinics.practice import policies, rota
from clinics.practice.shifts import read_rota
from notifications.events import announce

IN_WORDS = {"busy": "busy", "failed": "failed", "no-answer": "no_answer", "canceled": "cancelled"}


@dataclass(frozen=True, slots=True)
class ToRing:
    """A telephone to ring now. `number` is E.164."""

    leg_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Back:
    """The caller of a handover that failed: the network's id of the call, and the turn that said it connects."""

    sid: str
    call_id: UUID
    turn: int


def ask(*, call_id: UUID, turn: int, language: str, about: str, test: bool) -> None:
    """Ask for a person, in the transaction of the turn that says so."""
    handover = Handover.objects.create(call_id=call_id, turn=turn, language=language, about=about, test=test)
    HandoverStep.objects.create(handover=handover, n=1, state=policy.REQUESTED)


# --- Ringing ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def next_to_ring(*, handover_id: UUID) -> ToRing | None:
    """Take the next telephone to ring; None when somebody is being asked, or nobody is left (`gave_up_at`)."""
    handover = _locked(pk=handover_id)
    now = timezone.now()
    _let_go_of_lost(handover, now)
    if handover.state not in policy.MAY_RING or handover.gave_up_at is not None:
        return None
    late = now - handover.requested_at > timedelta(seconds=policy.WAIT_SECONDS)
    found = None if late or handover.test else _next_of(handover, now)
    if found is None:
        handover.gave_up_at = now
        handover.save(update_fields=["gave_up_at"])
        return None
    person, number = found
    leg = HandoverLeg.objects.create(handover=handover, n=handover.legs.count() + 1, person_id=person)
    _move(handover, policy.RINGING, leg=leg)
    return ToRing(leg.id, number)


def _next_of(handover: Handover, now: datetime) -> tuple[UUID | None, str] | None:
    """The next person on shift who was not rung yet, then the clinic's own line."""
    rung = set(handover.legs.values_list("person", flat=True))
    in_force = policies.policy(handover.call.policy_version)
    places = rota.on_call(read_rota(), in_force.local(now))
    place_of = {person: n for n, people in reversed(list(enumerate(places, start=1))) for person in people}
    people = {one.id: one for one in User.objects.active().filter(pk__in=place_of).exclude(phone="")}
    order = policy.ring_order(
        [policy.Candidate(one.id, place_of[one.id], one.role, one.name, one.speaks) for one in people.values()],
        language=handover.language,
    )
    for person in order:
        if person not in rung:
            return person, people[person].phone
    return None if None in rung else (None, in_force.clinic_line)


def _let_go_of_lost(handover: Handover, now: datetime) -> None:
    last = handover.steps.last()
    if last is not None and policy.is_lost(state=handover.state, since=last.at, now=now):
        _not_reached(handover, _live_leg(handover), why="no_news")


@transaction.atomic
def note_rung(*, leg_id: UUID, sid: str) -> None:
    """Keep the network's id of the call to a telephone."""
    HandoverLeg.objects.filter(pk=leg_id, sid="").update(sid=sid)


@transaction.atomic
def note_not_reached(*, leg_id: UUID, why: str) -> UUID | None:
    """A telephone could not be rung, or the call to it is over; returns the handover if somebody else is to be rung."""
    leg = HandoverLeg.objects.select_related("handover").get(pk=leg_id)
    handover = _locked(pk=leg.handover_id)
    if _live_leg(handover) != leg:
        return None
    if handover.state == policy.BRIDGED:
        _end(handover, by=policy.STAFF)
        return None
    _not_reached(handover, leg, why=IN_WORDS.get(why, why))
    return handover.id


def _not_reached(handover: Handover, leg: HandoverLeg | None, *, why: str) -> None:
    _move(handover, policy.NO_ANSWER, leg=leg, why=why)
    if leg is not None:
        HandoverLeg.objects.filter(pk=leg.pk).update(over_at=timezone.now())


# --- The person who picks up -----------------------------------------------------------------------------------------
@transaction.atomic
def brief(*, leg_id: UUID, sid: str) -> Handover | None:
    """Somebody has picked up; None when the caller no longer waits for them."""
    leg = HandoverLeg.objects.get(pk=leg_id)
    handover = _locked(pk=leg.handover_id)
    if _live_leg(handover) != leg or handover.state not in policy.ASKING:
        return None
    HandoverLeg.objects.filter(pk=leg.pk).update(sid=sid)
    if handover.state == policy.RINGING:
        _move(handover, policy.BRIEFING, leg=leg)
    return handover


@transaction.atomic
def answer(*, leg_id: UUID, takes: bool) -> Handover | None:
    """The person has pressed a key; returns the handover that is theirs now, None when it is not."""
    leg = HandoverLeg.objects.get(pk=leg_id)
    handover = _locked(pk=leg.handover_id)
    if handover.state == policy.ACCEPTED and _live_leg(handover) == leg and takes:
        return handover  # the same key, told twice
    if handover.state != policy.BRIEFING or _live_leg(handover) != leg:
        return None
    if not takes:
        _move(handover, policy.DECLINED, leg=leg)
        HandoverLeg.objects.filter(pk=leg.pk).update(over_at=timezone.now())
        return None
    handover.person_id, handover.accepted_at = leg.person_id, timezone.now()
    handover.save(update_fields=["person", "accepted_at"])
    _move(handover, policy.ACCEPTED, leg=leg)
    return handover


# --- The conference --------------------------------------------------------------------------------------------------
@transaction.atomic
def note_joined(*, call_id: UUID, turn: int, sid: str) -> None:
    """Somebody has come into the conference. When it is the person who pressed 1, they speak with the caller now."""
    handover = _locked(call=call_id, turn=turn)
    leg = _live_leg(handover)
    if handover.state == policy.ACCEPTED and leg is not None and leg.sid == sid:
        handover.bridged_at = timezone.now()
        handover.save(update_fields=["bridged_at"])
        _move(handover, policy.BRIDGED, leg=leg)


@transaction.atomic
def note_left(*, call_id: UUID, turn: int, sid: str) -> list[str]:
    """Somebody has left; whoever leaves first has ended it. Returns the network's ids of calls to hang up."""
    handover = _locked(call=call_id, turn=turn)
    by_caller = sid == handover.call.sid
    if handover.state in policy.OVER:
        return []
    if handover.state == policy.BRIDGED:
        _end(handover, by=policy.CALLER if by_caller else policy.STAFF)
        return []
    return _end(handover, by=policy.CALLER) if by_caller else []


@transaction.atomic
def note_conference_over(*, call_id: UUID, turn: int, ended_by_sid: str) -> list[str]:
    """The conference is over; where nobody was seen leaving, the network says whose leaving ended it."""
    handover = _locked(call=call_id, turn=turn)
    by = policy.CALLER if ended_by_sid == handover.call.sid else policy.STAFF if ended_by_sid else policy.NETWORK
    if handover.state == policy.BRIDGED:
        return _end(handover, by=by)
    if handover.bridged_at is not None and ended_by_sid:
        handover.ended_by = by  # the network knows it better than the order in which its news arrived
        handover.save(update_fields=["ended_by"])
    return []


@transaction.atomic
def come_back(*, call_id: UUID, turn: int, hung_up: bool) -> tuple[bool, list[str]]:
    """The caller is out of the conference, with us again or gone: whether they have spoken with a person, and the
    calls to hang up."""
    handover = _locked(call=call_id, turn=turn)
    now = timezone.now()
    spoke = policy.spoke(
        state=handover.state, bridged=handover.bridged_at is not None, accepted_at=handover.accepted_at, now=now
    )
    if handover.state in policy.OVER:
        return spoke, []
    if spoke or hung_up:
        return spoke, _end(handover, by=policy.CALLER if hung_up else policy.STAFF)
    return False, _close(handover, policy.RETURNED)


def to_bring_back(*, handover_id: UUID) -> Back | None:
    """The caller who waits for nobody any more; None while somebody may still come, and once they are back."""
    handover = Handover.objects.select_related("call").get(pk=handover_id)
    if handover.gave_up_at is None or handover.state in policy.OVER:
        return None
    return Back(handover.call.sid, handover.call_id, handover.turn)


# --- What all of it stands on ----------------------------------------------------------------------------------------
def _locked(**which: object) -> Handover:
    return Handover.objects.select_for_update(of=("self",)).select_related("call").get(**which)


def _live_leg(handover: Handover) -> HandoverLeg | None:
    return handover.legs.filter(over_at=None).first()


def _move(handover: Handover, state: str, *, leg: HandoverLeg | None = None, why: str = "") -> None:
    if state not in policy.MOVES[handover.state]:
        raise ValueError(f"A handover does not go from {handover.state} to {state}.")
    handover.state = state
    handover.save(update_fields=["state", *(["ended_at"] if state in policy.OVER else [])])
    n = (handover.steps.aggregate(last=Max("n"))["last"] or 0) + 1
    HandoverStep.objects.create(handover=handover, n=n, state=state, leg=leg, why=why[:40])


def _end(handover: Handover, *, by: str) -> list[str]:
    """It is over: who ended it, how long they spoke, and whether such lengths come too often."""
    handover.ended_by = by
    if handover.bridged_at is not None:
        handover.talk_seconds = round((timezone.now() - handover.bridged_at).total_seconds())
    handover.save(update_fields=["ended_by", "talk_seconds"])
    left = _close(handover, policy.ENDED)
    if handover.talk_seconds is not None and not handover.test:
        _look_for_cut_offs(handover)
    return left


def _close(handover: Handover, state: str) -> list[str]:
    leg = _live_leg(handover)
    handover.ended_at = timezone.now()
    _move(handover, state, leg=leg)
    handover.legs.filter(over_at=None).update(over_at=handover.ended_at)
    return [leg.sid] if leg is not None and leg.sid else []


def _look_for_cut_offs(handover: Handover) -> None:
    """Tell the admins and the operators, once an hour, when conversations end after the same time."""
    newest = Handover.objects.real().exclude(talk_seconds=None).order_by("-ended_at")[: policy.LOOKED_AT]
    if policy.cut_off_at(list(newest.values_list("talk_seconds", flat=True))) is None:
        return
    announce(
        kind="handover.cut_off",
        about=handover.id,
        path=f"/calls/{handover.call_id}/",
        key=f"handover.cut_off:{handover.ended_at:%Y-%m-%d-%H}",
    )
