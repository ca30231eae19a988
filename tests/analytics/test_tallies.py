"""Counts that add up, and percentiles that come out as PostgreSQL's over the same lengths."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db import connection

from analytics.tallies import added, average, percentile, percentiles, total


def test_days_add_up_key_by_key() -> None:
    assert added([{"refill": 2}, {"refill": 1, "": 4}]) == {"refill": 3, "": 4}
    assert added([]) == {}


def test_of_nothing_there_is_no_average_and_no_percentile() -> None:
    assert average({}) is None
    assert percentile({}, 0.5) is None
    assert percentiles({}, 0.5, 0.95) == [None, None]
    assert total({}) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 3, 10, 501])
def test_a_percentile_is_postgresqls(count: int) -> None:
    drawn = random.Random(count)
    lengths = [drawn.randrange(300) for _ in range(count)]
    counts = {str(length): times for length, times in Counter(lengths).items()}

    shares = (0, 0.05, 0.5, 0.95, 1)
    assert percentiles(counts, *shares) == [percentile(counts, share) for share in shares]
    for share in shares:
        with connection.cursor() as cursor:
            cursor.execute("SELECT percentile_cont(%s) WITHIN GROUP (ORDER BY n) FROM unnest(%s) n", [share, lengths])
            assert percentile(counts, share) == pytest.approx(cursor.fetchone()[0])
    assert average(counts) == pytest.approx(sum(lengths) / count)
