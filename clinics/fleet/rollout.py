"""Bringing all clinics up to date, ring after ring: a few first, the many when these have come through.

What is left to do is asked of the schemas each time, so a run that was killed is gone on with by running it again, and
two runs at once share the work. A clinic that fails does not stop the others of its ring; it stops the next ring.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connections

from clinics.fleet.behind import clinics_behind
from clinics.fleet.models import Upgrade
from clinics.fleet.upgrading import Patience, upgrade
from clinics.models import Clinic, Ring
from clinics.tenancy import outside

logger = logging.getLogger(__name__)

RINGS = (Ring.CANARY, Ring.EARLY, Ring.GENERAL)


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one ring: how many clinics were behind, and those that still are."""

    ring: str
    behind: int
    left: tuple[Clinic, ...]


def roll_out(
    rings: Sequence[str], *, jobs: int, patience: Patience, past_failures: bool, tell: Callable[[Ended], None]
) -> list[Ended]:
    """Bring the clinics of these rings up to date; without `past_failures` a ring with a clinic left is the last."""
    ended: list[Ended] = []
    for ring in rings:
        ended.append(_ring(ring, jobs=jobs, patience=patience))
        tell(ended[-1])
        if ended[-1].left and not past_failures:
            break
    return ended


def _ring(ring: str, *, jobs: int, patience: Patience) -> Ended:
    behind = clinics_behind(ring=ring)
    if behind:
        _work(behind, jobs=min(jobs, len(behind)), patience=patience)
    return Ended(ring, len(behind), tuple(clinics_behind(ring=ring)) if behind else ())


def _work(clinics: Sequence[Clinic], *, jobs: int, patience: Patience) -> None:
    """In `jobs` processes: building the models' history takes more of a processor than of the database."""
    if jobs == 1:
        _go_through(clinics, patience)
        return
    connections.close_all()  # a connection is of one process
    fork = multiprocessing.get_context("fork")
    workers = [
        fork.Process(target=_go_through, args=([*clinics[place:], *clinics[:place]], patience))
        for place in range(0, len(clinics), -(-len(clinics) // jobs))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            logger.error("a process that migrates ended with %s; run migrate_clinics again", worker.exitcode)


def _go_through(clinics: Sequence[Clinic], patience: Patience) -> None:
    """Every clinic that nobody else has; each process begins at another place."""
    for clinic in clinics:
        upgrade(clinic, patience)


def failures(clinics: Sequence[Clinic]) -> list[Upgrade]:
    """Where these clinics stopped."""
    with outside():
        return list(Upgrade.objects.filter(clinic__in=clinics, state=Upgrade.State.FAILED).select_related("clinic"))
