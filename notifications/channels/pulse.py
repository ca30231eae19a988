"""Where the canary lands: whoever delivered it is alive and has just come down the whole road."""

from __future__ import annotations

from collections.abc import Sequence

from notifications.claims import Started
from notifications.heartbeat import beat


def write(deliveries: Sequence[Started]) -> None:
    """Note the sort of process that delivered: only a worker's delivery counts as the worker's heartbeat."""
    for role in {one.leased_by.partition(":")[0] for one in deliveries}:
        beat(role)
