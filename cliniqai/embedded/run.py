"""`make run`: services, migrations, the demo, the processes, one call; up until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

from cliniqai.embedded import services
from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.development import enter
from cliniqai.embedded.locks import Lock, is_held
from cliniqai.embedded.places import ROOT, Places
from cliniqai.embedded.port import chosen_port, refuse_taken, unready
from cliniqai.embedded.processes import leashed, wait_until
from cliniqai.embedded.running import state, write_state
from cliniqai.embedded.supervisor import Supervisor
from cliniqai.embedded.welcome import FIRST_CALL, welcome

READY_SECONDS = 120
PREVIOUS_SECONDS = 20


def main() -> int:
    """Run until Ctrl-C; 1 with a sentence when something stands in the way."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        return 0
    except Complaint as complaint:
        print(complaint, file=sys.stderr, flush=True)
        return 1
    return 0


def run() -> None:
    """From the locks to the end: whatever happens in between, nothing stays behind."""
    demo = os.environ.get("DEMO", "1") != "0"
    port = chosen_port(os.environ)
    if demo and os.environ.get("DEBUG") == "0":
        raise Complaint("The demo's sign-ins are no secret, so it runs with DEBUG=1 only: unset DEBUG, or set DEMO=0.")
    os.environ.setdefault("DRILL_SERVER", f"http://127.0.0.1:{port}")
    os.environ.update(PORT=str(port), DEBUG=os.environ.get("DEBUG") or "1")
    places = Places.of(os.environ)
    places.make()
    with closing(the_only_one(places)):
        refuse_taken(port)
        write_state(places, port=port, stopping=False)
        supervisor = Supervisor(places)
        try:
            come_up(supervisor, port, demo=demo)
            print(welcome(os.environ, places, demo=demo), flush=True)
            stay_up(supervisor)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on the end comes by itself, within seconds
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            write_state(places, port=port, stopping=True)
            print("\nStopping ...", flush=True)
            supervisor.stop()
            services.let_go(places)


def the_only_one(places: Places) -> Lock:
    """The lock of this DATA_DIR's `make run`; waits for one that is on its way out."""
    lock = Lock(places.run / "run.lock")
    if lock.try_take() or wait_until(lock.try_take, seconds=2, step=0.1):  # an orphan notices within a second
        return lock
    if state(places).get("stopping") and wait_until(lock.try_take, seconds=PREVIOUS_SECONDS, step=0.1):
        return lock
    port = state(places).get("port", "?")
    raise Complaint(
        f"`make run` runs already for {places.data}, on port {port}: stop it with Ctrl-C where it runs, "
        "or give this one a DATA_DIR and a PORT of its own."
    )


def come_up(supervisor: Supervisor, port: int, *, demo: bool) -> None:
    """From nothing to a system that has answered a call."""
    print("Starting PostgreSQL and Valkey, bringing the database up to date ...", flush=True)
    enter()
    if not succeeds([sys.executable, "-m", "cliniqai.embedded.prepare"]):
        raise Complaint("The database could not be prepared: the lines above say why.")
    start_parts(supervisor, port)
    wait_for_parts(supervisor, port)
    if demo:
        print("\nA patient calls:\n", flush=True)
        if not succeeds([sys.executable, str(ROOT / "manage.py"), "place_call", *FIRST_CALL]):
            print("The first call failed: the lines above say why.", flush=True)


def succeeds(program: list[str]) -> bool:
    """Run a program to its end, out of Ctrl-C's reach: this process ends it then, without a traceback."""
    return subprocess.run(leashed(program, ends_by=signal.SIGTERM), cwd=ROOT, start_new_session=True).returncode == 0


def start_parts(supervisor: Supervisor, port: int) -> None:
    """The processes that the Procfile names for real hosts, in their development dress."""
    web = ["uvicorn", "cliniqai.asgi:application", "--http", "cliniqai.wire:Bounded"]
    web += ["--host", "127.0.0.1", "--port", str(port)]
    celery = ["celery", "-A", "cliniqai"]
    start = supervisor.add
    start(
        "web",
        ["-m", *web, "--no-access-log", "--no-proxy-headers", "--timeout-graceful-shutdown", "2"],
        CLINIQAI_PROCESS="web",
    )
    start("worker", ["-m", *celery, "worker", "--loglevel", "INFO", "--concurrency", "2"], CLINIQAI_PROCESS="worker")
    start("beat", ["-m", *celery, "beat", "--loglevel", "WARNING"], CLINIQAI_PROCESS="beat")
    start("sweeper", ["manage.py", "sweep"], CLINIQAI_PROCESS="sweeper")


def wait_for_parts(supervisor: Supervisor, port: int) -> None:
    """Return when /readyz says that every part answers."""
    end = time.monotonic() + READY_SECONDS
    while missing := unready(port):
        if time.monotonic() > end:
            raise Complaint(f"Not ready after {READY_SECONDS} s: {missing}. Read {supervisor.places.logs}.")
        supervisor.look()
        time.sleep(0.5)


def stay_up(supervisor: Supervisor) -> None:
    """Watch the parts and the services until told to stop, or until `make` itself was killed."""
    parent = os.getppid() if "MAKELEVEL" in os.environ else None
    while parent is None or os.getppid() == parent:
        supervisor.look()
        if services.are_held(supervisor.places) and not is_held(supervisor.places.keeper_lock):
            print("The keeper of PostgreSQL and Valkey died; starting it again.", flush=True)
            services.revive(supervisor.places)
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
