"""Using the embedded services: take a share of them, and start their keeper when there is none."""

from __future__ import annotations

import os
import subprocess
import sys

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.locks import Lock, is_held
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.postgres import Postgres
from cliniqai.embedded.processes import wait_until
from cliniqai.embedded.valkey import Valkey

READY_SECONDS = 60
STOP_SECONDS = 25

_held: dict[Places, Lock] = {}


def hold(places: Places, *, forgetful: bool = False) -> Lock:
    """Return, once both answer, the share that keeps them up until it is closed or this process ends."""
    places.make()
    share = Lock(places.users_lock)
    share.share()  # waits while a keeper that found nobody is on its way out
    one_at_a_time = Lock(places.run / "start.lock")
    one_at_a_time.take()
    try:
        if not is_held(places.keeper_lock):
            _start_keeper(places, forgetful=forgetful)
        elif not wait_until(lambda: are_ready(places), seconds=READY_SECONDS, step=0.05):
            raise Complaint(f"PostgreSQL or Valkey does not answer: read the logs in {places.logs}.")
    except BaseException:
        share.close()
        raise
    finally:
        one_at_a_time.close()
    return share


def enter(places: Places, *, forgetful: bool = False) -> None:
    """Hold the services until this process ends."""
    _held[places] = hold(places, forgetful=forgetful)


def are_held(places: Places) -> bool:
    """Whether this process uses the embedded services, rather than those that the environment names."""
    return places in _held


def revive(places: Places) -> None:
    """Start the services again for this process after their keeper was killed."""
    _held.pop(places).close()
    enter(places)


def let_go(places: Places) -> None:
    """Give the share of this process back; when it was the last one, return after the services have stopped."""
    if share := _held.pop(places, None):
        share.close()
        places.hurry.touch()
        users = Lock(places.users_lock)
        in_use = not users.try_take()
        users.close()
        if not in_use:
            wait_until(lambda: not is_held(places.keeper_lock), seconds=STOP_SECONDS, step=0.05)


def are_ready(places: Places) -> bool:
    """Whether both services answer."""
    return Postgres(places).ready() and Valkey(places).ready()


def _start_keeper(places: Places, *, forgetful: bool) -> None:
    command = [sys.executable, "-m", "cliniqai.embedded.keeper", str(places.data)]
    started = subprocess.run(
        command + (["--forgetful"] if forgetful else []),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if started.returncode:
        raise Complaint(started.stderr.strip() or started.stdout.strip())
