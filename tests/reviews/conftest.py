"""Calls that were really held, ended and set back in time, so that they come up for review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import pytest
from django.conf import settings
from redis import Redis

from calls.models import Call, Turn
from clinics.models import Clinic
from clinics.practice import policies
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from escalations.models import Escalation
from tests.calls.network import CALLER, Network

EMERGENCY = ("my husband has crushing chest pain and can't breathe",)
REFILL = (
    "i need a refill of my lisinopril", "the Walgreens on Main Street", "Maria Alvarez", "yes",
    "March fourth nineteen eighty two", "yes", "yes", "no that is all",
)  # fmt: skip
QUESTION = ("where can i park", "no thank you that is all")

Hold = Callable[..., UUID]


@pytest.fixture
def fresh_cache() -> Iterator[None]:
    """A test's transaction is rolled back, Redis is not."""
    with Redis.from_url(settings.CACHE_URL) as redis:
        redis.flushall()
        yield
        redis.flushall()


def hold_call(
    clinic: Clinic, *said: str, at: datetime | None = None, caller: str = CALLER, test: bool = False, over: bool = True
) -> UUID:
    """One whole call by telephone; `at` sets it back in time."""
    network = Network(clinic)
    line, _ = network.call(caller=caller, test=test)
    for words in said:
        if not line.over:
            network.say(line, words)
    if over:
        network.hang_up(line)
    with inside(clinic):
        call = Call.objects.get(sid=line.sid)
        if at is not None:
            Call.objects.filter(pk=call.pk).update(started_at=at, ended_at=at)
            Turn.objects.filter(call=call).update(at=at)
            Escalation.objects.filter(call_id=call.pk).update(raised_at=at)
        return call.pk


@pytest.fixture
def hold(fresh_cache: None) -> Hold:
    return hold_call


@pytest.fixture
def pilot(north: Clinic) -> None:
    """The clinic is in its pilot: all of its first calls come up."""
    set_policy(north, phase="pilot")


@pytest.fixture
def no_pilot(north: Clinic) -> None:
    """The clinic is past its pilot, so that only chance chooses the calls that nothing went wrong in."""
    set_policy(north, phase="production")


def set_policy(clinic: Clinic, **fields: object) -> None:
    with inside(clinic):
        CallPolicy.objects.update(**fields)
        policies.forget()
