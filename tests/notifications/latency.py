"""How long an announcement takes to where people see it. Used by the tests and by the benchmark; needs a worker."""

from __future__ import annotations

import json
import time
import uuid

import redis
from django.db import transaction

from clinics.models import Clinic
from clinics.tenancy import inside
from notifications.events import announce
from notifications.models import Notification


def announce_one(clinic: Clinic, kind: str = "task.opened") -> uuid.UUID:
    """Announce in a transaction of its own."""
    about = uuid.uuid4()
    with inside(clinic), transaction.atomic():
        announce(kind=kind, about=about, path=f"/tasks/{about}/", key=f"{kind}:{about}")
    return about


def event_to_row(clinic: Clinic, *, seconds: float = 10.0) -> float:
    """Seconds from the commit of an event to the commit of its first inbox line, seen by polling every millisecond."""
    about = announce_one(clinic)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        if Notification.objects.filter(about=about).exists():
            return time.perf_counter() - began
        time.sleep(0.001)
    raise AssertionError("the line never came")


def event_to_stream(clinic: Clinic, redis_url: str, *, kind: str = "task.claimed", seconds: float = 10.0) -> float:
    """Seconds from the commit of an event to its kind on the clinic's Redis channel; the page adds about 2 ms."""
    with redis.Redis.from_url(redis_url).pubsub() as pubsub:
        pubsub.subscribe(f"stream:{clinic.schema_name}")
        pubsub.get_message(timeout=seconds)
        announce_one(clinic, kind)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            message = pubsub.get_message(timeout=0.5)
            if message and message["type"] == "message" and json.loads(message["data"])["kind"] == kind:
                return time.perf_counter() - began
    raise AssertionError("the push never came")
