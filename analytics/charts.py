"""The shapes of charts: numbers become places in an SVG of 640 by 200, which a template draws. Pure.

Every chart has a sentence that says what it shows and a table with the same numbers, so that it reads without eyes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT = 640, 200
LEFT, BOTTOM, TOP = 44, 24, 10
HEAT_LEFT = 84
_ROOM = HEIGHT - BOTTOM - TOP


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, what it says, and the page of what it counts ("" where there is none)."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale with its number."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word under the chart."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A column chart."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `pieces` are its unbroken stretches as SVG points, `dots` the single values between gaps."""

    name: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A line chart; a day without a value is a gap, never a zero."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a horizontal bar, in percent of its length."""

    x: float
    width: float
    key: str
    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of a heat map; `warmth` is 0 for nothing, else 1 to 4."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    warmth: int
    href: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One line of a heat map."""

    y: float
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Counts by two things, such as weekday and hour."""

    rows: tuple[HeatRow, ...]
    marks: tuple[Mark, ...]


def bars(values: Sequence[tuple[str, float]], *, hrefs: Sequence[str] = (), every: int = 1) -> Bars:
    """Columns of counts; each `every`-th has its word below."""
    top = nice(max((value for _, value in values), default=0))
    step = (WIDTH - LEFT) / max(1, len(values))
    drawn = [
        Bar(
            x=round(LEFT + number * step + step * 0.1, 1),
            y=round(_y(value, top), 1),
            width=round(step * 0.8, 1),
            height=round(HEIGHT - BOTTOM - _y(value, top), 1),
            label=label,
            value=str(value),
            href=hrefs[number] if number < len(hrefs) else "",
        )
        for number, (label, value) in enumerate(values)
    ]
    marks = [
        Mark(round(LEFT + number * step + step / 2, 1), label)
        for number, (label, _) in enumerate(values)
        if number % every == 0
    ]
    return Bars(tuple(drawn), _ticks(top), tuple(marks))


def lines(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]) -> Lines:
    """Lines over the same days."""
    top = nice(max((value for _, values in series for value in values if value is not None), default=0))
    step = (WIDTH - LEFT) / max(1, len(labels))
    places = [round(LEFT + number * step + step / 2, 1) for number in range(len(labels))]
    every = ceil(len(labels) / 10) or 1
    marks = [
        Mark(place, label)
        for number, (place, label) in enumerate(zip(places, labels, strict=True))
        if number % every == 0
    ]
    return Lines(tuple(_line(name, values, places, top) for name, values in series), _ticks(top), tuple(marks))


def stacked(parts: Sequence[tuple[str, str, int]]) -> tuple[Piece, ...]:
    """One horizontal bar out of parts (key, name, value); what is nothing is not drawn."""
    whole = sum(value for *_, value in parts)
    pieces, x = [], 0.0
    for key, name, value in parts:
        if value:
            width = 100 * value / whole
            pieces.append(Piece(round(x, 2), round(width, 2), key, name, value))
            x += width
    return tuple(pieces)


def heat(labels: Sequence[str], grid: Sequence[Sequence[int]], hrefs: Sequence[Sequence[str]]) -> Heat:
    """Squares that are warmer the more they count: rows of hours, as many in each."""
    most = max((value for row in grid for value in row), default=0)
    columns = max((len(row) for row in grid), default=1)
    step, high = (WIDTH - HEAT_LEFT) / columns, _ROOM / max(1, len(grid))
    rows = tuple(
        HeatRow(
            round(TOP + number * high, 1),
            labels[number],
            tuple(
                Cell(
                    x=round(HEAT_LEFT + place * step, 1),
                    y=round(TOP + number * high, 1),
                    width=round(step - 1, 1),
                    height=round(high - 1, 1),
                    label=f"{labels[number]} {place:02d}:00",
                    value=value,
                    warmth=ceil(4 * value / most) if most else 0,
                    href=hrefs[number][place],
                )
                for place, value in enumerate(row)
            ),
        )
        for number, row in enumerate(grid)
    )
    marks = tuple(Mark(round(HEAT_LEFT + (place + 0.5) * step, 1), str(place)) for place in range(0, columns, 3))
    return Heat(rows, marks)


def nice(most: float) -> float:
    """The end of a scale that holds `most`: 1, 2 or 5 times a power of ten, at least 1."""
    if most <= 1:
        return 1
    power = 10 ** int(log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most)


def _y(value: float, top: float) -> float:
    return TOP + _ROOM * (1 - value / top)


def _ticks(top: float) -> tuple[Tick, ...]:
    """The lower end, the middle and the upper end of a scale; no half of a thing that comes in wholes."""
    values = [0, top / 2, top] if top >= 2 else [0, top]
    return tuple(Tick(round(_y(value, top), 1), _brief(value)) for value in values)


def _brief(value: float) -> str:
    """A number with room beside a scale: "7,500", "12.5k", "2M"."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= 10 * size or (letter == "M" and value >= size):
            return f"{value / size:g}{letter}"
    return f"{value:,.0f}"


def _line(name: str, values: Sequence[float | None], places: Sequence[float], top: float) -> Line:
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, value in zip(places, values, strict=True):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((place, round(_y(value, top), 1)))
    drawn = tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1)
    return Line(name, drawn, tuple(piece[0] for piece in pieces if len(piece) == 1))
