"""What counts as trouble."""

from __future__ import annotations

import pytest

from notifications.kinds import Lane
from notifications.watching.policy import LIMITS, Measures, Trouble, troubles

CALM = {"worker_seconds": 5.0, "sweeper_seconds": 1.0}


def test_a_road_that_works_is_no_trouble() -> None:
    assert (
        troubles(Measures(lag={"urgent": 3, "normal": 20}, dead={1: 90}, dead_lately={1: 5}, unknown={1: 20}, **CALM))
        == []
    )


def test_every_lane_has_its_limit() -> None:
    assert {f"lag.{lane.name.lower()}" for lane in Lane} <= LIMITS.keys()


@pytest.mark.parametrize(
    ("measures", "trouble"),
    [
        (Measures(lag={"urgent": 30}, **CALM), Trouble("lag.urgent", 30)),
        (Measures(lag={"normal": 90}, **CALM), Trouble("lag.normal", 90)),
        (Measures(dead_lately={7: 6}, **CALM), Trouble("dead", 6, 7)),
        (Measures(dead_urgent={7: 1}, **CALM), Trouble("dead.urgent", 1, 7)),
        (Measures(unsettled={7: 1}, **CALM), Trouble("unknown", 1, 7)),
        (Measures(worker_seconds=90, sweeper_seconds=1), Trouble("worker", 90)),
        (Measures(worker_seconds=5, sweeper_seconds=30), Trouble("sweeper", 30)),
    ],
)
def test_each_limit_is_trouble_when_it_is_reached(measures: Measures, trouble: Trouble) -> None:
    assert troubles(measures) == [trouble]


def test_each_clinic_has_trouble_of_its_own() -> None:
    found = troubles(Measures(dead_lately={1: 30, 2: 3, 3: 11}, **CALM))

    assert [(one.name, one.clinic) for one in found] == [("dead", 1), ("dead", 3)]
