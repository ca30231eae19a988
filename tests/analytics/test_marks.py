"""Words under a chart never run into one another, and are whole where there is room."""

from __future__ import annotations

import re
from types import SimpleNamespace

from analytics import charts
from analytics.templatetags import marks


def words_under(labels: list[str]) -> list[str]:
    shape = charts.bars([(label, 1) for label in labels])
    return re.findall(r">([^<]*)</text>", marks.words(SimpleNamespace(shape=shape)))


def test_two_bars_have_their_whole_words():
    assert words_under(["Question answered", "Connected to a person"]) == ["Question answered", "Connected to a person"]


def test_many_bars_have_words_that_stay_apart():
    said = words_under(["Cancel appointment"] * 9)
    room = (charts.WIDTH - charts.LEFT) / 9
    assert all(one.endswith("…") and len(one) * marks.LETTER <= room for one in said)
