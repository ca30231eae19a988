"""The figures of the benchmark and their table."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from clinics.models import Clinic
from tests.bench import places
from tests.bench.callers import Times, bare_requests, one_call, play
from tests.bench.disk import syncs
from tests.bench.stages import stages
from tests.notifications.latency import event_to_row, event_to_stream


@dataclass
class Row:
    """One figure; `goal` is a sentence and `met` its verdict, None where no goal is set."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: str = ""
    met: bool | None = None


def show() -> int:
    """Measure, print, write the file; 1 when a goal was missed."""
    clinic = places.open_clinics()
    rows = [*_turns(clinic), *_disk(), *_stages(), *_events(clinic)]
    _print(rows)
    target = Path(os.environ["DATA_DIR"]).parent / "bench.json"
    target.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    print(f"\nWritten to {target.name} in DATA_DIR.")
    return 0 if all(row.met is not False for row in rows) else 1


def _turns(clinic: Clinic) -> list[Row]:
    """A full turn against a bare view, alternating, so that a slow minute of the machine slows both."""
    alone, bare_alone, busy, bare_busy, crowd, bare_crowd, flood = (Times() for _ in range(7))
    with (
        places.serving("cliniqai.asgi:application") as port,
        places.serving("tests.bench.bare:application", "tests.bench.bare_settings") as bare_port,
    ):
        play(one_call, clinic, port, callers=20, rounds=2, pause=0.1)
        play(bare_requests, clinic, bare_port, callers=20, rounds=2, pause=0.1)
        for _ in range(3):
            _add(alone, play(one_call, clinic, port, callers=1, rounds=8, pause=0.05))
            _add(bare_alone, play(bare_requests, clinic, bare_port, callers=1, rounds=8, pause=0.05))
            _add(busy, play(one_call, clinic, port, callers=1, rounds=8))
            _add(bare_busy, play(bare_requests, clinic, bare_port, callers=1, rounds=8))
            _add(crowd, play(one_call, clinic, port, callers=20, rounds=2, pause=0.4))
            _add(bare_crowd, play(bare_requests, clinic, bare_port, callers=20, rounds=2, pause=0.4))
        _add(flood, play(one_call, clinic, port, callers=20, rounds=6))
    failed = alone.failed + busy.failed + crowd.failed + flood.failed
    ratio, ratio_crowd = alone.median / bare_alone.median, crowd.median / bare_crowd.median
    return [
        Row("turn, one caller, median", alone.median, "ms", bare_alone.median, "at most 1.6 times", ratio <= 1.6),
        Row("turn, one caller without a pause, median", busy.median, "ms", bare_busy.median),
        Row("turn, 20 calls, median", crowd.median, "ms", bare_crowd.median, "at most 1.6 times", ratio_crowd <= 1.6),
        Row("turn, 20 calls, p99", crowd.percentile(0.99), "ms", bare_crowd.percentile(0.99), "under 60 ms",
            crowd.percentile(0.99) < 60),
        Row("turns, 20 callers without a pause", flood.per_second, "a second"),
        Row("turn, 20 callers without a pause, p99", flood.percentile(0.99), "ms"),
        Row("turns that failed", failed, "", None, "none", failed == 0),
    ]  # fmt: skip


def _add(total: Times, part: Times) -> None:
    total.answers.extend(part.answers)
    total.wall += part.wall
    total.failed += part.failed


def _disk() -> list[Row]:
    """What one durable commit waits for at least; a stall here is a stall of every turn that is being written."""
    waits = syncs(Path(os.environ["DATA_DIR"]))
    return [
        Row("  the disk: one sync, median", statistics.median(waits), "ms"),
        Row("  the disk: one sync, worst of 1000", max(waits), "ms"),
    ]


def _stages() -> list[Row]:
    return [Row(f"  of a turn: {name}", value, "ms") for name, value in stages().items()]


def _events(clinic: Clinic) -> list[Row]:
    with places.worker():
        _until_it_works(clinic)
        to_row = [1000 * event_to_row(clinic) for _ in range(30)]
        to_browser = [1000 * event_to_stream(clinic, settings.REDIS_URL) for _ in range(30)]
    return [
        Row("event to notification row, median", statistics.median(to_row), "ms"),
        Row("event to notification row, worst of 30", max(to_row), "ms"),
        Row("event to the browser's stream, median", statistics.median(to_browser), "ms"),
        Row("event to the browser's stream, worst of 30", max(to_browser), "ms"),
    ]


def _until_it_works(clinic: Clinic) -> None:
    """A worker says nothing when it is ready, and works off what the calls have left first: try until a line comes."""
    for _ in range(60):
        with contextlib.suppress(AssertionError):
            event_to_row(clinic, seconds=2)
            return
    raise SystemExit("The worker of the benchmark did not start.")


def _print(rows: list[Row]) -> None:
    print(f"\n{'figure':<44}{'value':>10}  {'unit':<9}{'baseline':>9}{'ratio':>7}  goal")
    for row in rows:
        baseline = f"{row.baseline:9.2f}" if row.baseline is not None else f"{'':>9}"
        ratio = f"{row.value / row.baseline:7.2f}" if row.baseline else f"{'':>7}"
        verdict = "" if row.met is None else f"{row.goal}: {'met' if row.met else 'MISSED'}"
        print(f"{row.name:<44}{row.value:>10.2f}  {row.unit:<9}{baseline}{ratio}  {verdict}")
