"""What the storm left: counted in PostgreSQL and at the network's socket, and held against the promises."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from clinics.models import Clinic
from clinics.tenancy import inside
from notifications.models import Delivery, Event, Notification
from tasks.models import Task
from tests.far_ends.twilio_rest import TwilioRest
from tests.storm.clinic import Made
from tests.storm.people import LIMIT_SECONDS, Answers

LINK = re.compile(r"/(tasks|escalations)/([0-9a-f-]{36})/")
OPEN = ("pending", "leased", "sending", "unknown")


@dataclass(frozen=True)
class Line:
    """One promise with what was found; `kept` None: a figure without a promise."""

    promise: str
    found: str
    kept: bool | None = None


def open_deliveries() -> int:
    """How much is not at its end yet: events that were not planned, deliveries that were not settled."""
    waiting = Event.objects.filter(state="pending").count()
    return waiting + Delivery.objects.filter(state__in=OPEN).count()


def judge(
    clinic: Clinic, made: Made, network: TwilioRest, answers: Answers, *, settled_after: float | None
) -> list[Line]:
    """Every promise with its verdict."""
    with inside(clinic):
        records = set(Task.objects.values_list("id", flat=True))
    events = set(Event.objects.filter(kind="task.completed").values_list("about", flat=True))
    committed = set(made.told)
    texts = _texts(network)
    told = {about for about in committed if texts["tasks", about]}
    late = Delivery.objects.filter(tries__resent_after_unknown=True).distinct().count()
    twice = sum(count - 1 for (page, about), count in texts.items() if page == "tasks" and count > 1)
    lines = Counter(Notification.objects.filter(kind="task.completed").values_list("event__about", "person"))
    return [
        Line("T1 records without their event", str(len(records - events)), not records - events),
        Line("T1 events without their record", str(len(events - records)), not events - records),
        Line("T1 failed requests that left something", *_none(made.spoiled & (records | events))),
        Line("T2 committed and never texted", *_none(committed - told)),
        Line("T2 urgent and never texted", *_none({one for one in made.urgent if not texts["escalations", one]})),
        Line("T3 texts accepted twice (not urgent)", f"{twice}, {late} sent again after unknown", twice <= late),
        Line("T3 in the portal not exactly once", *_none(_not_once(lines, made))),
        Line("all at its end within 5 minutes of the last fault", _seconds(settled_after), _within(settled_after, 300)),
        *_lags(),
        Line("T4 answers with 5xx that were Redis' fault", str(answers.errors), answers.errors == 0),
        Line("T4b slowest answer with a frozen Redis", *_slowest(answers.while_frozen)),
        Line("slowest answer at all", _seconds(max(answers.seconds, default=None))),
        Line("turns answered", str(len(answers.seconds))),
    ]


def _none(found: set[UUID]) -> tuple[str, bool]:
    return str(len(found)), not found


def _texts(network: TwilioRest) -> Counter[tuple[str, UUID]]:
    """How often the network accepted the text about each page."""
    found: Counter[tuple[str, UUID]] = Counter()
    for item in network.sent():
        link = LINK.search(item.form["Body"])
        if link:
            found[link[1], UUID(link[2])] += 1
    return found


def _not_once(lines: Counter[tuple[UUID, UUID]], made: Made) -> set[UUID]:
    """Announcements whose line in the inbox is missing, or is there twice."""
    twice = {about for (about, _), count in lines.items() if count != 1}
    return twice | {about for about, doctor in made.told.items() if lines[about, doctor] != 1}


_LAG = """
SELECT e.lane, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.done_at - e.created_at)),
       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM d.done_at - e.created_at))
FROM public.notifications_delivery d JOIN public.notifications_event e ON e.id = d.event_id
WHERE d.state = 'sent' AND d.channel = ANY(%s) GROUP BY e.lane ORDER BY e.lane"""


def _lags() -> list[Line]:
    lines = []
    with connection.cursor() as cursor:
        for name, channels in (("in the portal", ["inbox"]), ("texts", ["sms"])):
            cursor.execute(_LAG, [channels])
            for lane, middle, late in cursor.fetchall():
                kept = late < 60 if name == "in the portal" or lane == 0 else None
                lines.append(Line(f"lag {name}, lane {lane}", f"p50 {middle:.1f} s, p99 {late:.1f} s", kept))
    return lines


def _slowest(seconds: list[float]) -> tuple[str, bool]:
    """Not kept where nobody called: a promise that was not tried is not proved."""
    worst = max(seconds, default=0.0)
    return f"{worst:.2f} s of {len(seconds)}", bool(seconds) and worst <= LIMIT_SECONDS


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _within(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit
