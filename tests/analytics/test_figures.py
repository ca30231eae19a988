"""Rates, percentiles, lengths, spans and the shapes of charts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from analytics import charts
from analytics.figures import Share, length
from analytics.spans import span

NEW_YORK = ZoneInfo("America/New_York")


def test_of_nothing_there_is_no_rate() -> None:
    assert Share(0, 0).rate is None
    assert Share(0, 0).words == "none yet"
    assert Share(10, 12).words == "83 % (10 of 12)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "none yet"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1:00 min"),
        (161, "2:41 min"),
        (11_100, "3:05 h"),
        (200_000, "2 days"),
    ],
)
def test_a_length_is_said_as_people_say_it(seconds: float | None, words: str) -> None:
    assert length(seconds) == words


def test_a_span_is_whole_days_of_the_clinics_clock() -> None:
    found = span("7", now=datetime(2026, 3, 9, 2, 30, tzinfo=UTC), zone=NEW_YORK)  # still the 8th in New York

    assert found.dates[0] == date(2026, 3, 2)
    assert found.dates[-1] == date(2026, 3, 8)
    assert found.since == datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert found.until == datetime(2026, 3, 9, 4, tzinfo=UTC)  # the clocks went forward on the 8th


@pytest.mark.parametrize("asked", ["", "x", "0", "8", "-7", "99999999999", "7.5"])
def test_a_span_that_makes_no_sense_is_the_usual_week(asked: str) -> None:
    assert span(asked, now=datetime(2026, 3, 9, tzinfo=UTC), zone=NEW_YORK).days == 7


@pytest.mark.parametrize(("most", "end"), [(0, 1), (1, 1), (3, 5), (12, 20), (50, 50), (51, 100), (1234, 2000)])
def test_a_scale_ends_at_a_round_number_that_holds_all(most: float, end: float) -> None:
    assert charts.nice(most) == end


def test_a_bar_is_as_high_as_its_count() -> None:
    drawn = charts.bars([("a", 10), ("b", 5), ("c", 0)])

    heights = [bar.height for bar in drawn.bars]
    assert heights[0] == 2 * heights[1]
    assert heights[2] == 0
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in drawn.bars)


def test_a_day_without_a_value_is_a_gap() -> None:
    (line,) = charts.lines(["a", "b", "c", "d"], [("one", [1.0, 2.0, None, 4.0])]).lines

    assert len(line.pieces) == 1
    assert len(line.dots) == 1


def test_parts_fill_their_bar() -> None:
    pieces = charts.stacked([("a", "in time", 3), ("b", "late", 0), ("c", "open", 1)])

    assert [(piece.key, piece.name, piece.width) for piece in pieces] == [("a", "in time", 75.0), ("c", "open", 25.0)]
    assert charts.stacked([("a", "in time", 0)]) == ()


def test_a_square_is_as_warm_as_its_count() -> None:
    drawn = charts.heat(["Monday", "Tuesday"], [[0, 1, 4], [2, 3, 4]], [[""] * 3] * 2)

    assert [[cell.warmth for cell in row.cells] for row in drawn.rows] == [[0, 1, 4], [2, 3, 4]]
    assert drawn.rows[1].cells[2].label == "Tuesday 02:00"
    assert all(cell.x + cell.width <= charts.WIDTH for row in drawn.rows for cell in row.cells)
    assert charts.heat(["Monday"], [[0]], [[""]]).rows[0].cells[0].warmth == 0
