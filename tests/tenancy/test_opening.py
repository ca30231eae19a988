"""Opening a clinic: by action and by command; all of it stands, or nothing."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_tenants.utils import schema_exists

from clinics import actions
from clinics.backups import programs
from clinics.fleet import blueprint
from clinics.fleet.models import Blueprint, Group, GroupMember
from clinics.models import Clinic, Domain, PhoneLine
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice import policies
from clinics.practice.models import CallPolicy
from clinics.tenancy import inside
from clinics.versions import find_missing

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
    assert (rules.limits.max_turns, rules.spanish, rules.clinic_line) == (33, False, "+12025550155")
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
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    Blueprint.objects.all().delete()
    with monkeypatch.context() as patched:
        patched.setattr(blueprint, "call_command", fail)
        with pytest.raises(RuntimeError):
            opened()

    assert not schema_exists(blueprint.NAME)

    assert not schema_exists("east")
    assert not Clinic.objects.filter(slug="east").exists()


# --- A copy of an empty clinic ----
def test_a_copy_is_what_the_migrations_make(north: Clinic) -> None:
    copy = opened()
    walked = Clinic(slug="walked", schema_name="walked", name="Walked")
    walked.save(verbosity=0)

    assert find_missing("east") == ""
    assert Blueprint.objects.count() == 1
    assert structure(copy.schema_name) == structure("walked")


def structure(schema: str) -> list[str]:
    """What pg_dump says of a schema without its rows, in any order, without its name and the casts it writes anew."""
    command = [programs.program("pg_dump"), "--no-owner", "--schema-only", f"--schema={schema}"]
    lines = b"".join(programs.output_of(*command)).decode().splitlines()
    plain = [
        re.sub(r"::(text|character varying)(\[\])?|[()]", "", re.sub(rf"\b{schema}\b", "X", line)) for line in lines
    ]
    return sorted(line for line in plain if not line.startswith("\\"))


def test_two_copies_count_their_rows_from_the_beginning() -> None:
    first, second = opened(), opened(slug="west", host="west.example.org", number="+12025550156")

    for clinic in (first, second):
        with inside(clinic):
            assert CallPolicy.objects.get().pk == 1


def test_without_pg_dump_the_migrations_are_walked(monkeypatch: Any) -> None:
    def nowhere(name: str) -> str:
        raise programs.ProgramFailed("There is none.")

    Blueprint.objects.all().delete()
    monkeypatch.setattr(programs, "program", nowhere)

    assert find_missing(opened().schema_name) == ""
    assert not Blueprint.objects.exists()


def test_a_clinic_of_a_group_begins_with_what_its_group_has_set() -> None:
    Group.objects.create(slug="hill", name="Hill", locked=["spanish"], settings={
        "spanish": False, "live_words": True, "async_delivery": False, "max_turns": 40,
    })  # fmt: skip

    clinic = opened(template="north", group="hill")

    with inside(clinic):
        rules = policies.policy_in_force()
    assert (rules.spanish, rules.live_words) == (False, True)
    assert rules.limits.max_turns == 36, "laxer than a pilot may be: left out"
    assert Clinic.objects.get(pk=clinic.pk).async_delivery is False
    assert GroupMember.objects.get(clinic=clinic).own == []


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
        ("group", "nobody"),
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
