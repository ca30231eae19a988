"""The queue of a clinic with 100,000 tasks: what its first page costs the server, and how many bytes it is."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import inside
from tasks.models import Kind, Task

TASKS, BATCH = 100_000, 2000
PENDING = 20_000
ROUNDS = 30
NAMES = (
    "Maria Alvarez",
    "Josef Novak",
    "Tess Becker",
    "Ana Torres",
    "John Smith",
    "Li Wei",
    "Omar Haddad",
    "Greta Lund",
)
PAGES = {"first page": "/tasks/", "by type": "/tasks/?group=kind", "completed": "/tasks/?status=completed"}


def fill(clinic: Clinic) -> None:
    """Write the tasks, a fifth of them pending."""
    with inside(clinic):
        person = get_user_model().objects.first()
        drawn = random.Random(7)
        for start in range(0, TASKS, BATCH):
            Task.objects.bulk_create(_tasks(drawn, person, range(start, start + BATCH)))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tasks_task")


def _tasks(drawn: random.Random, person: object, numbers: range) -> Iterator[Task]:
    now = timezone.now()
    for number in numbers:
        done = number >= PENDING
        task = Task(
            kind=drawn.choice(Kind.values), summary="Medication request: Lantus; CVS on Main Street", call_id=uuid4(),
            patient_name=drawn.choice(NAMES), callback_number=f"+1202555{drawn.randrange(10_000):04}", priority=2,
            due_at=now + timedelta(minutes=drawn.randrange(-600, 6000)), status="completed" if done else "pending",
            completed_at=now - timedelta(minutes=number) if done else None, completed_by=person if done else None,
        )  # fmt: skip
        yield task


def costs(clinic: Clinic) -> dict[str, tuple[float, int]]:
    """For each page: the median milliseconds at the server, and its bytes."""
    domain = clinic.domains.get(is_primary=True).domain
    client = Client(HTTP_HOST=domain)
    with inside(clinic):
        client.force_login(get_user_model().objects.first())
    return {name: _cost(client, path) for name, path in PAGES.items()} | {"search": _search(client)}


def _cost(client: Client, path: str) -> tuple[float, int]:
    size = len(client.get(path).content)
    return statistics.median(_timed(lambda: client.get(path)) for _ in range(ROUNDS)), size


def _search(client: Client) -> tuple[float, int]:
    size = len(client.post("/tasks/search/", {"q": "novak 5550"}, headers={"HX-Request": "true"}).content)

    def search() -> object:
        return client.post("/tasks/search/", {"q": "novak 5550"}, headers={"HX-Request": "true"})

    return statistics.median(_timed(search) for _ in range(ROUNDS)), size


def _timed(act: object) -> float:
    began = time.perf_counter()
    act()  # type: ignore[operator]
    return 1000 * (time.perf_counter() - began)
