"""Charts of what came after the calls: work done in time, promises, escalations, handovers, reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext, ngettext

from analytics import charts, queries, reviewed
from analytics.chart import Chart, Pages, Table, behind, counts
from analytics.figures import length
from analytics.queries import Met
from calls.reviews.figures import Figures
from calls.reviews.measured import in_words


def completion(pages: Pages) -> Chart:
    parts, before = queries.completion(pages.counted), queries.completion(pages.before)
    sentence = gettext("Done in time: %(words)s.") % {"words": queries.service_level(parts).words}
    keys = (
        ("in-time", gettext("In time")),
        ("late", gettext("Late")),
        ("late-and-open", gettext("Late and still open")),
    )
    return _met(
        "completion", gettext("Work done in time, by kind"), sentence, gettext("Kind"), keys, parts, before, pages
    )


def promises(pages: Pages) -> Chart:
    parts, before = queries.promises(pages.counted), queries.promises(pages.before)
    sentence = gettext("Promises kept: %(words)s.") % {"words": queries.service_level(parts).words}
    keys = (("in-time", gettext("Kept")), ("late", gettext("Kept late")), ("late-and-open", gettext("Broken")))
    return _met(
        "promises", gettext("What callers were promised"), sentence, gettext("Promise"), keys, parts, before, pages
    )


def _met(
    slug: str,
    title: str,
    sentence: str,
    head: str,
    keys: tuple[tuple[str, str], ...],
    parts: Sequence[Met],
    before: Sequence[Met],
    pages: Pages,
) -> Chart:
    earlier = {one.kind: one.share.words for one in before}

    def pieces(one: Met) -> tuple[charts.Piece, ...]:
        numbers = (one.in_time, one.late, one.open_late)
        return charts.stacked([(key, name, number) for (key, name), number in zip(keys, numbers, strict=True)])

    return Chart(
        slug,
        title,
        sentence,
        "charts/stacked.html",
        [(one.label, pieces(one), one.share.words, behind(slug, one.kind, pages.span)) for one in parts],
        Table(
            (head, *(name for _, name in keys), gettext("Before")),
            tuple((one.label, one.in_time, one.late, one.open_late, earlier.get(one.kind, "")) for one in parts),
            tuple(behind(slug, one.kind, pages.span) for one in parts),
        ),
        keys,
    )


def escalations(pages: Pages) -> Chart:
    found, before = queries.escalations(pages.counted), pages.before.of("raised")
    count, alone = sum(one.count for one in found), sum(one.unanswered for one in found)
    hrefs = tuple(behind("escalations", one.reason, pages.span) for one in found)
    return Chart(
        "escalations",
        gettext("Escalations by reason"),
        ngettext(
            "%(count)s escalation in %(span)s, %(alone)s not yet acknowledged.",
            "%(count)s escalations in %(span)s, %(alone)s of them not yet acknowledged.",
            count,
        )
        % {"count": count, "span": pages.span.label.lower(), "alone": alone},
        "charts/bars.html",
        charts.bars([(one.label, one.count) for one in found], hrefs=hrefs),
        Table(
            (
                gettext("Reason"),
                gettext("Count"),
                gettext("Not acknowledged"),
                gettext("Median to acknowledge"),
                gettext("95 of 100 within"),
                gettext("Before"),
            ),
            tuple(
                (one.label, one.count, one.unanswered, length(one.median), length(one.p95), before.get(one.reason, 0))
                for one in found
            ),
            hrefs,
        ),
    )


def handovers(pages: Pages) -> Chart:
    found, before = queries.handovers(pages.counted), pages.before.of("handover")
    steps = (
        ("over", gettext("Asked for"), found.held.whole),
        ("answered", gettext("Answered"), found.answered.part),
        ("held", gettext("Held"), found.held.part),
        ("again", gettext("Rang again"), found.again),
    )
    return counts(
        "handovers",
        gettext("Calls handed to a person"),
        gettext("Held: %(held)s; %(again)s rang again within two hours.")
        % {"held": found.held.words, "again": found.again},
        heads=(gettext("Step"), gettext("Calls")),
        rows=[(key, label, number, before.get(key, 0)) for key, label, number in steps] if found.held.whole else [],
        span=pages.span,
    )


def reviews(pages: Pages) -> Chart:
    """How well danger is found, week by week, from the calls that people reviewed."""
    weeks = reviewed.weeks(pages.span, pages.now)
    whole, before = reviewed.together_of(weeks), reviewed.together_of(reviewed.weeks_before(pages.span, pages.now))
    shares = [week.figures.recall for week in weeks]
    return Chart(
        "reviews",
        gettext("Emergencies caught, of those in reviewed calls (percent)"),
        gettext(
            "%(reviewed)s of %(calls)s calls were reviewed: %(caught)s emergencies caught, %(missed)s missed, "
            "%(false)s false alarms. Caught of all, estimated: %(recall)s"
        )
        % {
            "reviewed": whole.reviewed,
            "calls": whole.calls,
            "caught": whole.caught,
            "missed": whole.missed,
            "false": whole.false,
            "recall": in_words(whole.recall),
        },
        "charts/lines.html",
        charts.lines(
            [week.label for week in weeks],
            [(gettext("Caught"), [100 * one.point if one.known else None for one in shares])],
        ),
        Table(
            (
                gettext("Week"),
                gettext("Calls"),
                gettext("Reviewed"),
                gettext("Caught"),
                gettext("Missed"),
                gettext("False alarms"),
                gettext("Caught of all, estimated"),
            ),
            (
                *(_reviewed(week.label, week.figures) for week in weeks if week.figures.calls),
                *([_reviewed(gettext("Before"), before)] if before.calls else []),
            ),
            tuple(f"/reviews/?week={week.week}&show=done" for week in weeks if week.figures.calls),
        ),
    )


def _reviewed(label: str, one: Figures) -> tuple[object, ...]:
    return label, one.calls, one.reviewed, one.caught, one.missed, one.false, in_words(one.recall)


CHARTS: dict[str, Callable[[Pages], Chart]] = {
    "completion": completion,
    "promises": promises,
    "escalations": escalations,
    "handovers": handovers,
    "reviews": reviews,
}
