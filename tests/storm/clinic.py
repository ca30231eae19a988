"""The clinic that the storm hits, and how an announcement is made in it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import time as clock
from datetime import timedelta
from random import Random
from uuid import UUID

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

PEOPLE = 200
SPOILED = 0.05
PER_REQUEST = 2
URGENT_EVERY = 20


class Spoiled(Exception):
    """Something in the request failed after the outbox rows were written."""


@dataclass
class Made:
    """What was committed, by the producer's own count."""

    told: dict[UUID, UUID] = field(default_factory=dict)
    urgent: set[UUID] = field(default_factory=set)
    spoiled: set[UUID] = field(default_factory=set)
    retried: int = 0
    flips: int = 0

    @property
    def announced(self) -> int:
        """Announcements of the committed requests: two each, and with every twentieth an urgent one."""
        return PER_REQUEST * len(self.told) + len(self.urgent)


def open_clinic() -> object:
    """Migrate, open one clinic, and give its doctors a telephone each, which they have shown to be theirs."""
    from clinics.models import Clinic, Domain, PhoneLine
    from clinics.people.models import User
    from clinics.people.roles import Role
    from clinics.practice.models import CallPolicy, OpeningHours
    from clinics.tenancy import inside
    from notifications.numbers import digest
    from notifications.reach import ProvenPhone

    call_command("migrate_schemas", "--shared", verbosity=0)
    clinic = Clinic(slug="storm", schema_name="storm", name="Storm Clinic")
    clinic.save(verbosity=0)
    Domain.objects.create(tenant=clinic, domain="storm.localhost", is_primary=True)
    PhoneLine.objects.create(clinic=clinic, number="+12025550120")
    with inside(clinic):
        CallPolicy.objects.create(version=1, phase="expansion", clinic_line="+12025550199")
        OpeningHours.objects.bulk_create(
            OpeningHours(weekday=day, opens=clock(0), closes=clock(23, 59)) for day in range(7)
        )
        User.objects.create_user("staff@storm.test", None, name="Staff", role=Role.STAFF)
        User.objects.bulk_create(
            User(email=f"d{n}@storm.test", name=f"D{n}", role=Role.DOCTOR, phone=f"+1212555{n:04d}")
            for n in range(PEOPLE)
        )
        doctors = list(User.objects.filter(role=Role.DOCTOR))
    ProvenPhone.objects.bulk_create(
        ProvenPhone(
            clinic=clinic, person=one.pk, digest=digest(clinic, one.phone),
            asked_at=timezone.now(), proven_at=timezone.now(),
        )
        for one in doctors
    )  # fmt: skip
    return clinic


def announce_one(clinic: object, number: int, doctors: list[UUID], chance: Random, made: Made) -> None:
    """One request's worth: a task, its own event, and a text to one doctor; some fail after all that was written."""
    from clinics.tenancy import inside
    from notifications.events import announce
    from tasks.actions import open_task

    call_id, doctor = uuid.uuid4(), chance.choice(doctors)
    spoiled = chance.random() < SPOILED
    with inside(clinic), transaction.atomic():
        task = open_task(
            kind="callback", summary="Storm", details={}, call_id=call_id, priority=2,
            due_at=timezone.now() + timedelta(hours=2), needs_decision=False,
        )  # fmt: skip
        announce(
            kind="task.completed", about=task.id, path=f"/tasks/{task.id}/", key=f"task.completed:{task.id}",
            audience=[doctor], channels=["inbox", "sms"],
        )  # fmt: skip
        if number % URGENT_EVERY == 0:
            announce(
                kind="escalation.step", about=task.id, path=f"/escalations/{task.id}/", key=f"step:{task.id}",
                audience=[doctor], channels=["sms"],
            )  # fmt: skip
        if spoiled:
            made.spoiled.add(task.id)
            raise Spoiled
    made.told[task.id] = doctor
    if number % URGENT_EVERY == 0:
        made.urgent.add(task.id)
