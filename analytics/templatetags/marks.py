"""What charts and tables repeat hundreds of times, written in one go: a template needs as long for each of its words.

Numbers are written as they are, never in a reader's own digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from django import template
from django.utils.html import format_html

from analytics import charts
from analytics.chart import Chart

register = template.Library()

LETTER = 6.6
"""Width of a letter under a chart, in the chart's own measure (12 px)."""

Piece = tuple[str, tuple[object, ...]]
"""A text with {} where words stand, and the words, which are escaped. What is in the text are numbers and our names."""


@register.simple_tag
def ticks(chart: Chart) -> str:
    """The lines of a scale with their numbers."""
    shape: charts.Bars | charts.Lines = chart.shape  # type: ignore[assignment]
    return _written(
        (
            f'<line class="grid" x1="{charts.LEFT}" x2="{charts.WIDTH}" y1="{one.y}" y2="{one.y}"/>'
            f'<text class="scale" x="{charts.LEFT - 6}" y="{one.y}" dy="4" text-anchor="end">{{}}</text>',
            (one.label,),
        )
        for one in shape.ticks
    )


@register.simple_tag
def words(chart: Chart) -> str:
    """The words under a chart."""
    shape: charts.Bars | charts.Lines | charts.Heat = chart.shape  # type: ignore[assignment]
    apart = min((later.x - one.x for one, later in pairwise(shape.marks)), default=charts.WIDTH - charts.LEFT)
    return _written(
        (
            f'<text class="scale" x="{one.x}" y="{charts.HEIGHT - 6}" text-anchor="middle">{{}}</text>',
            (_cut(one.label, int(apart / LETTER)),),
        )
        for one in shape.marks
    )


@register.simple_tag
def bars(chart: Chart) -> str:
    """The bars of `charts.Bars`, each with the link to what it counts where it has one."""
    shape: charts.Bars = chart.shape  # type: ignore[assignment]
    return _written(_mark(f"bar-{chart.slug}-{n}", "bar-1", bar) for n, bar in enumerate(shape.bars, start=1))


@register.simple_tag
def cells(slug: str, row: charts.HeatRow, number: int) -> str:
    """The squares of one line of a heat map."""
    return _written(
        _mark(f"cell-{slug}-{number}-{place}", f"heat-{cell.warmth}", cell) for place, cell in enumerate(row.cells)
    )


@register.simple_tag
def lines(chart: Chart) -> str:
    """The rows of a chart's table, each with the link to what it counts where it has one."""
    return _written(_row(f"row-{chart.slug}-{n}", href, row) for n, (row, href) in enumerate(chart.table.lines, 1))


def _mark(name: str, kind: str, at: charts.Bar | charts.Cell) -> Piece:
    said = f"{at.label}: {at.value}"
    box = f'x="{at.x}" y="{at.y}" width="{at.width}" height="{at.height}"'
    drawn = f'<rect class="{kind}" {box}><title>{{}}</title></rect>'
    if not at.href:
        return drawn, (said,)
    return f'<a id="{name}" href="{{}}" tabindex="-1" aria-label="{{}}">{drawn}</a>', (at.href, said, said)


def _row(name: str, href: str, row: tuple[object, ...]) -> Piece:
    head, values = (f'<a id="{name}" href="{{}}">{{}}</a>', (href, row[0])) if href else ("{}", (row[0],))
    return f'<tr><th scope="row">{head}</th>{"<td>{}</td>" * (len(row) - 1)}</tr>', (*values, *row[1:])


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def _written(pieces: Iterable[Piece]) -> str:
    texts: list[str] = []
    values: list[object] = []
    for text, some in pieces:
        texts.append(text)
        values += some
    return format_html("".join(texts), *values) if texts else ""
