"""The asynchronous path and its two switches, on real parts: turned off, flipped under load, and with a sick Redis."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import clinic_by_schema, forget, inside
from notifications import broker, nudge
from notifications.events import announce
from notifications.models import Delivery, Event, Notification
from tasks.actions import open_task
from tests import baseline
from tests.far_ends.twilio_rest import late
from tests.notifications.conftest import Outbox
from tests.notifications.machines import Valkey, environment, sweeper, wait_for, worker
from tests.product.house import House

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 1.5
"""The most that a request may take while Redis is away."""


def switch(outbox: Outbox, *, on: bool) -> None:
    """As an operator does it: the row is saved, and this process believes nothing older."""
    clinic = Clinic.objects.get(pk=outbox.north.pk)
    clinic.async_delivery = on
    clinic.save(update_fields=["async_delivery"])
    outbox.north.refresh_from_db()


# --- Off -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whose", ["the clinic's", "everybody's"])
def test_with_the_path_off_inboxes_and_open_pages_know_before_the_request_is_answered(outbox, valkey, settings, whose):
    if whose == "everybody's":
        settings.ASYNC_DELIVERY = False
    else:
        switch(outbox, on=False)
    with valkey.client().pubsub() as page:
        page.subscribe(f"stream:{outbox.north.schema_name}")
        page.get_message(timeout=5)

        about = outbox.announce("escalation.raised")

        assert outbox.lines(about) == len(outbox.people())
        assert outbox.states(about)["browser"] == ["sent"]
        heard = [json.loads(message["data"])["kind"] for _ in range(2) if (message := page.get_message(timeout=5))]
    assert "escalation.raised" in heard
    assert valkey.client().llen(broker.QUEUE) == valkey.client().llen(broker.URGENT) == 0, "no worker was woken"


def test_with_the_path_off_what_a_slow_network_leaves_over_is_the_sweepers(outbox, valkey, far, phones):
    """The first text takes four seconds, longer than the budget: the second is not begun by the web process."""
    switch(outbox, on=False)
    outbox.chooses("alice")
    bob = outbox.chooses("bob")
    far.moods.append(late(4.0))

    began = time.monotonic()
    about = outbox.announce("task.opened", audience=[bob.pk])
    assert time.monotonic() - began < LIMIT_SECONDS
    assert outbox.lines(about) == 2

    wait_for(lambda: far.posts, "the thread texts", seconds=20)
    assert nudge.nudger.wait(10)
    assert sorted(outbox.states(about)["sms"]) == ["pending", "sent"]

    process = sweeper(valkey, env=environment(valkey, SMS_MODE="on", TWILIO_API_BASE_URL=far.url))
    try:
        wait_for(lambda: outbox.states(about)["sms"] == ["sent", "sent"], "both are sent", seconds=30, also=process)
    finally:
        process.kill()
    assert sorted(item.form["To"] for item in far.sent()) == sorted([phones["alice"], phones["bob"]])


# --- Flipped ---------------------------------------------------------------------------------------------------------
THREADS, EVENTS, FLIPS = 8, 500, 20


@dataclass
class Load:
    """Eight threads that announce, each in transactions of its own; what they committed, by kind."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    committed: dict[UUID, str] = field(default_factory=dict)
    next: int = 0

    def run(self, _thread: int) -> None:
        try:
            while (number := self._take()) < EVENTS:
                kind, about = ("task.opened", "escalation.urgent")[number % 2], uuid.uuid4()
                with inside(clinic_by_schema("north")), transaction.atomic():
                    announce(kind=kind, about=about, path=f"/tasks/{about}/", key=f"{kind}:{about}")
                with self.lock:
                    self.committed[about] = kind
        finally:
            connection.close()

    def _take(self) -> int:
        with self.lock:
            self.next += 1
            return self.next - 1


def test_flipping_twenty_times_under_load_loses_no_line_and_doubles_none(outbox, valkey):
    processes = [worker(valkey), sweeper(valkey)]
    load = Load()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            running = [pool.submit(load.run, number) for number in range(THREADS)]
            for flip in range(FLIPS):
                wait_for(lambda so_far=flip * EVENTS // FLIPS: load.next >= so_far, "the load goes on", seconds=120)
                switch(outbox, on=flip % 2 == 1)
            for one in running:
                one.result(timeout=120)
        hears = {"task.opened": len(outbox.people(role="staff"))}
        hears["escalation.urgent"] = len(outbox.people(role__in=["staff", "doctor"]))
        wanted = sum(hears[kind] for kind in load.committed.values())
        wait_for(lambda: Notification.objects.count() >= wanted, "everybody was told", seconds=90, also=processes[0])
    finally:
        for process in processes:
            process.kill()

    assert len(load.committed) == EVENTS
    assert {about: outbox.lines(about) for about in load.committed} == {
        about: hears[kind] for about, kind in load.committed.items()
    }
    assert Notification.objects.values("event", "person").distinct().count() == Notification.objects.count()
    inboxes = Delivery.objects.filter(channel="inbox")
    assert not inboxes.exclude(state="sent").exists()
    by = {one.split(":")[0] for one in inboxes.values_list("leased_by", flat=True)}
    assert {"web", "worker"} <= by, "both ways were taken"


# --- With a sick Redis -----------------------------------------------------------------------------------------------
EMERGENCY, FOR_A_PERSON = "i can't breathe", "i want to speak to a person"
CALLERS = 4


@pytest.fixture
def house(outbox: Outbox, valkey: Valkey, settings: object) -> Iterator[House]:
    """The web process alone, as the Procfile starts it; everything it wrote is taken away afterwards."""
    house = House(valkey)
    settings.PUBLIC_PORT = str(house.port)
    forget()
    try:
        house.start("web")
        wait_for(house._answers, "the web server answers", seconds=90, every=0.1, also=house.programs["web"])
        yield house
    finally:
        house.close()
        baseline.put_back()


def call(house: House, clinic: Clinic, words: str) -> list[tuple[int, float]]:
    """A caller who says one thing and hangs up: the status and the seconds of every answer."""
    caller = house.caller(clinic)
    line, _ = caller.call()
    caller.say(line, words)
    if not line.over:
        caller.hang_up(line)
    return [(exchange.status, exchange.took_ms / 1000) for exchange in caller.exchanges]


def a_task(clinic: Clinic) -> UUID:
    with inside(clinic), transaction.atomic():
        task = open_task(
            kind="callback", summary="Call back", details={}, call_id=uuid.uuid4(), priority=2,
            due_at=timezone.now() + timedelta(hours=2), needs_decision=False,
        )  # fmt: skip
    return task.id


class _Stay(urllib.request.HTTPRedirectHandler):
    """The answer itself is measured, not the page it leads to."""

    def redirect_request(self, *_: object) -> None:
        return None


def claim(house: House, task: UUID, session: str) -> tuple[int, float]:
    """Take a task over HTTP, as the page's button does without its script."""
    token = "t" * 32
    headers = {"Host": f"north.localhost:{house.port}", "X-CSRFToken": token}
    headers["Cookie"] = f"{django_settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{house.port}/tasks/{task}/claim/", data=b"version=1", headers=headers
    )
    began = time.monotonic()
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            status = answer.status
    except urllib.error.HTTPError as answered:
        status = answered.code
    return status, time.monotonic() - began


def inboxes_of(kind: str) -> list[tuple[str, str]]:
    """State and holder of every inbox delivery of a kind."""
    found = Delivery.objects.filter(event__kind=kind, channel="inbox")
    return [(state, holder) for state, holder in found.values_list("state", "leased_by")]


@pytest.mark.parametrize(("fault", "on"), [("kill", True), ("freeze", True), ("freeze", False)])
def test_with_a_sick_redis_nobody_waits_and_the_web_process_tells_what_is_urgent(outbox, valkey, house, fault, on):
    switch(outbox, on=on)
    north, session = outbox.north, house.cookie(outbox.north, "Alice")
    tasks = [a_task(north) for _ in range(CALLERS + 1)]
    call(house, north, "what are your opening hours")
    assert claim(house, tasks.pop(), session)[0] == 302
    getattr(valkey, fault)()

    with ThreadPoolExecutor(2 * CALLERS) as pool:
        calls = [pool.submit(call, house, north, (EMERGENCY, FOR_A_PERSON)[n % 2]) for n in range(CALLERS)]
        claims = [pool.submit(claim, house, task, session) for task in tasks]
        turns = [answer for one in calls for answer in one.result()]
        claimed = [one.result() for one in claims]

    assert {status for status, _ in turns} <= {200, 204}
    assert {status for status, _ in claimed} == {302}
    slowest = max(took for _, took in turns), max(took for _, took in claimed)
    print(f"\n{fault}, path {'on' if on else 'off'}: turn {slowest[0]:.2f} s, claim {slowest[1]:.2f} s")  # noqa: T201
    assert max(slowest) < LIMIT_SECONDS

    web = f":{house.programs['web'].process.pid}"
    everyone, staff = len(outbox.people()), len(outbox.people(role="staff"))
    urgent = CALLERS // 2 * everyone

    def told_from_the_web(kind: str, count: int) -> bool:
        found = inboxes_of(kind)
        return len(found) == count and all(state == "sent" and by.endswith(web) for state, by in found)

    wait_for(lambda: told_from_the_web("escalation.raised", urgent), "the urgent ones left from the web", seconds=10)
    rest = CALLERS // 2 * staff
    if not on:
        assert told_from_the_web("escalation.attention", rest), "its own rows were delivered by the request"
        return
    assert inboxes_of("escalation.attention") == [], "nobody was there to tell what can wait"
    process = sweeper(valkey)
    try:
        wait_for(lambda: len(inboxes_of("escalation.attention")) == rest, "the rest is found", seconds=30, also=process)
        waiting = Event.objects.filter(state="pending")
        inboxes = Delivery.objects.filter(channel="inbox").exclude(state="sent")
        wait_for(lambda: not waiting.exists() and not inboxes.exists(), "nothing is left", seconds=30, also=process)
    finally:
        process.kill()
    assert {by.split(":")[0] for _, by in inboxes_of("escalation.attention")} == {"sweeper"}
