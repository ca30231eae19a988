"""The storm from its first announcement to the verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from uuid import UUID

from django.db import Error, connection

from tests.storm.clinic import Made, Spoiled, announce_one, open_clinic
from tests.storm.house import House

PATIENCE_SECONDS = 420
"""How long after the last fault everything may still be under way; the promise is five minutes."""

PER_TASK = 2
"""Announcements that one request makes."""


def play(house: House, *, events: int, seconds: int, seed: int) -> int:
    """Returns 1 when a promise was broken."""
    clinic = open_clinic()
    from clinics.people.models import User
    from clinics.tenancy import inside
    from tests.storm import verdict
    from tests.storm.people import call_again_and_again, report_statuses
    from tests.storm.weather import Weather, moody

    with inside(clinic):
        doctors = list(User.objects.filter(role="doctor").order_by("email").values_list("pk", flat=True))
    weather, over = Weather(house, seconds=seconds, chance=Random(seed)), threading.Event()
    house.network.mood = moody(Random(seed + 1))
    house.start_all()
    answers = call_again_and_again(clinic, house, weather, over)
    report_statuses(house, Random(seed + 2), over)
    made = Made()
    given = {"tasks": events // PER_TASK, "seconds": seconds, "chance": Random(seed + 3), "made": made}
    producer = threading.Thread(target=_announce, args=(clinic, doctors), kwargs=given, name="producer")
    producer.start()
    weather.blow()  # in this thread: a PostgreSQL that is started again lives as long as the thread that did it
    producer.join()
    settled = _wait_until_settled(verdict.open_deliveries, since=weather.last_fault)
    over.set()
    if settled is None:
        for name, program in house.programs.items():
            print(f"--- {name}\n{program.said()[-1500:]}")
    lines = verdict.judge(clinic, made, house.network, answers, settled_after=settled)
    print(f"\n{len(made.told)} requests committed, {len(made.spoiled)} failed on purpose, {made.retried} tried again")
    print("faults:", ", ".join(f"{count} x {what}" for what, count in sorted(weather.done.items())))
    print(f"\n{'promise':<58}{'found':<36}")
    for line in lines:
        word = "" if line.kept is None else "kept" if line.kept else "BROKEN"
        print(f"{line.promise:<58}{line.found:<36}{word}")
    return 0 if all(line.kept is not False for line in lines) else 1


def _announce(clinic: object, doctors: list[UUID], *, tasks: int, seconds: int, chance: Random, made: Made) -> None:
    """Spread over the time of the storm; the clinic's own switch of the asynchronous path is flipped on the way."""
    from clinics.models import Clinic

    began = time.monotonic()
    for number in range(tasks):
        time.sleep(max(0.0, began + seconds * number / tasks - time.monotonic()))
        while True:
            try:
                if number % max(1, tasks // 20) == 0:  # twenty times
                    on = bool((number // max(1, tasks // 20)) % 2)
                    Clinic.objects.filter(pk=clinic.pk).update(async_delivery=on)  # type: ignore[attr-defined]
                announce_one(clinic, number, doctors, chance, made)
                break
            except Spoiled:
                break
            except Error:  # the database is away: whoever asked asks again, for something new
                made.retried += 1
                connection.close()
                time.sleep(0.3)
    _patiently(lambda: Clinic.objects.filter(pk=clinic.pk).update(async_delivery=True))  # type: ignore[attr-defined]
    connection.close()


def _patiently(deed: Callable[[], object]) -> None:
    while True:
        try:
            deed()
            return
        except Error:
            connection.close()
            time.sleep(0.3)


def _wait_until_settled(left: object, *, since: float) -> float | None:
    """Seconds from the last fault until nothing was open any more; None: it was still open when patience ended."""
    while time.monotonic() - since < PATIENCE_SECONDS:
        try:
            open_now = left()  # type: ignore[operator]
            if open_now == 0:
                return time.monotonic() - since
            print(f"{open_now} still open", flush=True)
        except Error:
            connection.close()
        time.sleep(5)
    return None
