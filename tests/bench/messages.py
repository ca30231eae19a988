"""From a commit to the people: how many events a worker delivers, and how soon an emergency is heard."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from datetime import time as clock
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice.models import CallPolicy
from clinics.practice.shifts import Shift
from clinics.telephone import public_url
from clinics.tenancy import inside
from escalations.models import Escalation, Rung, Step
from notifications.events import announce
from notifications.models import Delivery, Event, Notification
from notifications.reach import Preference
from tests.bench import plain_job
from tests.bench.callers import Times, Wire, one_call, play
from tests.bench.screen import Screen
from tests.far_ends.twilio_rest import TwilioRest

EMERGENCY = "i can't breathe"
CHOOSES, ON_CALL = "+12125550001", "+12125550002"
PATIENCE_SECONDS = 15.0


# --- How many --------------------------------------------------------------------------------------------------------
def through_the_outbox(clinic: Clinic) -> UUID:
    """The same record with its event, in one transaction."""
    about = uuid.uuid4()
    with inside(clinic), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_row (words) VALUES (%s)", [str(about)])
        announce(kind=plain_job.KIND, about=about, path=f"/tasks/{about}/", key=f"{plain_job.KIND}:{about}")
    return about


def events_per_second(commit: Callable[[], UUID], *, events: int, people: int) -> float:
    """From before the first commit until every line is in its inbox and every push is made; events a second."""
    already = Notification.objects.count()
    began = time.monotonic()
    for _ in range(events):
        commit()
    while time.monotonic() - began < 120:
        if Notification.objects.count() - already >= events * people and not _open():
            return events / (time.monotonic() - began)
        time.sleep(0.01)
    raise SystemExit("The worker of the benchmark did not deliver everything.")


def _open() -> bool:
    waiting = Event.objects.filter(state="pending").exists()
    return waiting or Delivery.objects.exclude(state__in=("sent", "dead", "expired", "cancelled")).exists()


# --- How soon --------------------------------------------------------------------------------------------------------
@dataclass
class Heard:
    """Seconds from the first byte of the turn that said it to each place."""

    stream: list[float] = field(default_factory=list)
    screen: list[float] = field(default_factory=list)
    chosen_text: list[float] = field(default_factory=list)
    ladder_text: list[float] = field(default_factory=list)
    turns: Times = field(default_factory=Times)
    missed: int = 0


def get_ready(clinic: Clinic) -> None:
    """One person wants to be texted at once; another is on call, and the ladder's text to them is due at once."""
    with inside(clinic):
        chooser, on_call = User.objects.filter(role=Role.STAFF).order_by("email")[:2]
        User.objects.filter(pk=chooser.pk).update(phone=CHOOSES)
        User.objects.filter(pk=on_call.pk).update(phone=ON_CALL)
        policy = CallPolicy.objects.latest("version")
        policy.pk, policy.version, policy._state.adding = None, policy.version + 1, True
        policy.ladder = {"emergency": {"doctors": 0, "text": 0}}  # no clinic may: its least is a minute
        policy.save()
        Shift.objects.bulk_create(
            Shift(person=on_call, place=1, weekday=day, begins=clock(0), ends=clock(23, 59), since=date(2020, 1, 1))
            for day in range(7)
        )
    Preference.objects.create(clinic=clinic, person=chooser.pk, kind="escalation.raised", channel="sms")


class Page:
    """An open page at the stream's socket: when it heard of each kind."""

    def __init__(self, clinic: Clinic, port: int) -> None:
        self.heard: dict[str, list[float]] = {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        host = urlsplit(public_url(clinic, "/events/")).netloc
        cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(clinic)}"
        self.connection.request("GET", "/events/", headers={"Host": host, "Cookie": cookie})
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise SystemExit(f"The stream of the benchmark answered {self.answer.status}.")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            while line := self.answer.readline():
                at = time.monotonic()
                if line.startswith(b'data: {"kind"'):
                    self.heard.setdefault(line.decode().split('"')[3], []).append(at)

    def times(self, kind: str) -> list[float]:
        return list(self.heard.get(kind, ()))


def session_of(clinic: Clinic) -> str:
    request = HttpRequest()
    with inside(clinic):
        request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
        login(request, User.objects.order_by("email")[0], backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        return request.session.session_key


def emergencies(clinic: Clinic, port: int, network: TwilioRest, screen: Screen, *, times: int) -> Heard:
    """So many callers, one after the other, who say it in their first sentence; each one is cleared away again."""
    heard, page = Heard(), Page(clinic, port)
    number = clinic.lines.get().number
    for _ in range(times):
        wire = Wire(clinic, port, heard.turns)  # a kept connection is closed by the server after five quiet seconds
        line, _greeting = wire.ring(caller="+12025550143", dialled=number, test=False)
        began, by_the_clock = time.monotonic(), time.time()
        wire.say(line, EMERGENCY)
        places = (
            (heard.stream, lambda: page.times("escalation.raised")),
            (heard.chosen_text, lambda: _posts(network, CHOOSES)),
            (heard.ladder_text, lambda: _posts(network, ON_CALL)),
        )
        for seconds, seen in places:
            at = _first_since(began, seen)
            if at is None:
                heard.missed += 1
            else:
                seconds.append(at - began)
        drawn = screen.seconds_since(by_the_clock, patience=PATIENCE_SECONDS)
        if drawn is None:
            heard.missed += 1
        else:
            heard.screen.append(drawn)
        if not line.over:
            wire.hang_up(line)
        wire.connection.close()
        _clear(clinic)
    return heard


def _posts(network: TwilioRest, number: str) -> list[float]:
    """When the network was handed each text to a number."""
    return [post.at for post in list(network.posts) if post.form.get("To") == number]


def _first_since(began: float, seen: Callable[[], list[float]]) -> float | None:
    while time.monotonic() - began < PATIENCE_SECONDS:
        found = [at for at in seen() if at >= began]
        if found:
            return found[0]
        time.sleep(0.005)
    return None


def _clear(clinic: Clinic) -> None:
    """As if it had been worked on: a hundred open emergencies are not what is measured."""
    with inside(clinic):
        for model in (Rung, Step, Escalation):
            model.objects.all().delete()


@contextlib.contextmanager
def twenty_calls(clinic: Clinic, port: int) -> Iterator[list[Times]]:
    """Twenty callers who talk, each with a call after the other, for as long as this lasts."""
    over, done = threading.Event(), []

    def run() -> None:
        while not over.is_set():
            done.append(play(one_call, clinic, port, callers=20, rounds=1, pause=0.4))
        connection.close()

    thread = threading.Thread(target=run, name="calls")
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join(60)
