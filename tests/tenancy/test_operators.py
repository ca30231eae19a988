"""The operators' admin: on the public host only, for operators only, and without a patient in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin as stock_admin
from django.test import Client

from clinics.admin import operators
from clinics.models import Clinic
from clinics.people import factors
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from cliniqai import public_urls, urls
from tests.conftest import PASSWORD, client_on
from tests.people.keys import App

pytestmark = pytest.mark.django_db(transaction=True)

EAST = {"name": "Eastside Clinic", "host": "east.example.org", "number": "+12025550155"}


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client(HTTP_HOST=settings.BASE_DOMAIN)
    client.post("/sign-in/", {"email": operator.email, "password": PASSWORD, "next": "/admin/"})
    return client


def test_an_operator_sets_a_clinic_up(desk: Client) -> None:
    wanted = EAST | {"slug": "east", "timezone": "America/Chicago"}
    wanted |= {"admin_name": "Eve East", "admin_email": "Eve@East.test"}

    response = desk.post("/admin/clinics/clinic/add/", wanted, follow=True)

    assert response.status_code == 200
    password = re.search(r"shown only now: ([\w-]+)", response.content.decode())[1]
    clinic = Clinic.objects.get(slug="east")
    eve = Client(HTTP_HOST="east.example.org")
    assert eve.post("/sign-in/", {"email": "eve@east.test", "password": password}).status_code == 302
    with inside(clinic):
        assert User.objects.get().role == Role.ADMIN
    assert password not in desk.get(f"/admin/clinics/clinic/{clinic.pk}/change/").content.decode()


def test_an_operator_reads_what_is_wrong_beside_the_field(desk: Client) -> None:
    response = desk.post("/admin/clinics/clinic/add/", EAST | {"slug": "pg_x", "host": "10.0.0.1"})

    assert response.status_code == 422
    assert not Clinic.objects.filter(name="Eastside Clinic").exists()


def test_an_operator_adds_people_hosts_numbers_and_agreements(desk: Client) -> None:
    clinic = Clinic.objects.get(slug="north")
    change = f"/admin/clinics/clinic/{clinic.pk}/change/"
    host, line = clinic.domains.get(), clinic.lines.get()
    form = {
        "name": "Northside Renamed",
        "timezone": "America/New_York",
        "region": "US",
        "ring": "early",
        "async_delivery": "on",
        "twilio_account_sid": "AC" + "5" * 32,
        "twilio_token": "own-token",
        "domains-TOTAL_FORMS": 2,
        "domains-INITIAL_FORMS": 1,
        "domains-0-id": host.pk,
        "domains-0-tenant": clinic.pk,
        "domains-0-domain": host.domain,
        "domains-0-is_primary": "on",
        "domains-1-tenant": clinic.pk,
        "domains-1-domain": "Second.example.org",
        "lines-TOTAL_FORMS": 2,
        "lines-INITIAL_FORMS": 1,
        "lines-0-id": line.pk,
        "lines-0-clinic": clinic.pk,
        "lines-0-number": line.number,
        "lines-0-active": "on",
        "lines-1-clinic": clinic.pk,
        "lines-1-number": "+12025550156",
        "lines-1-active": "on",
        "agreements-TOTAL_FORMS": 1,
        "agreements-INITIAL_FORMS": 0,
        "agreements-0-clinic": clinic.pk,
        "agreements-0-provider": "twilio-sms",
        "agreements-0-signed_on": "2026-01-01",
        "agreements-0-document": "vault/1",
    }

    response = desk.post(change, form)

    assert response.status_code == 302, response.content.decode()
    clinic.refresh_from_db()
    assert clinic.name == "Northside Renamed"
    assert clinic.twilio_token_sealed
    assert "own-token" not in clinic.twilio_token_sealed
    assert Client(HTTP_HOST="second.example.org").get("/sign-in/").status_code == 200
    assert clinic.lines.count() == 2
    assert clinic.agreements.get().provider == "twilio-sms"

    taken = desk.post(change, form | {"domains-1-domain": f"south.{settings.BASE_DOMAIN}"})
    assert taken.status_code == 200
    person = {"name": "New Nurse", "email": "nurse@north.test", "role": "staff"}
    assert desk.post(f"/admin/clinics/clinic/{clinic.pk}/person/", person).status_code == 302
    assert desk.post(f"/admin/clinics/clinic/{clinic.pk}/person/", person).status_code == 422
    assert desk.post(f"/admin/clinics/clinic/{clinic.pk}/person/", person | {"role": "operator"}).status_code == 422


def test_an_operator_suspends_and_resumes_at_once(desk: Client) -> None:
    north = Clinic.objects.get(slug="north")
    chosen = {"_selected_action": north.pk}

    desk.post("/admin/clinics/clinic/", chosen | {"action": "suspend"})
    assert client_on(north).get("/sign-in/").status_code == 503

    desk.post("/admin/clinics/clinic/", chosen | {"action": "resume"})
    assert client_on(north).get("/sign-in/").status_code == 200


def test_nothing_is_deleted_there_and_no_patient_is_there(desk: Client) -> None:
    clinic = Clinic.objects.get(slug="north")

    assert desk.post(f"/admin/clinics/clinic/{clinic.pk}/delete/", {"post": "yes"}).status_code == 403
    shared = {"clinics", "people", "notifications"}
    assert {model._meta.app_label for model in operators._registry} <= shared
    for path in ("/admin/calls/call/", "/admin/tasks/task/", "/admin/auth/group/", "/admin/auditlog/logentry/"):
        assert desk.get(path).status_code == 404


def test_the_pages_of_the_admin_break_no_policy(desk: Client) -> None:
    clinic = Clinic.objects.get(slug="north")
    pages = ["", "clinics/clinic/", "clinics/clinic/add/", f"clinics/clinic/{clinic.pk}/change/", "people/user/add/"]

    for page in (*pages, f"clinics/clinic/{clinic.pk}/person/", "people/user/", "password_change/"):
        response = desk.get(f"/admin/{page}")
        text = response.content.decode()
        assert response.status_code == 200, page
        assert "'unsafe" not in response["Content-Security-Policy"]
        inline = re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", text)
        assert not inline, (page, text[inline.start() - 200 : inline.end() + 200])
        scripts = re.findall(r"<script([^>]*)>", text)
        assert all("src=" in script or "application/json" in script for script in scripts), page


def test_clinics_and_platform_have_nobody_in_common(operator: User) -> None:
    public = Client(HTTP_HOST=settings.BASE_DOMAIN)
    for email in ("alice@north.test", "carol@north.test"):
        response = public.post("/sign-in/", {"email": email, "password": PASSWORD})
        assert response.status_code == 422, "the form again"

    north = client_on(Clinic.objects.get(slug="north"))
    assert north.post("/sign-in/", {"email": operator.email, "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize("changes", [{"is_staff": False}, {"is_active": False}, {"role": Role.ADMIN}])
def test_who_is_no_operator_any_more_is_out_at_once(desk: Client, operator: User, changes: dict[str, Any]) -> None:
    assert desk.get("/admin/clinics/clinic/").status_code == 200

    User.objects.filter(pk=operator.pk).update(**changes)

    assert desk.get("/admin/clinics/clinic/").status_code == 302


def test_an_operators_session_is_nothing_at_a_clinic(desk: Client) -> None:
    stolen = client_on(Clinic.objects.get(slug="north"))
    stolen.cookies = desk.cookies

    assert stolen.get("/")["Location"].startswith("/sign-in/")


def test_guessing_an_operators_password_is_slowed(operator: User) -> None:
    public = Client(HTTP_HOST=settings.BASE_DOMAIN)
    for n in range(9):
        public.post("/sign-in/", {"email": operator.email, "password": f"guess {n}"})

    response = public.post("/sign-in/", {"email": operator.email, "password": PASSWORD})

    assert "Too many tries" in response.content.decode()


def test_the_stock_admin_is_served_nowhere() -> None:
    for module in (public_urls, urls):
        assert stock_admin.site not in [getattr(one, "app_name", None) for one in module.urlpatterns]
    assert client_on(Clinic.objects.get(slug="north")).get("/admin/").status_code == 404


def test_an_operator_has_a_profile_and_another_one_resets_what_was_lost(desk: Client, operator: User) -> None:
    other = User.objects.create_superuser("otto@cliniqai.test", PASSWORD, name="Otto")
    app = App(factors.new_secret())
    assert factors.add_app(other, app.secret, app.code())
    chosen = {"action": "reset_second_step", "_selected_action": [str(other.pk), str(operator.pk)]}

    page = desk.post("/admin/people/user/", chosen, follow=True).content.decode()

    assert desk.get("/profile/").status_code == 200
    assert not factors.has_second_step(other)
    assert "Ask another admin" in page, "and not their own"
