"""Where the benchmark runs: a database of its own with two clinics, and the servers that are compared."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import time as clock
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice.models import CallPolicy, OpeningHours
from clinics.tenancy import inside

STAFF = 4
TABLE = "CREATE TABLE bench_row (id bigserial PRIMARY KEY, words text NOT NULL, at timestamptz DEFAULT now())"


def open_clinics() -> Clinic:
    """Migrate, and open the clinic that is called and one beside it."""
    call_command("migrate_schemas", "--shared", verbosity=0)
    open_clinic("beside", "+12025550121")
    return open_clinic("bench", "+12025550120")


def open_clinic(slug: str, number: str) -> Clinic:
    """A clinic that is always open, with four people."""
    clinic = Clinic(slug=slug, schema_name=slug, name=slug.title())
    clinic.save(verbosity=0)
    Domain.objects.create(tenant=clinic, domain=f"{slug}.localhost", is_primary=True)
    PhoneLine.objects.create(clinic=clinic, number=number)
    with inside(clinic):
        CallPolicy.objects.create(version=1, phase="expansion", clinic_line="+12025550199")
        OpeningHours.objects.bulk_create(
            OpeningHours(weekday=day, opens=clock(0), closes=clock(23, 59)) for day in range(7)
        )
        for number_of in range(STAFF):
            User.objects.create_user(f"staff{number_of}@{slug}.test", None, name="Staff", role=Role.STAFF)
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
    return clinic


@contextlib.contextmanager
def static_files() -> Iterator[None]:
    """What pages load, collected as a release does it; taken away again, so that no checkout serves old scripts."""
    folder = Path(settings.STATIC_ROOT)
    ours = not folder.exists()
    call_command("collectstatic", interactive=False, verbosity=0)
    try:
        yield
    finally:
        if ours:
            shutil.rmtree(folder)


@contextlib.contextmanager
def serving(application: str, settings_module: str = "cliniqai.settings") -> Iterator[int]:
    """uvicorn as `make run` starts it; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "CLINIQAI_PROCESS": "web",
        "DJANGO_SETTINGS_MODULE": settings_module,
        "PORT": str(port),
        "PUBLIC_PORT": "",
        "PYTHONPATH": os.getcwd(),
    }
    command = ["uvicorn", application, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with running(command, env):
        _wait_for(port)
        yield port


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """One Celery worker process, as the Procfile has it."""
    env = {**os.environ, "CLINIQAI_PROCESS": "worker"}
    command = ["celery", "-A", "cliniqai", "worker", "--loglevel", "ERROR", "--concurrency", "1"]
    with running(command, env):
        yield


@contextlib.contextmanager
def plain_worker() -> Iterator[None]:
    """One Celery worker process of the baseline (`plain_job.py`)."""
    command = ["celery", "-A", "tests.bench.plain_job", "worker", "--loglevel", "ERROR", "--concurrency", "1"]
    with running(command, {**os.environ, "CLINIQAI_PROCESS": "worker", "PYTHONPATH": os.getcwd()}):
        yield


@contextlib.contextmanager
def sweeper() -> Iterator[None]:
    """The sweeper, as the Procfile has it; its checks of a real host's settings are left out."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep", "--skip-checks"],
        env={**os.environ, "CLINIQAI_PROCESS": "sweeper"},
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", *command], env=env, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit("The server of the benchmark did not start.")
