"""On whose behalf a job runs: the system's, or a person's whose right is asked for again when it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied

from clinics import audit
from clinics.people.access import check_may
from clinics.people.models import User
from clinics.people.roles import Permission

SYSTEM = "system"
Job = Callable[..., Any]


def for_the_system(job: Job) -> Job:
    """A job that nobody asked for. What it writes into the trail names it instead of a person."""

    @wraps(job)
    def run(*args: object, **kwargs: object) -> Any:
        with audit.acting_alone(job.__name__):
            return job(*args, **kwargs)

    run.acts_for = SYSTEM  # type: ignore[attr-defined]
    return run


def for_a_person(permission: Permission) -> Callable[[Job], Job]:
    """A job of `(schema, person's id, ...)` inside that schema, under `@clinic_job`: refused once the right is gone."""

    def decorate(job: Job) -> Job:
        @wraps(job)
        def run(schema: str, person_id: str, *args: object, **kwargs: object) -> Any:
            person = User.objects.active().filter(pk=UUID(person_id)).first()
            if person is None:
                raise PermissionDenied("The person of this job has left.")
            check_may(person, permission)
            with audit.acting(person):
                return job(schema, person_id, *args, **kwargs)

        run.acts_for = permission  # type: ignore[attr-defined]
        return run

    return decorate
