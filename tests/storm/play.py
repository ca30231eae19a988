"""The storm from its first announcement to the verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from uuid import UUID

from django.db import Error, connection

from tests.far_ends.twilio_rest import GOOD
from tests.storm.clinic import PER_REQUEST, SPOILED, Made, Spoiled, announce_one, open_clinic
from tests.storm.house import House

PATIENCE_SECONDS = 420
"""How long after the last fault everything may still be under way; the promise is five minutes."""

REPLAY_PATIENCE_SECONDS = 240
FLIPS = 20
TELL_EVERY_SECONDS = 30


def play(house: House, *, events: int, seconds: int, seed: int) -> int:
    """Returns 1 when a promise was broken."""
    clinic = open_clinic()
    from clinics.people.models import User
    from clinics.tenancy import inside
    from tests.storm import verdict
    from tests.storm.people import Reports, call_again_and_again
    from tests.storm.weather import Weather, moody

    with inside(clinic):
        doctors = list(User.objects.filter(role="doctor").order_by("email").values_list("pk", flat=True))
    weather, over = Weather(house, seconds=seconds, chance=Random(seed)), threading.Event()
    house.network.mood = moody(Random(seed + 1))
    house.start_all()
    answers = call_again_and_again(clinic, house, weather, over)
    reports = Reports(house, Random(seed + 2), over)
    made = Made()
    given = {"events": events, "seconds": seconds, "chance": Random(seed + 3), "made": made}
    producer = threading.Thread(target=_announce, args=(clinic, doctors), kwargs=given, name="producer", daemon=True)
    producer.start()
    weather.blow()  # in this thread: a PostgreSQL that is started again lives as long as the thread that did it
    producer.join()
    settled = _wait_until_settled(verdict.open_deliveries, since=weather.last_fault, patience=PATIENCE_SECONDS)
    if settled is None:
        for name, program in house.programs.items():
            print(f"--- {name}\n{program.said()[-1500:]}")
    house.network.mood = lambda form: GOOD
    replayed = _replay_twice_at_once(house, verdict)
    over.set()
    reports.thread.join(30)
    lines = verdict.judge(clinic, made, house.network, answers, reports, replayed, settled_after=settled)
    _print(made, weather.done, lines)
    for flushed in (True, False):
        for heard in verdict.lost_calls(answers.told, flushed=flushed):
            print(f"heard in a call {'that lost' if flushed else 'with'} Redis: {heard}")
    return 0 if all(line.kept is not False for line in lines) else 1


def _print(made: Made, faults: dict[str, int], lines: list[object]) -> None:
    print(f"\n{made.announced} announcements of {len(made.told)} requests committed,", end=" ")
    print(f"{len(made.spoiled)} requests failed on purpose, {made.retried} tried again")
    print("faults:", ", ".join(f"{count} x {what}" for what, count in sorted(faults.items())))
    print(f"\n{'promise':<58}{'found':<40}")
    for line in lines:
        word = "" if line.kept is None else "kept" if line.kept else "BROKEN"  # type: ignore[attr-defined]
        print(f"{line.promise:<58}{line.found:<40}{word}")  # type: ignore[attr-defined]


def _announce(clinic: object, doctors: list[UUID], *, events: int, seconds: int, chance: Random, made: Made) -> None:
    """Spread over the time of the storm, until as many are committed; the clinic's own switch is flipped on the way."""
    from clinics.models import Clinic

    began, number = time.monotonic(), 0
    requests = events / PER_REQUEST / (1 - SPOILED)
    flip_every = max(1, int(requests / FLIPS))
    while made.announced < events:
        time.sleep(max(0.0, began + seconds * number / requests - time.monotonic()))
        while True:
            try:
                if number % flip_every == 0:
                    on = bool(number // flip_every % 2)
                    Clinic.objects.filter(pk=clinic.pk).update(async_delivery=on)  # type: ignore[attr-defined]
                    made.flips += 1
                announce_one(clinic, number, doctors, chance, made)
                break
            except Spoiled:
                break
            except Error:  # the database is away: whoever asked asks again, for something new
                made.retried += 1
                connection.close()
                time.sleep(0.3)
        number += 1
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


def _wait_until_settled(left: Callable[[], int], *, since: float, patience: float) -> float | None:
    """Seconds from `since` until nothing was open any more; None: it was still open when patience ended."""
    told = 0.0
    while time.monotonic() - since < patience:
        try:
            open_now = left()
            if open_now == 0:
                return time.monotonic() - since
            if time.monotonic() - told > TELL_EVERY_SECONDS:
                told = time.monotonic()
                print(f"{open_now} still open", flush=True)
        except Error:
            connection.close()
        time.sleep(2)
    return None


def _replay_twice_at_once(house: House, verdict: object) -> tuple[int, int, int]:
    """Two operators replay all dead letters in the same moment: how many there were, were replayed, and are left."""
    dead = verdict.dead_letters()  # type: ignore[attr-defined]
    both = [house.run("replay", "--reason", "after the storm", "--limit", "100000") for _ in range(2)]
    for program in both:
        if program.process.wait(120) != 0:
            print(f"--- replay\n{program.said()[-1500:]}")
    _wait_until_settled(verdict.open_deliveries, since=time.monotonic(), patience=REPLAY_PATIENCE_SECONDS)  # type: ignore[attr-defined]
    return dead, verdict.replayed_letters(), verdict.dead_letters()  # type: ignore[attr-defined]
