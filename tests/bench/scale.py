"""What a clinic costs among many: the same server beside 1, 100 and 1,000 whole clinics, compared in one run.

`make bench-scale SIZES=1,100,1000`. Each size is a database of its own with that many whole clinics and a server of its
own, and all of them are asked in turns, so that a slow minute of the machine slows each of them alike.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.bench.places import serving, static_files

ROUNDS, CALLS, VISITED = 3, 3, 12
"""Rounds over all sizes; in each so many calls, and so many pages, spread over so many clinics."""
MOST = 1.1
SIZES = (1, 100, 1000)


@dataclass
class Size:
    """What was measured beside so many clinics; times in milliseconds unless they say seconds."""

    clinics: int
    url: str
    built: dict[str, float]
    turns: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    failed: int = 0
    figures: dict[str, float] = field(default_factory=dict)


def main(sizes: tuple[int, ...], fresh: object) -> int:
    """Build, measure, print, write the file; 1 when a goal was missed."""
    places = [_build(number, fresh) for number in sizes]
    with static_files(), contextlib.ExitStack() as stack:
        ports = [stack.enter_context(_server(place)) for place in places]
        for round_number in range(ROUNDS + 1):
            for place, port in zip(places, ports, strict=True):
                _visit(place, port, counts=round_number > 0)
        for place, port in zip(places, ports, strict=True):
            place.figures |= _weight(place, port)
    for place in places:
        place.figures |= _chores(place)
        _drop(place)
    return _show(places)


def _build(clinics: int, fresh: object) -> Size:
    url = fresh(f"cliniqai_scale_{clinics}")  # type: ignore[operator]
    env = {**os.environ, "DATABASE_URL": url}
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale_place", "build", str(clinics)],
        env=env, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    built = json.loads(told.splitlines()[-1])
    print(f"{clinics} clinics built: {built}", flush=True)
    return Size(clinics, url, built)


@contextlib.contextmanager
def _server(place: Size) -> Iterator[int]:
    before, os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"], place.url
    try:
        with serving("cliniqai.asgi:application") as port:
            os.environ["DATABASE_URL"] = before
            yield port
    finally:
        os.environ["DATABASE_URL"] = before


def _visit(place: Size, port: int, *, counts: bool) -> None:
    """Some calls and some pages, each in another clinic: what is remembered of one helps none of the others."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale_place", "visit", str(port), str(CALLS), str(VISITED)],
        env={**os.environ, "DATABASE_URL": place.url}, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    found = json.loads(told.splitlines()[-1])
    if counts:
        place.turns += found["turns"]
        place.pages += found["pages"]
        place.failed += found["failed"]


def _weight(place: Size, port: int) -> dict[str, float]:
    """Memory of the web process and of its PostgreSQL connections, in MB, while the server runs."""
    with psycopg.connect(place.url) as asking:
        rows = asking.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
        size = asking.execute("SELECT pg_database_size(current_database())").fetchone()[0]  # type: ignore[index]
    backends = [_own_memory(pid) for (pid,) in rows if Path(f"/proc/{pid}").exists()]  # the pool ends some
    return {
        "web process, MB": _own_memory(_listens(port)),
        "its connections": len(rows),
        "memory of one connection, MB": statistics.mean(backends) if backends else 0.0,
        "database, MB a clinic": size / 1e6 / place.clinics,
    }


def _own_memory(pid: int) -> float:
    """MB of a process that no other shares (`Private_*` of its smaps)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def _listens(port: int) -> int:
    """The process that a port belongs to: ours, so it is found among our children."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().split(b"\0")
                if b"--port" in command and str(port).encode() in command:
                    return int(entry.name)
    raise SystemExit("The server of the benchmark is gone.")


def _chores(place: Size) -> dict[str, float]:
    """A sweep, a pass of the ladder, a deployment with nothing to do, all of them as they run in production."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale_place", "chores"],
        env={**os.environ, "DATABASE_URL": place.url}, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    found = json.loads(told.splitlines()[-1])
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "migrate_clinics", "--verbosity", "0"],
        env={**os.environ, "DATABASE_URL": place.url}, check=True,
    )  # fmt: skip
    return found | {"deploy with nothing to do, s": time.perf_counter() - began}


def _drop(place: Size) -> None:
    """A thousand clinics are some gigabytes that nobody needs afterwards."""
    name = urlsplit(place.url).path.lstrip("/")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _show(places: list[Size]) -> int:
    rows: dict[str, list[float]] = {
        "turn, median, ms": [statistics.median(place.turns) for place in places],
        "turn, p95, ms": [_p95(place.turns) for place in places],
        "page, median, ms": [statistics.median(place.pages) for place in places],
        "page, p95, ms": [_p95(place.pages) for place in places],
        "turns and pages that failed": [place.failed for place in places],
    }
    for name in places[0].figures:
        rows[name] = [place.figures[name] for place in places]
    for name in places[0].built:
        rows[name] = [place.built[name] for place in places]
    print("\n" + f"{'beside so many clinics':<40}" + "".join(f"{place.clinics:>12}" for place in places) + "   ratio")
    for name, values in rows.items():
        ratio = f"{values[-1] / values[0]:8.2f}" if values[0] else ""
        print(f"{name:<40}" + "".join(f"{value:>12.2f}" for value in values) + ratio)
    turn, page = (rows[name][-1] / rows[name][0] for name in ("turn, median, ms", "page, median, ms"))
    met = turn <= MOST and page <= MOST and not any(place.failed for place in places)
    print(f"\nturn and page at most {MOST} times those beside {places[0].clinics}: {'met' if met else 'MISSED'}")
    target = Path(os.environ["DATA_DIR"]).parent / "bench-scale.json"
    told = {"clinics": [place.clinics for place in places], "figures": rows, "met": met}
    target.write_text(json.dumps(told, indent=2) + "\n")
    return 0 if met else 1


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]
