"""What a clinic must show before its next phase: met, not met, not known, and never moved by it. Pure."""

from __future__ import annotations

from itertools import pairwise

import pytest

from calls.readiness.criteria import EXITS, NEXT, SENTENCES, assess
from clinics.practice import phases
from notifications.watching.objectives import OBJECTIVES, STRICTER, Count, alarms, goal_in

PILOT = {"reviewed": 200, "weeks": 2, "missed": 0, "acknowledged": 0.97, "drill": 1}


def test_a_pilot_that_has_shown_everything_is_ready() -> None:
    found = assess("pilot", PILOT, reviews=200)

    assert (found.next, found.met, len(found.lines), found.ready) == ("stabilisation", 5, 5, True)


@pytest.mark.parametrize(
    ("name", "figure", "shown", "missing"),
    [
        ("reviewed", 140, "140", "60 more"),
        ("reviewed", 199, "199", "1 more"),
        ("weeks", 0, "0", "2 more"),
        ("missed", 1, "1", "1 too many"),
        ("missed", None, "not known yet", "There is nothing to measure it by yet."),
        ("acknowledged", 0.9499, "94.9 %", "0 % too few"),
        ("acknowledged", 0.9, "90 %", "5 % too few"),
    ],
)
def test_what_is_missing_is_said(name: str, figure: float | None, shown: str, missing: str) -> None:
    found = assess("pilot", PILOT | {name: figure}, reviews=200)
    (line,) = [line for line in found.lines if line.name == name]

    assert (found.met, found.ready) == (4, False)
    assert (line.met, line.shown) == (False, shown)
    assert line.missing == missing


def test_the_clinics_own_number_of_first_calls_counts() -> None:
    assert assess("pilot", PILOT | {"reviewed": 100}, reviews=100).ready
    assert not assess("pilot", PILOT, reviews=300).ready


def test_every_phase_has_its_criteria_and_the_last_has_none() -> None:
    assert set(EXITS) == set(phases.PRESETS)
    assert [phase for phase in EXITS if not EXITS[phase]] == ["production"]
    assert set(NEXT) == set(EXITS) - {"production"}
    assert {one.name for lines in EXITS.values() for one in lines} == set(SENTENCES)
    assert not assess("production", {}, reviews=200).ready


def test_low_risk_comes_first_and_limits_only_loosen() -> None:
    order = list(phases.PRESETS)

    assert phases.PRESETS["pilot"].automates == phases.LOW_RISK
    for earlier, later in pairwise(order):
        assert phases.laxer(later, vars_of(earlier)) == {}, f"{earlier} allows what {later} does not"


def vars_of(phase: str) -> dict[str, object]:
    preset = phases.PRESETS[phase]
    return {name: getattr(preset, name) for name in phases.LIMITS} | {"automates": list(preset.automates)}


# --- Objectives ------------------------------------------------------------------------------------------------------
def test_later_phases_promise_more_and_never_less() -> None:
    for name, one in OBJECTIVES.items():
        goals = [goal_in(name, phase) for phase in phases.PRESETS]
        assert goals[0] == one.goal == goal_in(name, None)
        assert goals == sorted(goals), name
    assert set(STRICTER) <= set(phases.PRESETS)


def test_the_same_turns_alarm_in_production_and_not_in_a_pilot() -> None:
    counts = {("webhook", 7): {60: Count(9900, 100), 5: Count(99, 1)}}

    assert list(alarms(counts, {7: "pilot"})) == []
    assert [(name, clinic) for name, clinic, _ in alarms(counts, {7: "production"})] == [("webhook", 7)]
