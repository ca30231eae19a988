"""A clinic with something to lose: patients, an alarm that climbs, messages that have not left, a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.utils import timezone

from clinics import actions
from clinics.backups import programs
from clinics.backups.shared_rows import shared_tables
from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from notifications import nudge
from notifications.models import Preference, ProvenPhone
from notifications.numbers import digest
from tasks.models import Task
from tests.conftest import PASSWORD
from tests.escalations.conftest import heard
from tests.far_ends.twilio_rest import TwilioRest, twilio_rest
from tests.sealing.test_fields import a_task

PHONE = "+12025550171"


@pytest.fixture
def far(settings: Any) -> Iterator[TwilioRest]:
    """The telephone network, on loopback."""
    with twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far_end:
        settings.SMS_MODE, settings.TWILIO_API_BASE_URL = "on", far_end.url
        yield far_end


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(nudge.nudger, "ring", lambda event: None)
    monkeypatch.setattr(nudge.nudger, "say", lambda hint: None)


@pytest.fixture
def east(transactional_db: None, settings: Any) -> Clinic:
    clinic = copy_of_north("east")
    Domain.objects.create(tenant=clinic, domain="east.example.org", is_primary=True)
    PhoneLine.objects.create(clinic=clinic, number="+12025550155")
    person = actions.add_person(
        by=None, clinic=clinic, email="eve@east.test", name="Eve East", role=Role.ADMIN, password=PASSWORD
    )
    fill(clinic, person)
    return clinic


def bare_clinic(slug: str) -> Clinic:
    """The row of a clinic whose schema somebody else makes."""
    clinic = Clinic(slug=slug, schema_name=slug, name=f"{slug.title()}side Clinic", timezone="America/New_York")
    clinic.auto_create_schema = False
    clinic.save()
    return clinic


def copy_of_north(slug: str) -> Clinic:
    """A clinic in a quarter of the time that migrations take. The trail is left out: it is bound to a schema's name."""
    clinic = bare_clinic(slug)
    with connection.cursor() as cursor:
        cursor.execute(re.sub(r"\bnorth\b", slug, _north()))
    connection.close()  # the dump's settings go with it
    return clinic


@cache
def _north() -> str:
    without = ("--exclude-table-data=*.auditlog_logentry", "--exclude-table-data=*.practice_auditseal")
    command = [programs.program("pg_dump"), "--no-owner", "--inserts", "--schema=north", *without]
    lines = b"".join(programs.output_of(*command)).decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith("\\"))


def fill(clinic: Clinic, person: User) -> None:
    """Rows that would text somebody the moment anything delivers."""
    mark = digest(clinic, PHONE)
    ProvenPhone.objects.create(
        clinic=clinic, person=person.pk, digest=mark, asked_at=timezone.now(), proven_at=timezone.now()
    )
    Preference.objects.create(clinic=clinic, person=person.pk, kind="task.opened", channel="sms")
    folder = Path(configured.MEDIA_ROOT) / clinic.schema_name
    folder.mkdir(parents=True)
    (folder / "notice.txt").write_text("hello")
    with inside(clinic):
        User.objects.filter(pk=person.pk).update(phone=PHONE)
        with transaction.atomic():
            a_task(call_id=uuid4())
            raise_escalation(**heard())


def patients(clinic: Clinic) -> list[str]:
    with inside(clinic):
        return [task.patient_name for task in Task.objects.order_by("pk")]


def everything_of(clinic: Clinic) -> str:
    """A digest of a clinic to the last byte: its schema as pg_dump writes it, and its shared rows."""
    command = [programs.program("pg_dump"), "--no-owner", f'--schema="{clinic.schema_name}"']
    dump = b"".join(programs.output_of(*command)).splitlines()
    told = sha256(b"\n".join(line for line in dump if b"restrict" not in line[:12]))
    with connection.cursor() as cursor:
        for one in shared_tables():
            cursor.execute(f'SELECT t::text FROM public."{one.table}" t WHERE {one.mine} ORDER BY 1', [clinic.pk])
            told.update(repr(cursor.fetchall()).encode())
    return told.hexdigest()
