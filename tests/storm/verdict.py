"""What the storm left: counted in PostgreSQL and at the network's socket, and held against the promises."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from django.db import connection

from calls.dialogue.wording import speak
from calls.models import Call
from clinics.models import Clinic
from clinics.tenancy import inside
from notifications.kinds import Lane
from notifications.models import Attempt, Delivery, Event, Notification, Replay
from notifications.statuses import RANKS
from tasks.models import Task
from tests.far_ends.twilio_rest import TwilioRest
from tests.storm.clinic import Made
from tests.storm.people import FROZEN_SECONDS, LIMIT_SECONDS, Answers, Reports, Told

LINK = re.compile(r"/(tasks|escalations)/([0-9a-f-]{36})/")
MOST_TRIES = 8
LEAST_GAP = 4.0
"""Seconds: the first step of the backoff, a fifth shorter."""

LONGEST_LAG = 60.0
ENOUGH = 1000
"""Of fewer texts that are not urgent the p99 is the worst few, and no promise."""

NEXT = speak("ask.patient_name", "en").text
"""What is asked when both sentences of a call are known."""

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


def dead_letters() -> int:
    return Delivery.objects.filter(state="dead").count()


def replayed_letters() -> int:
    return sum(Replay.objects.values_list("deliveries", flat=True))


def judge(
    clinic: Clinic,
    made: Made,
    network: TwilioRest,
    answers: Answers,
    reports: Reports,
    replayed: tuple[int, int, int],
    *,
    settled_after: float | None,
) -> list[Line]:
    """Every promise with its verdict."""
    with inside(clinic):
        # A call that broke off leaves a task too, and nobody announces that one here.
        records = set(Task.objects.exclude(call_id__in=Call.objects.values("id")).values_list("id", flat=True))
    events = set(Event.objects.filter(kind="task.completed").values_list("about", flat=True))
    committed = set(made.told)
    texts = _texts(network)
    told = {about for about in committed if texts["tasks", about]}
    late = Delivery.objects.filter(tries__resent_after_unknown=True).distinct().count()
    twice = sum(count - 1 for (page, about), count in texts.items() if page == "tasks" and count > 1)
    lost = len(committed - told) + len({one for one in made.urgent if not texts["escalations", one]})
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
        *_tries(network),
        Line("T7 dead letters, replayed by two at once", *_replays(replayed)),
        Line(
            "T9 flips of the switch, nothing lost or doubled",
            str(made.flips),
            made.flips > 1 and not lost and twice <= late,
        ),
        Line("T10 reports in any order: texts that show less", *_reported(reports)),
        Line("T11 answers that lost their call with Redis", *_kept_calls(answers.told, flushed=True)),
        Line("T4 other answers that did not go on with the call", *_kept_calls(answers.told, flushed=False)),
        Line("T4b slowest answer with a frozen Redis", *slowest(answers.while_frozen, answers.while_well)),
        Line("slowest answer with a Redis that answers", _seconds(max(answers.while_well, default=None))),
        Line("turns answered", str(len(answers.while_frozen) + len(answers.while_well))),
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


def _tries(network: TwilioRest) -> list[Line]:
    """T5, at the socket: how often one text was tried, and how soon after the try before."""
    tried: dict[tuple[str, str], list[float]] = {}
    for post in network.posts:
        tried.setdefault((post.form["To"], post.form["Body"]), []).append(post.at)
    most = max((len(times) for times in tried.values()), default=0)
    gaps = [later - at for times in tried.values() for at, later in pairwise(sorted(times))]
    return [
        Line("T5 most tries of one text", str(most), most <= MOST_TRIES),
        Line(
            "T5 shortest time between two tries", _seconds(min(gaps, default=None)), min(gaps, default=0.0) >= LEAST_GAP
        ),
    ]


def _replays(replayed: tuple[int, int, int]) -> tuple[str, bool]:
    """Each once, whoever brought it back; what is left over was refused once more, or has expired."""
    dead, back, left = replayed
    return f"{dead} dead, {back} brought back, {left} left", dead > 0 and back == dead and left == 0


def _reported(reports: Reports) -> tuple[str, bool]:
    """How many texts show less than the furthest stage that the web process took."""
    kept = dict(Attempt.objects.exclude(provider_id="").values_list("provider_id", "provider_status"))
    heard = dict(reports.heard)
    less = [sid for sid, stage in heard.items() if RANKS[kept.get(sid, "")] < RANKS[stage]]
    return f"{len(less)} of {len(heard)}", bool(heard) and not less


def lost_calls(told: list[Told], *, flushed: bool) -> list[str]:
    """What was heard in the calls, those of which Redis was emptied on the way or the others, that were not gone on
    with: only who knows what was asked for in the first sentence can ask what comes next after the second."""
    return [one.heard for one in told if one.flushed == flushed and NEXT not in one.heard]


def _kept_calls(told: list[Told], *, flushed: bool) -> tuple[str, bool]:
    """Of no calls it is not kept: a promise that was not tried is not proved."""
    tried, lost = sum(one.flushed == flushed for one in told), lost_calls(told, flushed=flushed)
    return f"{len(lost)} of {tried}", bool(tried) and not lost


# A text that waited for the end of an unknown one, its own or another to the same number, waits two minutes by rule.
_LAG = """
SELECT e.lane, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.done_at - e.created_at)),
       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM d.done_at - e.created_at)),
       count(*)
FROM public.notifications_delivery d JOIN public.notifications_event e ON e.id = d.event_id
WHERE d.state = 'sent' AND d.channel = ANY(%s)
  AND NOT EXISTS (SELECT FROM public.notifications_attempt a WHERE a.delivery_id = d.id
                  AND a.outcome IN ('unknown', 'lost', 'reported', 'found', 'held', 'replayed'))
GROUP BY e.lane ORDER BY e.lane"""


def _lags() -> list[Line]:
    lines = []
    with connection.cursor() as cursor:
        for name, channels in (("in the portal", ["inbox"]), ("texts that waited for no unknown", ["sms"])):
            cursor.execute(_LAG, [channels])
            for lane, middle, late, count in cursor.fetchall():
                found = f"p50 {middle:.1f} s, p99 {late:.1f} s of {count}"
                judged = count >= ENOUGH or channels == ["inbox"] or lane == Lane.URGENT
                lines.append(
                    Line(f"lag {name}, {Lane(lane).name.lower()}", found, late < LONGEST_LAG if judged else None)
                )
    return lines


def slowest(frozen: list[float], well: list[float]) -> tuple[str, bool]:
    """Held against the slowest answer of the same storm while Redis was well: on a machine that is busy with all else
    every answer is late. Not kept where nobody called: a promise that was not tried is not proved."""
    worst, usual = max(frozen, default=0.0), max(well, default=0.0)
    return f"{worst:.2f} s of {len(frozen)}", bool(frozen) and worst <= max(LIMIT_SECONDS, usual + FROZEN_SECONDS)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _within(value: float | None, limit: float) -> bool:
    return value is not None and value <= limit
