"""Finding one of 100,000 tasks by a name, a word and a number, as the queue's page asks; and what the index costs."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tasks import listing
from tasks.models import Kind, Task
from tasks.wanted import Wanted

TASKS = 100_000
BATCH = 1000
FIRST = ("maria", "john", "ana", "james", "luis", "mary", "jose", "linda", "carlos", "susan", "kevin", "laura", "peter")
LAST = ("smith", "garcia", "johnson", "lopez", "brown", "davis", "martinez", "wilson", "moore", "taylor", "nguyen")
DRUGS = ("metformin", "lisinopril", "atorvastatin", "omeprazole", "losartan", "albuterol", "gabapentin", "sertraline")
TYPED = ("mar", "smith", "maria smi", "metf", "0142", "+1 202 555 0142", "zebrowski", "a l")


@dataclass(frozen=True)
class Found:
    """Milliseconds of page and counts for each thing typed, and bytes a task takes."""

    times: dict[str, float]
    digests: float
    row_bytes: float
    index_bytes: float
    making_ms: float


def measure(clinic: Clinic, *, tasks: int = TASKS) -> Found:
    """Fill the clinic's queue, then ask it."""
    with inside(clinic):
        began = time.process_time()
        _fill(tasks)
        making = 1000 * (time.process_time() - began) / tasks
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE tasks_task")
            cursor.execute(
                "SELECT pg_table_size('tasks_task'), pg_relation_size('task_words'), avg(cardinality(search_index))"
                " FROM tasks_task"
            )
            table, index, digests = cursor.fetchone()
        person = User.objects.first()
        times = {typed: _asked(typed, person) for typed in TYPED}
    return Found(times, float(digests), table / tasks, index / tasks, making)


def _asked(typed: str, person: User) -> float:
    """The page with its rows' words opened, and the counts of the tabs: the median of five."""
    rounds = []
    for _ in range(6):
        began = time.perf_counter()
        wanted, now = Wanted(words=typed), timezone.now()
        for task in listing.page(wanted, person, now).tasks:
            _ = task.patient_name, task.summary, task.callback_number
        listing.counts(wanted, person, now)
        rounds.append(1000 * (time.perf_counter() - began))
    return statistics.median(rounds[1:])


def _fill(tasks: int) -> None:
    chance, now, kinds = random.Random(7), timezone.now(), list(Kind.values)
    for start in range(0, tasks, BATCH):
        Task.objects.bulk_create(_task(start + place, chance, now, kinds) for place in range(min(BATCH, tasks - start)))


def _task(number: int, chance: random.Random, now: object, kinds: list[str]) -> Task:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}{chance.choice(['', '', 'son', 'ez'])}".title()
    drug = chance.choice(DRUGS)
    reason = f"about {drug} {chance.choice(FIRST)} {chance.choice(LAST)}"
    return Task(
        kind=chance.choice(kinds),
        call_id=uuid4(),
        summary=f"Refill of {drug} for {name}, call back in the afternoon",
        details={"patient_name": name, "medication": drug, "reason": reason, "pharmacy": "corner drugs"},
        patient_name=name,
        date_of_birth=date(1940, 1, 1) + timedelta(days=number % 25_000),
        callback_number=f"+1202{chance.randrange(2_000_000, 9_999_999)}",
        due_at=now + timedelta(minutes=number % 5000 - 2500),  # type: ignore[operator]
    )
