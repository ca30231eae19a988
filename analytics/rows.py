"""One row per call, with all that the figures are made of and no word, name or number of a patient.

Of a sensitive call that is closed to who asks there is only its id and when it began: what it was about is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q

from analytics.behind import with_fate
from calls.handover import policy
from calls.models import Call, CallQuerySet, Handover, ProviderCall, Review, Turn
from clinics.people.models import User
from escalations.models import Escalation
from tasks.models import Promise, Status, Task


@dataclass(frozen=True, slots=True)
class Row:
    """One call. Lists hold codes, joined by blanks; None and "" are what is not known or withheld."""

    id: UUID
    started_at: str
    closed: bool = False
    status: str = ""
    language: str = ""
    intent: str = ""
    outcome: str = ""
    end_reason: str = ""
    duration_sec: int | None = None
    level: str = ""
    turns: int | None = None
    slowest_answer_ms: int | None = None
    reprompts: int | None = None
    unread: str = ""
    fate: str = ""
    tasks: str = ""
    promises: str = ""
    escalations: str = ""
    seconds_to_acknowledge: str = ""
    handover: str = ""
    provider_errors: int | None = None
    review: str = ""
    policy_version: int | None = None

    def values(self) -> dict[str, Any]:
        return asdict(self)


COLUMNS = tuple(Row.__dataclass_fields__)


def rows(found: CallQuerySet, *, person: User, now: datetime, zone: tzinfo) -> list[Row]:
    """The rows of some calls, in their order."""
    calls = list(with_fate(found.listed_for(person), now))
    return made_of(calls, now, zone)


def in_batches(found: CallQuerySet, *, person: User, now: datetime, zone: tzinfo, size: int = 1000) -> Iterator[Row]:
    """The same for any number of calls, so many at a time; `found` is newest first."""
    last: Call | None = None
    while True:
        some = found.older_than(last) if last else found
        calls = list(with_fate(some.listed_for(person), now)[:size])
        yield from made_of(calls, now, zone)
        if len(calls) < size:
            return
        last = calls[-1]


def made_of(calls: Sequence[Call], now: datetime, zone: tzinfo) -> list[Row]:
    """The same of calls that are fetched already, `with_fate`."""
    ids = [call.id for call in calls]
    turns = {
        call: (number, slowest)
        for call, number, slowest in Turn.objects.filter(call_id__in=ids, n__gt=0)
        .order_by()
        .values_list("call_id")
        .annotate(Count("id"), Max("took_ms"))
    }
    failed = dict(
        ProviderCall.objects.filter(call_id__in=ids)
        .exclude(trouble="")
        .order_by()
        .values_list("call_id")
        .annotate(Count("id"))
    )
    work, unread = _work(ids, now)
    promised, raised, handed, reviews = _promises(ids, now), _raised(ids), _handed(ids), _reviews(ids)
    return [
        Row(call.id, call.started_at.astimezone(zone).isoformat(), closed=True)
        if call.veiled
        else Row(
            call.id,
            call.started_at.astimezone(zone).isoformat(),
            status=call.status,
            language=call.language,
            intent=call.intent,
            outcome=call.outcome,
            end_reason=call.end_reason,
            duration_sec=call.duration_sec,
            level=call.level,
            turns=turns.get(call.id, (0, None))[0],
            slowest_answer_ms=turns.get(call.id, (0, None))[1],
            reprompts=call.reprompts,
            unread=" ".join(sorted(unread[call.id])),
            fate=call.fate if call.status == "completed" and call.outcome != "nothing" else "",
            tasks=" ".join(work[call.id]),
            promises=" ".join(promised[call.id]),
            escalations=" ".join(reason for reason, _ in raised[call.id]),
            seconds_to_acknowledge=" ".join("none" if s is None else str(s) for _, s in raised[call.id]),
            handover=" ".join(handed[call.id]),
            provider_errors=failed.get(call.id, 0),
            review=reviews.get(call.id, ""),
            policy_version=call.policy_version,
        )
        for call in calls
    ]


def _became(*, due_at: datetime, done_at: datetime | None, now: datetime) -> str:
    if done_at is not None:
        return "in_time" if done_at <= due_at else "late"
    return "not_due" if due_at >= now else "open_late"


def _work(ids: Sequence[UUID], now: datetime) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    work: dict[UUID, list[str]] = defaultdict(list)
    unread: dict[UUID, list[str]] = defaultdict(list)
    found = Task.objects.filter(call_id__in=ids, test=False).order_by("request_number")
    for call, kind, status, due_at, done_at, fields in found.values_list(
        "call_id", "kind", "status", "due_at", "completed_at", "unread"
    ):
        done = done_at if status == Status.COMPLETED else None
        became = "cancelled" if status == Status.CANCELLED else _became(due_at=due_at, done_at=done, now=now)
        work[call].append(f"{kind}:{became}")
        unread[call] += fields
    return work, unread


def _promises(ids: Sequence[UUID], now: datetime) -> dict[UUID, list[str]]:
    promised: dict[UUID, list[str]] = defaultdict(list)
    counted = Promise.objects.counted().filter(Q(withdrawn_at=None) | ~Q(kept_at=None), task__call_id__in=ids)
    for call, name, due_at, kept_at in counted.values_list("task__call_id", "name", "due_at", "kept_at"):
        promised[call].append(f"{name}:{_became(due_at=due_at, done_at=kept_at, now=now)}")
    return promised


def _raised(ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int | None]]]:
    raised: dict[UUID, list[tuple[str, int | None]]] = defaultdict(list)
    found = Escalation.objects.filter(call_id__in=ids, test=False).order_by("raised_at")
    for call, reason, seconds in found.values_list("call_id", "reason", "seconds_to_acknowledge"):
        raised[call].append((reason, seconds))
    return raised


def _handed(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    handed: dict[UUID, list[str]] = defaultdict(list)
    found = Handover.objects.real().over().filter(call_id__in=ids).order_by("turn")
    for call, bridged_at, seconds in found.values_list("call_id", "bridged_at", "talk_seconds"):
        held = (seconds or 0) >= policy.HELD_SECONDS
        handed[call].append("held" if held else "answered" if bridged_at else "nobody")
    return handed


def _reviews(ids: Sequence[UUID]) -> dict[UUID, str]:
    return dict(Review.objects.standing().filter(call_id__in=ids).values_list("call_id", "verdict"))
