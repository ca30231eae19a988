"""The calls behind one bar of a chart: the same rows as were counted for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate

from analytics.fate import CONTAINED, FATE
from analytics.spans import Span
from calls.handover.models import Handover
from calls.models import Call, CallQuerySet, Outcome, ProviderCall, Status, Turn
from escalations.models import Escalation
from tasks.models import Promise, Task
from tasks.models import Status as Work

MEASURED = {"webhook": "webhook", "model": "model", "speech": "speech"}
"""Stages that a turn keeps the milliseconds of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One bar: `of` names its chart, `key` the bar. `span` are the days, `now` the moment of the question."""

    of: str
    key: str
    span: Span
    now: datetime


def real_calls(span: Span) -> CallQuerySet:
    """The calls that began in a span and are counted: no tests."""
    return Call.objects.real().filter(started_at__gte=span.since, started_at__lt=span.until)


def calls(asked: Asked) -> CallQuerySet:
    """The calls behind a bar, newest first. Raise KeyError for a chart that has none, ValueError for no such bar."""
    return BEHIND[asked.of](asked).newest_first()


def with_fate(found: CallQuerySet, now: datetime) -> CallQuerySet:
    """With `fate`, as `analytics.fate` tells it."""
    return found.annotate(fate=RawSQL(FATE.replace("%(now)s", "%s"), [now], output_field=CharField()))  # noqa: S611 (our own text)


def _of_hour(asked: Asked) -> CallQuerySet:
    return _with_hour(asked).filter(hour=int(asked.key))


def _of_weekday(asked: Asked) -> CallQuerySet:
    found = real_calls(asked.span).annotate(weekday=ExtractIsoWeekDay("started_at", tzinfo=asked.span.zone))
    return found.filter(weekday=int(asked.key) + 1)


def _of_week(asked: Asked) -> CallQuerySet:
    weekday, hour = map(int, asked.key.split("-"))
    found = _with_hour(asked).annotate(weekday=ExtractIsoWeekDay("started_at", tzinfo=asked.span.zone))
    return found.filter(weekday=weekday + 1, hour=hour)


def _with_hour(asked: Asked) -> CallQuerySet:
    return real_calls(asked.span).annotate(hour=ExtractHour("started_at", tzinfo=asked.span.zone))


def _of_day(asked: Asked) -> CallQuerySet:
    found = real_calls(asked.span).annotate(day=TruncDate("started_at", tzinfo=asked.span.zone))
    return found.filter(day=date.fromisoformat(asked.key))


def _by(field: str) -> Callable[[Asked], CallQuerySet]:
    return lambda asked: real_calls(asked.span).filter(**{field: asked.key})


def _asked_again(asked: Asked) -> CallQuerySet:
    return real_calls(asked.span).filter(status=Status.COMPLETED, reprompts=int(asked.key))


def _with_unread(asked: Asked) -> CallQuerySet:
    made = Task.objects.filter(
        test=False, created_at__gte=asked.span.since, created_at__lt=asked.span.until, unread__contains=[asked.key]
    )
    return _that_led_to(made)


def _due(asked: Asked) -> CallQuerySet:
    due = Task.objects.filter(
        test=False, kind=asked.key, due_at__gte=asked.span.since, due_at__lt=min(asked.span.until, asked.now)
    )
    return _that_led_to(due.exclude(status=Work.CANCELLED))


def _promised(asked: Asked) -> CallQuerySet:
    due = Promise.objects.counted().filter(
        Q(withdrawn_at=None) | ~Q(kept_at=None),
        name=asked.key,
        due_at__gte=asked.span.since,
        due_at__lt=min(asked.span.until, asked.now),
    )
    return Call.objects.filter(Exists(due.filter(task__call_id=OuterRef("pk"))))


def _that_led_to(tasks: object) -> CallQuerySet:
    return Call.objects.filter(Exists(tasks.filter(call_id=OuterRef("pk"))))  # type: ignore[attr-defined]


def _escalated(asked: Asked) -> CallQuerySet:
    raised = Escalation.objects.filter(
        test=False, reason=asked.key, raised_at__gte=asked.span.since, raised_at__lt=asked.span.until
    )
    return Call.objects.filter(Exists(raised.filter(call_id=OuterRef("pk"))))


def _handed(asked: Asked) -> CallQuerySet:
    steps = {
        "over": Handover.objects.real().over(),
        "answered": Handover.objects.real().over().answered(),
        "held": Handover.objects.real().over().held(),
        "again": Handover.objects.real().over().answered().with_rang_again().filter(rang_again=True),
    }
    return real_calls(asked.span).filter(Exists(steps[asked.key].filter(call=OuterRef("pk"))))


def _failed(asked: Asked) -> CallQuerySet:
    capability, _, trouble = asked.key.partition(" ")
    failed = ProviderCall.objects.filter(
        capability=capability, trouble=trouble, at__gte=asked.span.since, at__lt=asked.span.until
    ).exclude(trouble="")
    return Call.objects.real().filter(Exists(failed.filter(call_id=OuterRef("pk"))))


def _of_fate(asked: Asked) -> CallQuerySet:
    over = real_calls(asked.span).filter(status=Status.COMPLETED).exclude(outcome=Outcome.NOTHING)
    return with_fate(over, asked.now).filter(fate__in=CONTAINED if asked.key == "contained" else [asked.key])


def _slow(asked: Asked) -> CallQuerySet:
    """Calls with an answer that waited so many milliseconds or more for one stage."""
    stage, _, least = asked.key.partition(" ")
    waited = Turn.objects.filter(n__gt=0, **{f"stages__{MEASURED[stage]}__gte": int(least)})
    return real_calls(asked.span).filter(Exists(waited.filter(call=OuterRef("pk"))))


BEHIND: Mapping[str, Callable[[Asked], CallQuerySet]] = MappingProxyType(
    {
        "all": lambda asked: real_calls(asked.span),
        "hourly": _of_hour,
        "week": _of_week,
        "weekday": _of_weekday,
        "day": _of_day,
        "intents": _by("intent"),
        "languages": _by("language"),
        "outcomes": _by("outcome"),
        "levels": _by("level"),
        "resolution": _of_fate,
        "reprompts": _asked_again,
        "unread": _with_unread,
        "completion": _due,
        "promises": _promised,
        "escalations": _escalated,
        "handovers": _handed,
        "stages": _slow,
        "errors": _failed,
    }
)

OPENLY = frozenset({"all", "hourly", "week", "weekday", "day"})
"""Bars whose calls say nothing but when they were: only these list a sensitive call, without what it was about."""
