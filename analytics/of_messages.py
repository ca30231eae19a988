"""The chart of messages: how long they take, day by day, and what became of them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext

from analytics import charts, messages
from analytics.chart import Chart, Pages, Table, milliseconds, whole
from analytics.messages import Arrived


def lag(pages: Pages) -> Chart:
    """From what happened to the delivery of its messages, over all channels; its file has each channel apart."""
    days, now = messages.by_day(pages.counted), messages.together(pages.counted)
    before = messages.together(pages.before)
    heads = (
        gettext("Delivered"),
        gettext("Given up"),
        gettext("Too late"),
        gettext("Tries a message"),
        gettext("Median ms"),
        gettext("95th percentile ms"),
        gettext("99th percentile ms"),
    )
    return Chart(
        "messages",
        gettext("How long messages take to arrive (milliseconds)"),
        gettext("Arrived: %(arrived)s, 95 of 100 within %(p95)s; in the days before, %(before)s.")
        % {"arrived": now.share.words, "p95": milliseconds(now.lag_p95), "before": milliseconds(before.lag_p95)},
        "charts/lines.html",
        charts.lines(
            pages.days,
            [
                (gettext("Median"), [one.lag_p50 for _, one in days]),
                (gettext("95th percentile"), [one.lag_p95 for _, one in days]),
            ],
        ),
        Table(
            (gettext("Day"), *heads),
            tuple((day.isoformat(), *_row(one)) for day, one in days) if now.share.whole else (),
        ),
        file=lambda: Table(
            (gettext("Day"), gettext("Channel"), *heads),
            tuple(
                (day.isoformat(), one.label, *_row(one.messages))
                for day, one in messages.by_day_and_channel(pages.counted)
            ),
        ),
    )


def _row(one: Arrived) -> tuple[object, ...]:
    tries = "" if one.tries is None else f"{one.tries:.2f}"
    return one.delivered, one.given_up, one.expired, tries, whole(one.lag_p50), whole(one.lag_p95), whole(one.lag_p99)


CHARTS: dict[str, Callable[[Pages], Chart]] = {"messages": lag}
