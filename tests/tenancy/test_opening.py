"""Opening a clinic: by command, by action and in the operators' admin; all of it stands, or nothing."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin as stock_admin
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_tenants.utils import schema_exists

from clinics import actions
from clinics.admin import operators
from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice import actions as practice
from clinics.practice import policies
from clinics.tenancy import inside
from tests.conftest import PASSWORD, client_on

pytestmark = pytest.mark.django_db(transaction=True)

EAST = {"name": "Eastside Clinic", "host": "east.example.org", "number": "+12025550155"}


def opened(**changes: str) -> Clinic:
    return actions.open_clinic(by=None, **EAST | changes)


# --- The deed ----
def test_a_clinic_is_ready_to_be_called() -> None:
    clinic = opened()

    assert (clinic.slug, clinic.schema_name, clinic.suspended_at) == ("east", "east", None)
    assert Client(HTTP_HOST="east.example.org").get("/sign-in/").status_code == 200
    with inside(clinic):
        rules = policies.policy_in_force()
        assert (rules.version, rules.clinic_line, rules.clinic_name) == (1, "+12025550155", "Eastside Clinic")
        assert rules.facts["hours", "en"] == "We are open Monday to Friday, 8 AM to 5 PM."
        assert rules.facts["hours", "es"]
        assert not User.objects.exists()


def test_a_template_gives_its_rules_and_nothing_bound_to_its_place() -> None:
    north = Clinic.objects.get(slug="north")
    with inside(north):
        practice.publish_policy(by=None, changes={"max_turns": 33, "spanish": False})
        practice.set_fact(by=None, topic="insurance", language="en", text="We take all insurers.")

    clinic = opened(template="north", slug="east-side")

    assert clinic.schema_name == "east_side"
    with inside(clinic):
        rules = policies.policy_in_force()
    assert (rules.max_turns, rules.spanish, rules.clinic_line) == (33, False, "+12025550155")
    assert rules.facts["insurance", "en"] == "We take all insurers."
    assert ("parking", "en") not in rules.facts
    assert ("address", "en") not in rules.facts


@pytest.mark.parametrize("step", ["publish_policy", "set_hours"])
def test_a_failure_on_the_way_leaves_nothing_behind(step: str, monkeypatch: Any) -> None:
    def fail(**kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(practice, step, fail)
        with pytest.raises(RuntimeError):
            opened()

    assert connection.schema_name == "public"
    assert not schema_exists("east")
    assert not Clinic.objects.filter(slug="east").exists()
    assert not Domain.objects.filter(domain="east.example.org").exists()
    assert not PhoneLine.objects.filter(number="+12025550155").exists()
    assert opened().slug == "east"


def test_a_failing_migration_leaves_nothing_behind(monkeypatch: Any) -> None:
    from django_tenants import models

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(models, "call_command", fail)
        with pytest.raises(RuntimeError):
            opened()

    assert not schema_exists("east")
    assert not Clinic.objects.filter(slug="east").exists()


@pytest.mark.parametrize(
    "slug",
    [
        "public",
        "pg-x",
        "pg_x",
        "A",
        "NORTH",
        "north",
        "a" * 64,
        "it's",
        'a"b',
        "a;drop",
        "a\nb",
        "north\n",
        "information-schema",
        "-ab",
        "ab-",
        "1ab",
        "é-clinic",
        "www",
    ],
)
def test_names_that_are_no_schema_are_refused(slug: str) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(slug=slug)

    assert "slug" in refused.value.message_dict


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "http://east.example.org"),
        ("host", "east.example.org:8000"),
        ("host", "east"),
        ("host", "10.0.0.1"),
        ("host", "north_east.example.org"),
        ("host", f"north.{settings.BASE_DOMAIN}"),
        ("host", settings.BASE_DOMAIN),
        ("host", "www.example.org"),
        ("host", "a" * 64 + ".example.org"),
        ("number", "12"),
        ("number", "+1202555010A"),
        ("number", "+12025550101"),
        ("name", ""),
        ("name", "a\nb"),
        ("name", "x" * 121),
        ("timezone", "Mars/Olympus"),
        ("template", "nobody"),
        ("clinic_line", "911"),
    ],
)
def test_bad_values_are_refused_by_field(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(**{"slug": "east"} | {field: value})

    assert set(refused.value.message_dict) == {field}
    assert not schema_exists("east")


def test_schemas_that_differ_by_a_hyphen_only_are_refused() -> None:
    opened(slug="east-side")

    with pytest.raises(ValidationError):
        opened(slug="east_side", host="b.example.org", number="+12025550156")


def test_the_command_opens_or_says_in_sentences_what_is_wrong() -> None:
    said = StringIO()
    call_command("open_clinic", EAST["name"], host=EAST["host"], number="(202) 555-0155", stdout=said)
    assert "Eastside Clinic is open at east.example.org" in said.getvalue()

    with pytest.raises(CommandError, match=r"host: This host is taken\.\nnumber: This number is taken\."):
        call_command("open_clinic", "Other", host=EAST["host"], number=EAST["number"], slug="other")


def test_the_token_command_prints_a_key_that_works() -> None:
    said = StringIO()
    call_command("api_token", clinic="north", email="ALICE@north.test", stdout=said)

    client = Client(HTTP_HOST=f"north.{settings.BASE_DOMAIN}", HTTP_AUTHORIZATION=f"Token {said.getvalue().strip()}")
    assert client.get("/api/tasks/").status_code == 200
    for wrong in ({"clinic": "nowhere", "email": "a@b.test"}, {"clinic": "north", "email": "dave@south.test"}):
        with pytest.raises(CommandError):
            call_command("api_token", **wrong)


# --- The operators' admin ----
@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client(HTTP_HOST=settings.BASE_DOMAIN)
    client.post("/admin/login/?next=/admin/", {"username": operator.email, "password": PASSWORD})
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
        "agreements-0-provider": "Twilio",
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
    assert clinic.agreements.get().provider == "Twilio"

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
        response = public.post("/admin/login/", {"username": email, "password": PASSWORD})
        assert response.status_code == 200, "the form again"

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
        public.post("/admin/login/", {"username": operator.email, "password": f"guess {n}"})

    response = public.post("/admin/login/", {"username": operator.email, "password": PASSWORD})

    assert "Too many tries" in response.content.decode()


def test_the_stock_admin_is_served_nowhere() -> None:
    from cliniqai import public_urls, urls

    for module in (public_urls, urls):
        assert stock_admin.site not in [getattr(one, "app_name", None) for one in module.urlpatterns]
    assert client_on(Clinic.objects.get(slug="north")).get("/admin/").status_code == 404
