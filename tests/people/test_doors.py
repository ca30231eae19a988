"""Every address asks for a permission or says why not; every job says on whose behalf it runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path

from clinics.models import Clinic
from clinics.people import doors
from clinics.people.behalf import SYSTEM, for_a_person
from clinics.people.models import User
from clinics.people.roles import Permission
from clinics.tenancy import clinic_job, inside
from cliniqai.celery import app

urlpatterns = [path("forgotten/", lambda request: HttpResponse("open"), name="forgotten")]


def test_no_address_is_open_by_having_been_forgotten() -> None:
    assert doors.every_address_is_guarded(None) == []


def test_an_address_without_a_permission_stops_the_start(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__

    assert [fault.msg for fault in doors.every_address_is_guarded(None)] == ["forgotten asks for no permission."]


def test_what_is_named_open_exists_and_asks_for_nothing() -> None:
    """A name that leads nowhere, or to a view with a permission, is a line that nobody took away."""
    views = {name: view for conf in ("cliniqai.urls", "cliniqai.public_urls") for name, view in doors.addresses(conf)}

    assert {name for name in doors.OPEN if name not in views} == set()
    assert {name for name in doors.OPEN if doors.permission_of(views[name]) is not None} == set()
    assert all(len(reason) > 10 for reason in [*doors.OPEN.values(), *doors.OPEN_FAMILIES.values()])


def test_every_job_says_on_whose_behalf_it_runs() -> None:
    app.loader.import_default_modules()
    ours = {name: job for name, job in app.tasks.items() if not name.startswith("celery.")}

    assert len(ours) > 5
    silent = {name for name, job in ours.items() if not isinstance(getattr(job.run, "acts_for", None), str)}
    assert silent == set()
    assert {job.run.acts_for for job in ours.values()} <= {SYSTEM, *Permission}


def test_a_job_for_a_person_is_refused_once_the_right_is_gone(north: Clinic, carol: User, alice: User) -> None:
    done: list[str] = []

    @clinic_job
    @for_a_person(Permission.SET_HOURS)
    def job(schema: str, person_id: str) -> None:
        done.append(person_id)

    job("north", str(carol.id))
    assert done == [str(carol.id)]
    with pytest.raises(PermissionDenied):
        job("north", str(alice.id))
    with inside(north):
        User.objects.filter(pk=carol.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        job("north", str(carol.id))
    assert done == [str(carol.id)]


def test_a_dict_of_permissions_by_method_counts_as_one() -> None:
    view = SimpleNamespace(view_class=SimpleNamespace(permission={"GET": Permission.SEE_TASKS}))

    assert doors.permission_of(view) == {"GET": Permission.SEE_TASKS}
