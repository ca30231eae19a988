"""Charts of calls: how many, when, how long, about what, in which language, how they ended, and what became of them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, ngettext

from analytics import charts, queries
from analytics.chart import Chart, Pages, Table, behind, counts, whole
from analytics.fate import CONTAINED, DECIDED, FATES
from analytics.figures import length
from calls.listing import LANGUAGES
from calls.models import Outcome, wanted_words
from clinics.recorded import FIELDS
from clinics.words import gettext as words


def hourly(pages: Pages) -> Chart:
    now, before = queries.calls_by_hour(pages.counted), queries.calls_by_hour(pages.before)
    most = max(now)
    busiest = (
        gettext("most, %(most)s, between %(from)s:00 and %(to)s:00")
        % {"most": most, "from": now.index(most), "to": now.index(most) + 1}
        if most
        else gettext("none yet")
    )
    sentence = ngettext(
        "%(count)s call in %(span)s; %(busiest)s.", "%(count)s calls in %(span)s; %(busiest)s.", sum(now)
    ) % {"count": sum(now), "span": pages.span.label.lower(), "busiest": busiest}
    rows = [(str(hour), f"{hour:02d}:00", now[hour], before[hour]) for hour in range(24)]
    return counts(
        "hourly", gettext("Calls per hour"), sentence, heads=(gettext("Hour"), gettext("Calls")), rows=rows,
        span=pages.span, every=3,
    )  # fmt: skip


def week(pages: Pages) -> Chart:
    grid, before = queries.calls_by_weekday(pages.counted), queries.calls_on_weekdays(pages.before)
    places = [(grid[day][hour], day, hour) for day in range(7) for hour in range(24)]
    most, day, hour = max(places, key=lambda place: place[0])
    sentence = (
        gettext("Busiest: %(day)s between %(from)s:00 and %(to)s:00, with %(calls)s calls.")
        % {"day": WEEKDAYS[day], "from": hour, "to": hour + 1, "calls": most}
        if most
        else gettext("No calls yet.")
    )
    hrefs = [[behind("week", f"{day}-{hour}", pages.span) for hour in range(24)] for day in range(7)]
    names = [str(WEEKDAYS[day]) for day in range(7)]
    return Chart(
        "week",
        gettext("Calls by weekday and hour"),
        sentence,
        "charts/heat.html",
        charts.heat(names, grid, hrefs),
        Table(
            (gettext("Weekday"), gettext("Calls"), gettext("Before"), *(f"{hour:02d}" for hour in range(24))),
            tuple((names[day], sum(grid[day]), before[day], *grid[day]) for day in range(7)) if most else (),
            tuple(behind("weekday", str(day), pages.span) if sum(grid[day]) else "" for day in range(7)),
        ),
    )


def duration(pages: Pages) -> Chart:
    days, held = queries.calls_by_day(pages.counted), queries.calls(pages.counted)
    return Chart(
        "duration",
        gettext("Average length of a call per day (seconds)"),
        gettext(
            "On average %(average)s, half under %(median)s, 95 of 100 under %(p95)s; on average %(before)s in the days "
            "before."
        )
        % {
            "average": length(held.average),
            "median": length(held.median),
            "p95": length(held.p95),
            "before": length(queries.calls(pages.before).average),
        },
        "charts/lines.html",
        charts.lines(pages.days, [(gettext("Average"), [average for _, _, average in days])]),
        Table(
            (gettext("Day"), gettext("Calls"), gettext("Average seconds")),
            tuple((day.isoformat(), n, whole(average)) for day, n, average in days),
            tuple(behind("day", day.isoformat(), pages.span) if n else "" for day, n, _ in days),
        ),
    )


def intents(pages: Pages) -> Chart:
    found, before = queries.calls_by(pages.counted, "intent"), pages.before.of("intent")
    rows = [(intent, wanted_words(intent), n, before.get(intent, 0)) for intent, n in found]
    first = gettext("Most asked for: %(wanted)s") % {"wanted": rows[0][1].lower()} if rows else gettext("No calls yet")
    return counts(
        "intents", gettext("What callers wanted"), f"{first}.", heads=(gettext("Wanted"), gettext("Calls")), rows=rows,
        span=pages.span,
    )  # fmt: skip


def languages(pages: Pages) -> Chart:
    found, before = queries.calls_by(pages.counted, "language"), pages.before.of("language")
    rows = [(code, str(LANGUAGES.get(code, code)), n, before.get(code, 0)) for code, n in found]
    told = ", ".join(f"{label} {n}" for _, label, n, _ in rows)
    return counts(
        "languages", gettext("Languages"), f"{told or gettext('No calls yet')}.",
        heads=(gettext("Language"), gettext("Calls")), rows=rows, span=pages.span,
    )  # fmt: skip


def outcomes(pages: Pages) -> Chart:
    now, before = pages.counted.of("outcome"), pages.before.of("outcome")
    labels = dict(Outcome.choices)
    rows = [
        (one, str(labels[one]), now.get(one, 0), before.get(one, 0)) for one in labels if one in now or one in before
    ]
    left = queries.calls(pages.counted).abandoned
    return counts(
        "outcomes", gettext("How calls ended"), gettext("Callers who left: %(left)s.") % {"left": left.words},
        heads=(gettext("Outcome"), gettext("Calls")), rows=rows, span=pages.span,
    )  # fmt: skip


def resolution(pages: Pages) -> Chart:
    """Containment beside verified resolution: what a telephone can claim, and what was seen to be true."""
    found = queries.settled(pages.counted)
    before = queries.settled(pages.before)
    sentence = gettext(
        "The telephone took %(contained)s to the end by itself. Verified as settled, all done and not rung about again "
        "within 72 hours: %(verified)s; of %(unknown)s it cannot be said yet, or ever."
    ) % {"contained": found.contained.words, "verified": found.verified.words, "unknown": found.unknown}
    fates = dict(found.fates)
    names = {
        "contained": gettext("Contained"),
        "not_contained": gettext("Not contained"),
        "verified": gettext("Verified"),
        "not_verified": gettext("Not settled"),
        "unknown": gettext("Not known"),
    }

    def bar(*parts: tuple[str, int]) -> tuple[charts.Piece, ...]:
        return charts.stacked([(key, names[key], number) for key, number in parts])

    settled = fates.get("verified", 0)
    shape = [
        (
            gettext("Contained"),
            bar(
                ("contained", found.contained.part),
                ("not_contained", found.contained.whole - found.contained.part),
            ),
            found.contained.words,
            behind("resolution", "contained", pages.span),
        ),
        (
            gettext("Verified"),
            bar(
                ("verified", settled),
                ("not_verified", found.verified.whole - settled),
                ("unknown", found.unknown),
            ),
            found.verified.words,
            behind("resolution", "verified", pages.span),
        ),
    ]
    earlier = dict(before.fates)
    return Chart(
        "resolution",
        gettext("Settled by the telephone"),
        sentence,
        "charts/stacked.html",
        shape,
        Table(
            (
                gettext("What became of it"),
                gettext("Calls"),
                gettext("Contained"),
                gettext("Counts for verified"),
                gettext("Before"),
            ),
            tuple(
                (words(FATES[one]), n, _yes(one in CONTAINED), _yes(one in DECIDED), earlier.get(one, 0))
                for one, n in found.fates
            ),
            tuple(behind("resolution", one, pages.span) for one, _ in found.fates),
        ),
        tuple(names.items()),
    )


def _yes(is_so: bool) -> str:
    return gettext("yes") if is_so else gettext("no")


def reprompts(pages: Pages) -> Chart:
    now, before, heard = pages.counted.of("reprompts"), pages.before.of("reprompts"), queries.heard(pages.counted)
    keys = sorted({*now, *before}, key=int)
    per_call = f"{heard.per_call:.2f}" if heard.per_call is not None else gettext("none yet")
    return counts(
        "reprompts", gettext("How often the telephone had to ask again"),
        gettext("%(per_call)s times a call; not once in %(none)s.") % {"per_call": per_call, "none": heard.none.words},
        heads=(gettext("Asked again in a call"), gettext("Calls")),
        rows=[(key, key, now.get(key, 0), before.get(key, 0)) for key in keys], span=pages.span,
    )  # fmt: skip


def unread(pages: Pages) -> Chart:
    heard, before = queries.heard(pages.counted), pages.before.of("unread")
    return counts(
        "unread", gettext("What could not be read"),
        gettext("Requests with a field that nobody could read: %(with)s. Left before all was told: %(unfinished)s.")
        % {"with": heard.with_unread.words, "unfinished": heard.unfinished.words},
        heads=(gettext("Field"), gettext("Requests")),
        rows=[(field, words(FIELDS.get(field, field)), n, before.get(field, 0)) for field, n in heard.unread],
        span=pages.span,
    )  # fmt: skip


CHARTS: dict[str, Callable[[Pages], Chart]] = {
    "hourly": hourly,
    "week": week,
    "duration": duration,
    "intents": intents,
    "outcomes": outcomes,
    "languages": languages,
    "resolution": resolution,
    "reprompts": reprompts,
    "unread": unread,
}
