"""Two clinics that know nothing of each other, built once: `north` with Alice, Bob and Carol, `south` with Dave.

A test that takes `db` is rolled back. One that must commit (threads, processes, a server) takes `transactional_db` or
`@pytest.mark.django_db(transaction=True)`: afterwards every row of every schema is put back as it was built.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from datetime import time as clock
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.db import connection
from django.http import HttpRequest
from django.test import Client, TransactionTestCase
from django.utils.module_loading import import_string

from clinics import sealed
from clinics.fleet import blueprint
from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.people.sessions import PROVED
from clinics.practice.models import CallPolicy, Fact, OpeningHours
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from cliniqai.warm import CYCLES_AFTER
from tests import baseline, order, template

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "north": (
        ("alice", "Alice Moreno", Role.STAFF),
        ("bob", "Bob Lee", Role.DOCTOR),
        ("carol", "Carol Diaz", Role.ADMIN),
    ),
    "south": (("dave", "Dave Okafor", Role.STAFF),),
}
CLINICS = {"north": ("Northside Clinic", "+12025550101"), "south": ("Southgate Practice", "+12025550102")}
PHASES = {"north": "expansion", "south": "pilot"}
FACTS = {
    ("parking", "en"): "You can park behind the house.",
    ("parking", "es"): "Puede estacionarse detrás de la casa.",
    ("address", "en"): "We are at 1 Main Street.",
    ("address", "es"): "Estamos en la calle Main, número 1.",
}


def pytest_configure() -> None:
    settings.API_MOST_OF_PERSON = settings.API_MOST_OF_CLINIC = 1_000_000  # walks ask for more than people may
    gc.set_threshold(CYCLES_AFTER, 10, 10)  # as in a web process: the rules are a million objects to look through
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]  # the stock hash takes 0.3 s each


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER"):
        order.arrange(items)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """The public schema and two clinics beside it: built once for this code, then copied (tests/template.py)."""
    original = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        database = connection.creation._get_test_db_name()
        with template.alone():
            if template.copy_to(database):
                baseline.recall(["public", *CLINICS])
            else:
                _build()
                template.keep(database)
    TransactionTestCase._fixture_teardown = lambda case: baseline.put_back()  # Django's flush would empty the clinics
    yield
    with django_db_blocker.unblock():
        template.drop(database, original=original)


def _build() -> None:
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    for slug in CLINICS:
        _open(slug)
    connection.set_schema_to_public()
    baseline.keep(["public", *CLINICS])


def _open(slug: str) -> None:
    name, number = CLINICS[slug]
    clinic = Clinic(slug=slug, schema_name=slug, name=name, timezone="America/New_York")
    clinic.auto_create_schema = False
    clinic.save()
    blueprint.make_schema(clinic)  # so that the migrations are walked once for both, and for every clinic of a test
    Domain.objects.create(tenant=clinic, domain=f"{slug}.{settings.BASE_DOMAIN}", is_primary=True)
    PhoneLine.objects.create(clinic=clinic, number=number)
    with inside(clinic):
        for short, person, role in PEOPLE[slug]:
            User.objects.create_user(f"{short}@{slug}.test", PASSWORD, name=person, role=role)
        CallPolicy.objects.create(version=1, phase=PHASES[slug], clinic_line="+12025550199")
        # Always open, so that no test depends on the hour it runs at; a test that needs closed doors takes them away.
        OpeningHours.objects.bulk_create(
            OpeningHours(weekday=day, opens=clock(0), closes=clock(23, 59, 59)) for day in range(7)
        )
        Fact.objects.bulk_create(Fact(topic=topic, language=lang, text=text) for (topic, lang), text in FACTS.items())


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """No test sees what another's process cache believed, nor the schema it was in."""
    forget_everything()
    sealed.breaker.reset()
    yield
    forget_everything()
    if connection.connection is not None or connection.schema_name != "public":
        connection.set_schema_to_public()


@pytest.fixture
def timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process believes for some seconds does not grow old, so that a busy machine asks for no more rows."""
    monkeypatch.setattr("clinics.remembered.time", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.fixture
def glances(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbench stops at the first sentences, for walks that open each page many times: tests/workbench waits."""
    monkeypatch.setattr("calls.workbench.looking._after", lambda deadline: lambda: True)
    monkeypatch.setattr("calls.workbench.views.THE_WHOLE", 0)


@pytest.fixture
def north(db: None) -> Clinic:
    return Clinic.objects.get(slug="north")


@pytest.fixture
def south(db: None) -> Clinic:
    return Clinic.objects.get(slug="south")


@pytest.fixture
def alice(north: Clinic) -> User:
    return _person(north, "alice")


@pytest.fixture
def bob(north: Clinic) -> User:
    return _person(north, "bob")


@pytest.fixture
def carol(north: Clinic) -> User:
    return _person(north, "carol")


@pytest.fixture
def dave(south: Clinic) -> User:
    return _person(south, "dave")


def _person(clinic: Clinic, short: str) -> User:
    with inside(clinic):
        return User.objects.get(email=f"{short}@{clinic.slug}.test")


def clinic_of(user: User) -> Clinic:
    """The clinic of one of the people above, read from the address they sign in with."""
    return Clinic.objects.get(slug=user.email.split("@")[1].removesuffix(".test"))


def client_on(clinic: Clinic) -> Client:
    """A stranger's browser on a clinic's host."""
    return Client(HTTP_HOST=f"{clinic.slug}.{settings.BASE_DOMAIN}")


@pytest.fixture
def client_of(db: None) -> Callable[[User], Client]:
    """A browser in which a person is signed in on their clinic's host."""

    def sign_in(user: User) -> Client:
        clinic = clinic_of(user)
        client = client_on(clinic)
        with inside(clinic):
            request = HttpRequest()
            request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            request.session[PROVED] = int(time.time())
            request.session.save()
            client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return sign_in
