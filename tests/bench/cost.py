"""What one whole call costs: processor of each part of the house, bytes that stay, requests to providers.

Processor is the kernel's own count for the web process, worker, sweeper and all of PostgreSQL, over many calls
and until everything that they announced is delivered. What the same processes use while nobody rings is taken off.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from clinics.models import Clinic
from notifications.sweeping import backlog
from tests.bench.callers import one_call, play
from tests.far_ends.twilio_rest import TwilioRest

CALLERS, WARM, CALLS = 4, 2, 15
"""So many at once, rounds that are not counted, and rounds that are."""
PAUSE = 0.3
IDLE_SECONDS = 10.0
TICK = 1 / os.sysconf("SC_CLK_TCK")
PARTS: Mapping[str, bytes] = {"web": b"uvicorn", "worker": b"celery", "sweeper": b"sweep"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call: milliseconds of processor by part, bytes of rows and indexes, of PostgreSQL's log, and requests.

    `idle` is the house's processor while nobody rings, in milliseconds of each second.
    """

    processor: Mapping[str, float]
    idle: float
    row_bytes: float
    log_bytes: float
    requests: float
    failed: int


def measure(clinic: Clinic, port: int, network: TwilioRest) -> Cost:
    """While a web process at `port`, a worker and a sweeper run as children of this process."""
    play(one_call, clinic, port, callers=CALLERS, rounds=WARM, pause=PAUSE)
    _settle()
    idle = _rate(lambda: time.sleep(IDLE_SECONDS))
    before, rows, log, asked = _used(), _stored(clinic), _logged(), _asked(network)
    began = time.perf_counter()
    times = play(one_call, clinic, port, callers=CALLERS, rounds=CALLS, pause=PAUSE)
    _settle()
    wall, calls = time.perf_counter() - began, CALLERS * CALLS
    spent = {part: used - before[part] - idle[part] * wall for part, used in _used().items()}
    return Cost(
        {part: 1000 * seconds / calls for part, seconds in spent.items()},
        1000 * sum(idle.values()),
        (_stored(clinic) - rows) / calls,
        (_logged() - log) / calls,
        (_asked(network) - asked) / calls,
        times.failed,
    )


def _rate(deed: Callable[[], None]) -> dict[str, float]:
    """Processor seconds of each part in a second of this."""
    before, began = _used(), time.perf_counter()
    deed()
    wall = time.perf_counter() - began
    return {part: (used - before[part]) / wall for part, used in _used().items()}


def _settle() -> None:
    """Until everything that is due was delivered, twice in a row: what is planned becomes due."""
    quiet = 0
    while quiet < 4:
        time.sleep(0.5)
        quiet = 0 if backlog() else quiet + 1


def _used() -> dict[str, float]:
    """Processor seconds so far, with those of children that have ended."""
    connection.ensure_connection()
    processes = _processes()
    ours = _below(os.getpid(), processes)
    found = dict.fromkeys(PARTS, 0.0)
    for pid in ours:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        for part, word in PARTS.items():
            if word in command:
                found[part] += processes[pid][1]
                break
    postmaster = processes[_backend()][0]
    found["PostgreSQL"] = sum(processes[pid][1] for pid in {postmaster, *_below(postmaster, processes)})
    return found


def _processes() -> dict[int, tuple[int, float]]:
    """Of each process its parent and its processor seconds."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            found[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])) * TICK)
    return found


def _below(pid: int, processes: Mapping[int, tuple[int, float]]) -> set[int]:
    children = {child for child, (parent, _) in processes.items() if parent == pid}
    return children.union(*(_below(child, processes) for child in children))


def _backend() -> int:
    """The server's process for our own connection; its parent is the server's first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _stored(clinic: Clinic) -> int:
    """Bytes of the clinic's tables and of the outbox, with their indexes, as far as they are filled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND (n.nspname = %s OR n.nspname = 'public' AND c.relname LIKE 'notifications%%')",
            [clinic.schema_name],
        )
        return int(cursor.fetchone()[0])


def _logged() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def _asked(network: TwilioRest) -> int:
    return len(network.posts) + len(network.lists) + len(network.updates)
