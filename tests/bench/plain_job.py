"""The baseline of delivery: a Celery job as one would write it at first, for the same people over the same broker.

It is sent when the record is committed and carries its arguments in the message; a killed worker loses it, and a lost
broker loses all of them. It looks up the same people, writes the same lines and tells the same stream.
"""

from __future__ import annotations

import os
import uuid
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")

import django
from celery import Celery
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from notifications.broker import broker_url

QUEUE = "bench_plain"
KIND = "task.opened"

app = Celery("plain", broker=broker_url(settings.REDIS_URL), set_as_current=False)
app.conf.update(task_default_queue=QUEUE, task_ignore_result=True)


@app.task(name="bench.tell")
def tell(schema: str, about: str) -> None:
    """Write a line into the inbox of everyone on the staff, then let open pages look."""
    from clinics.people.models import User
    from clinics.people.roles import Role
    from clinics.tenancy import clinic_by_schema, inside
    from notifications import stream
    from notifications.models import Notification

    clinic = clinic_by_schema(schema)
    with inside(clinic):
        people = list(User.objects.active().filter(role=Role.STAFF).values_list("pk", flat=True))
    path = f"/tasks/{about}/"
    Notification.objects.bulk_create(
        Notification(clinic=clinic, person=person, kind=KIND, about=UUID(about), path=path) for person in people
    )
    stream.publish(schema=schema, kind=KIND)


def commit_one(schema: str) -> UUID:
    """The record in the clinic's schema, and its job once that is committed."""
    from clinics.tenancy import clinic_by_schema, inside

    about = uuid.uuid4()
    with inside(clinic_by_schema(schema)), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_row (words) VALUES (%s)", [str(about)])
        transaction.on_commit(lambda: tell.delay(schema, str(about)))
    return about


if not apps.ready:  # in the worker; the benchmark itself is set up already
    django.setup()
