"""Whole calls as data, played through the real signed webhook: what is said, what is heard, what exists after."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from calls.models import Call, Status, Turn
from clinics.models import Clinic
from clinics.practice import actions, policies
from clinics.practice.models import OpeningHours
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Task
from tests.calls.network import CALLER, Network

FOLDER = Path(__file__).parent / "scenarios"
SCENARIOS = [scenario for file in sorted(FOLDER.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())]


def test_there_are_at_least_forty_calls_in_two_languages() -> None:
    assert len(SCENARIOS) >= 40
    assert len({scenario["name"] for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_call(scenario: dict[str, Any], north: Clinic) -> None:
    if not scenario.get("open", True):
        _close(north)
    with inside(north):
        if scenario.get("policy"):
            actions.publish_policy(by=None, changes=scenario["policy"])
    network = Network(north, dial_outcome=scenario.get("dial", "completed"))

    line, _greeting = network.call(caller=scenario.get("from", CALLER))
    steps = [["press", "2", "lang.switched"]] if scenario.get("lang") == "es" else []
    for deed, words, *expected in [*steps, *scenario["steps"]]:
        options = expected.pop() if expected and isinstance(expected[-1], dict) else {}
        before = _turns(north, line.sid)
        heard = _do(network, line, deed, words, options)
        assert heard.faults == []
        keys = _keys_since(north, line.sid, before)
        missing = [key for key in expected if key not in keys]
        assert not missing, f"after {deed} {words!r} heard {keys}, not {missing}"
    if not line.over:
        network.hang_up(line)

    with inside(north):
        _check_after(scenario.get("after", {}), line.sid)


def _close(clinic: Clinic) -> None:
    """Closed today, open in two days."""
    with inside(clinic):
        OpeningHours.objects.all().delete()
        weekday = (timezone.now().weekday() + 2) % 7
        OpeningHours.objects.create(weekday=weekday, opens=time(8), closes=time(17))
    policies.forget()


def _do(network: Network, line: Any, deed: str, words: str, options: dict[str, Any]) -> Any:
    match deed:
        case "say":
            return network.say(line, words, **options)
        case "press":
            return network.press(line, words)
        case "silence":
            return network.stay_silent(line)
        case "hangup":
            return network.hang_up(line)
    raise AssertionError(f"{deed} is nothing a caller does")


def _turns(clinic: Clinic, sid: str) -> int:
    with inside(clinic):
        return Turn.objects.filter(call__sid=sid).count()


def _keys_since(clinic: Clinic, sid: str, before: int) -> list[str]:
    """Every sentence since, over the turn itself and what followed a call put through."""
    with inside(clinic):
        turns = Turn.objects.filter(call__sid=sid, n__gte=before).order_by("n").opened("reply")
        return [sentence["key"] for turn in turns for sentence in turn.reply["say"]]


def _check_after(after: dict[str, Any], sid: str) -> None:
    call = Call.objects.get(sid=sid)
    assert call.status == Status.COMPLETED
    assert call.duration_sec is not None
    for name in ("outcome", "intent", "language"):
        if name in after:
            assert getattr(call, name) == after[name]
    if "tasks" in after:
        _compare(Task.objects.filter(call_id=call.id).order_by("request_number"), after["tasks"])
    if "escalations" in after:
        _compare(Escalation.objects.filter(call_id=call.id).order_by("raised_at"), after["escalations"])


def _compare(rows: Any, wanted: list[dict[str, Any]]) -> None:
    rows = list(rows)
    assert len(rows) == len(wanted), f"there are {[str(row) for row in rows]}"
    for row, fields in zip(rows, wanted, strict=True):
        for name, value in fields.items():
            if name == "details":
                assert value.items() <= row.details.items(), row.details
            elif name == "details_begin":
                assert all(row.details[one].startswith(begin) for one, begin in value.items()), row.details
            else:
                assert getattr(row, name) == value, (name, getattr(row, name))
