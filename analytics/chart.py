"""A chart as a page shows it: a drawing, the sentence that says what it shows, and a table with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from urllib.parse import quote_plus

from django.utils.formats import date_format
from django.utils.translation import gettext

from analytics import charts
from analytics.rolling import Numbers
from analytics.spans import Span


@dataclass(frozen=True, slots=True)
class Table:
    """What a chart shows, in rows; also what its CSV holds. `hrefs` lead from a row to its calls ("": nowhere)."""

    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    hrefs: tuple[str, ...] = ()

    @property
    def lines(self) -> Iterator[tuple[tuple[object, ...], str]]:
        """Each row with where it leads."""
        for number, row in enumerate(self.rows):
            yield row, self.hrefs[number] if number < len(self.hrefs) else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `slug` names it in addresses, `shape` is what its template draws, `keys` the names of its parts.

    `file` makes what its CSV holds where that is more than its table.
    """

    slug: str
    title: str
    sentence: str
    template: str
    shape: object
    table: Table
    keys: tuple[tuple[str, str], ...] = ()
    file: Callable[[], Table] | None = field(default=None, repr=False)

    @property
    def saved(self) -> Table:
        """What its CSV holds."""
        return self.file() if self.file else self.table


@dataclass(frozen=True)
class Pages:
    """What charts are made of: the counts of a span, those of the one before it, and the moment."""

    counted: Numbers
    before: Numbers
    now: datetime

    @property
    def span(self) -> Span:
        return self.counted.span

    @cached_property
    def days(self) -> list[str]:
        """Each day of the span as it stands under a chart."""
        return [short(day) for day in self.span.dates]


def behind(of: str, key: str, span: Span) -> str:
    """The address of the calls behind one bar."""
    return f"/analytics/calls/?days={span.days}&of={of}&is={quote_plus(key)}"


def counts(
    slug: str,
    title: str,
    sentence: str,
    *,
    heads: tuple[str, str],
    rows: Sequence[tuple[str, str, int, int]],
    span: Span,
    every: int = 1,
) -> Chart:
    """A chart of counts: each bar as (key, label, now, before), with what it was in the span before in its table."""
    hrefs = tuple(behind(slug, key, span) if number else "" for key, _, number, _ in rows)
    return Chart(
        slug,
        title,
        sentence,
        "charts/bars.html",
        charts.bars([(label, number) for _, label, number, _ in rows], hrefs=hrefs, every=every),
        Table((*heads, gettext("Before")), tuple((label, number, before) for _, label, number, before in rows), hrefs),
    )


def short(day: date) -> str:
    return date_format(day, "j M")


def whole(value: float | None) -> int | str:
    return "" if value is None else round(value)


def milliseconds(value: float | None) -> str:
    return gettext("none yet") if value is None else gettext("%(ms)s ms") % {"ms": round(value)}
