"""The keeper: one process per DATA_DIR that owns PostgreSQL and Valkey while anybody uses them.

Every user (make run, manage.py, pytest) holds a share of `users.lock`. The kernel gives a share back when its holder
dies, by whatever means, so the keeper needs no counting: when it can take the whole lock, nobody is left, and after a
short grace it stops the services. A service that dies under it is started again. When the keeper itself is killed, the
leash takes the services down with it and the next user starts a new one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.locks import Lock
from cliniqai.embedded.places import Places
from cliniqai.embedded.postgres import Postgres
from cliniqai.embedded.valkey import Valkey

GRACE_SECONDS = 5.0  # commands often follow each other: the second finds the services up
LOOK_SECONDS = 0.2
RESTARTS_PER_MINUTE = 5


class Keeper:
    """Starts the services, watches over them, and stops them when nobody uses them any more."""

    def __init__(self, places: Places, *, forgetful: bool) -> None:
        self.places = places
        self.services = (Postgres(places, forgetful=forgetful), Valkey(places, forgetful=forgetful))
        self.users = Lock(places.users_lock)
        self.restarts: list[float] = []
        self.told_to_stop = False

    def start(self) -> None:
        self.places.hurry.unlink(missing_ok=True)
        for service in self.services:
            service.start()

    def watch(self) -> None:
        """Return, holding the whole of `users.lock`, when the services may stop."""
        idle_since: float | None = None
        while not self.told_to_stop and self.places.run.exists():
            self._restart_the_dead()
            now = time.monotonic()
            if not self.users.try_take():
                idle_since = None
            elif self.places.hurry.exists() or (idle_since is not None and now - idle_since > GRACE_SECONDS):
                return
            else:
                idle_since = idle_since or now
                self.users.release()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        for service in reversed(self.services):
            service.stop()

    def _restart_the_dead(self) -> None:
        for service in self.services:
            if service.alive():
                continue
            now = time.monotonic()
            self.restarts = [moment for moment in self.restarts if moment > now - 60] + [now]
            if len(self.restarts) > RESTARTS_PER_MINUTE:
                raise Complaint(f"{type(service).__name__} keeps dying: read {service.log}.")
            service.start()


def main(data: str, *, forgetful: bool) -> int:
    """Become the keeper of a DATA_DIR: return in the caller's process once the services answer (0) or cannot (1)."""
    told, tell = os.pipe()
    if os.fork():
        os.close(tell)
        with os.fdopen(told) as answer:
            sentence = answer.read()
        if sentence != "ready":
            print(sentence or "The keeper of the services died while it started.", file=sys.stderr)
        return int(sentence != "ready")
    os.close(told)
    _leave_the_terminal(Places(Path(data)))
    keep(Places(Path(data)), forgetful=forgetful, tell=tell)
    os._exit(0)


def keep(places: Places, *, forgetful: bool, tell: int) -> None:
    """The keeper's life. `keeper.lock` goes back before `users.lock`, on which the next user waits."""
    alone = Lock(places.keeper_lock)
    if not alone.try_take():
        os.write(tell, b"Another keeper has just started for this DATA_DIR: try again.")
        return
    keeper = Keeper(places, forgetful=forgetful)
    signal.signal(signal.SIGTERM, lambda *_: setattr(keeper, "told_to_stop", True))
    try:
        keeper.start()
        os.write(tell, b"ready")
        os.close(tell)
        keeper.watch()
    except Complaint as complaint:
        print(complaint, flush=True)
        with contextlib.suppress(OSError):
            os.write(tell, str(complaint).encode())
    finally:
        keeper.stop()
        alone.close()


def _leave_the_terminal(places: Places) -> None:
    """Survive the caller's terminal and its Ctrl-C; write to a log from now on."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    log = os.open(places.logs / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], forgetful=sys.argv[2:] == ["--forgetful"]))
