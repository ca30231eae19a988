"""The numbers of a clinic as its page shows them: each chart with its sentence, its table and its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from analytics import charts, queries
from analytics.figures import length
from analytics.spans import Span
from calls.models import wanted_words
from clinics.models import Clinic
from clinics.practice.policies import policy_in_force


@dataclass(frozen=True, slots=True)
class Table:
    """What a chart shows, in rows; also what its CSV holds."""

    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `slug` names it in addresses, `shape` is what its template draws."""

    slug: str
    title: str
    sentence: str
    template: str
    shape: object
    table: Table


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it means."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    href: str = ""


def tiles(now: datetime, span: Span) -> list[Tile]:
    """The numbers that a manager asks for first."""
    desk, done = queries.waiting(now), queries.service_level(queries.completion(span, now))
    held, handed = queries.calls(span), queries.handovers(span)
    oldest = length((now - desk.oldest).total_seconds()) if desk.oldest else gettext("none")
    return [
        Tile(
            gettext("Emergencies open"),
            str(desk.emergencies),
            tone="bad" if desk.emergencies else "",
            href="/escalations/",
        ),
        Tile(gettext("Calls now"), str(desk.calls), href="/calls/"),
        Tile(gettext("Waiting"), str(desk.waiting), gettext("oldest %(oldest)s") % {"oldest": oldest}, href="/tasks/"),
        Tile(gettext("Late"), str(desk.late), tone="bad" if desk.late else "", href="/tasks/"),
        Tile(gettext("Done in time"), done.words, span.label.lower()),
        Tile(
            gettext("Calls"),
            str(held.count),
            gettext("%(span)s, half under %(median)s") % {"span": span.label.lower(), "median": length(held.median)},
        ),
        Tile(gettext("Callers who left"), held.abandoned.words, span.label.lower()),
        Tile(
            gettext("Handovers that held"),
            handed.held.words,
            gettext("%(answered)s answered, %(again)s rang again")
            % {"answered": handed.answered.part, "again": handed.again},
        ),
        Tile(gettext("Promises kept"), queries.promises(span, now).words, span.label.lower(), href="/tasks/promises/"),
    ]


def chart(slug: str, span: Span, now: datetime) -> Chart:
    """One chart by its name; raise KeyError for a name that is none."""
    return CHARTS[slug](span, now)


def _hourly(span: Span, _now: datetime) -> Chart:
    counts = queries.calls_by_hour(span)
    most = max(counts)
    busiest = (
        gettext("most, %(most)s, between %(from)s:00 and %(to)s:00")
        % {"most": most, "from": counts.index(most), "to": counts.index(most) + 1}
        if most
        else gettext("none yet")
    )
    values = [(f"{hour}", count) for hour, count in enumerate(counts)]
    return Chart(
        "hourly",
        gettext("Calls per hour"),
        ngettext("%(count)s call in %(span)s; %(busiest)s.", "%(count)s calls in %(span)s; %(busiest)s.", sum(counts))
        % {"count": sum(counts), "span": span.label.lower(), "busiest": busiest},
        "charts/bars.html",
        charts.bars(values, every=3),
        Table(
            (gettext("Hour"), gettext("Calls")), tuple((f"{hour:02d}:00", count) for hour, count in enumerate(counts))
        ),
    )


def _duration(span: Span, _now: datetime) -> Chart:
    days, held = queries.calls_by_day(span), queries.calls(span)
    return Chart(
        "duration",
        gettext("Average length of a call per day (seconds)"),
        gettext("On average %(average)s, half under %(median)s, 95 of 100 under %(p95)s.")
        % {"average": length(held.average), "median": length(held.median), "p95": length(held.p95)},
        "charts/lines.html",
        charts.lines([_short(day) for day, _, _ in days], [(gettext("Average"), [average for _, _, average in days])]),
        Table(
            (gettext("Day"), gettext("Calls"), gettext("Average seconds")),
            tuple((day.isoformat(), n, _whole(average)) for day, n, average in days),
        ),
    )


def _completion(span: Span, now: datetime) -> Chart:
    parts = queries.completion(span, now)
    rows = [
        (
            one.label,
            charts.stacked(
                [
                    (gettext("In time"), one.in_time),
                    (gettext("Late"), one.late),
                    (gettext("Late and open"), one.open_late),
                ]
            ),
            one,
        )
        for one in parts
    ]
    return Chart(
        "completion",
        gettext("Work done in time, by kind"),
        gettext("Done in time: %(words)s.") % {"words": queries.service_level(parts).words},
        "charts/stacked.html",
        rows,
        Table(
            (gettext("Kind"), gettext("In time"), gettext("Late"), gettext("Late and still open")),
            tuple((one.label, one.in_time, one.late, one.open_late) for one in parts),
        ),
    )


def _escalations(span: Span, _now: datetime) -> Chart:
    found = queries.escalations(span)
    count, alone = sum(one.count for one in found), sum(one.unanswered for one in found)
    return Chart(
        "escalations",
        gettext("Escalations by reason"),
        ngettext(
            "%(count)s escalation in %(span)s, %(alone)s not yet acknowledged.",
            "%(count)s escalations in %(span)s, %(alone)s of them not yet acknowledged.",
            count,
        )
        % {"count": count, "span": span.label.lower(), "alone": alone},
        "charts/bars.html",
        charts.bars([(one.label, one.count) for one in found]),
        Table(
            (
                gettext("Reason"),
                gettext("Count"),
                gettext("Not acknowledged"),
                gettext("Median to acknowledge"),
                gettext("95 of 100 within"),
            ),
            tuple((one.label, one.count, one.unanswered, length(one.median), length(one.p95)) for one in found),
        ),
    )


def _answers(span: Span, _now: datetime) -> Chart:
    days = queries.answer_times(span)
    known = [p95 for _, _, p95 in days if p95 is not None]
    worst = (
        gettext("the slowest day's 95th percentile was %(ms)s ms") % {"ms": round(max(known))}
        if known
        else gettext("no answers yet")
    )
    return Chart(
        "answers",
        gettext("How long the telephone thinks (milliseconds)"),
        gettext("Per answer, median and 95th percentile; %(worst)s.") % {"worst": worst},
        "charts/lines.html",
        charts.lines(
            [_short(day) for day, _, _ in days],
            [
                (gettext("Median"), [p50 for _, p50, _ in days]),
                (gettext("95th percentile"), [p95 for _, _, p95 in days]),
            ],
        ),
        Table(
            (gettext("Day"), gettext("Median ms"), gettext("95th percentile ms")),
            tuple((d.isoformat(), _whole(a), _whole(b)) for d, a, b in days),
        ),
    )


def _intents(span: Span, _now: datetime) -> Chart:
    found = [(wanted_words(intent), n) for intent, n in queries.calls_by(span, "intent")]
    first = (
        gettext("Most asked for: %(wanted)s") % {"wanted": found[0][0].lower()} if found else gettext("No calls yet")
    )
    return Chart(
        "intents",
        gettext("What callers wanted"),
        f"{first}.",
        "charts/bars.html",
        charts.bars(found[:10]),
        Table((gettext("Wanted"), gettext("Calls")), tuple(found)),
    )


CHARTS = {
    "hourly": _hourly,
    "duration": _duration,
    "completion": _completion,
    "escalations": _escalations,
    "answers": _answers,
    "intents": _intents,
}


def providers(clinic: Clinic, span: Span) -> Sequence[queries.Provider]:
    """How each way out of the house did."""
    return queries.providers(clinic, span)


def summary(clinic: Clinic, span: Span, now: datetime) -> dict[str, object]:
    """The same figures for programs; lengths are seconds, rates 0 to 1, None where there is nothing to measure."""
    held, desk, parts = queries.calls(span), queries.waiting(now), queries.completion(span, now)
    return {
        "days": span.days,
        "since": span.since,
        "until": span.until,
        "calls": held.count,
        "average_duration_sec": held.average,
        "median_duration_sec": held.median,
        "p95_duration_sec": held.p95,
        "abandoned_rate": held.abandoned.rate,
        "outcomes": dict(queries.calls_by(span, "outcome")),
        "intents": dict(queries.calls_by(span, "intent")),
        "languages": dict(queries.calls_by(span, "language")),
        "waiting": desk.waiting,
        "late": desk.late,
        "calls_now": desk.calls,
        "emergencies_open": desk.emergencies,
        "service_level": queries.service_level(parts).rate,
        "promises_kept_rate": queries.promises(span, now).rate,
        "escalations": [
            {
                "reason": one.reason,
                "count": one.count,
                "unanswered": one.unanswered,
                "median_seconds_to_acknowledge": one.median,
                "p95_seconds_to_acknowledge": one.p95,
            }
            for one in queries.escalations(span)
        ],
        "policy_version": policy_in_force().version,
    }


def _short(day: date) -> str:
    return date_format(day, "j M")


def _whole(value: float | None) -> int | str:
    return "" if value is None else round(value)
