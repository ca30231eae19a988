"""What a clinic's telephone may not say or do is refused when it is published, with a sentence that says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from calls.house import house_of
from clinics.actions import open_clinic
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions, policies
from clinics.practice.models import CallPolicy, Fact
from clinics.practice.phases import LOW_RISK, PRESETS
from clinics.tenancy import inside
from tests.conftest import PASSWORD


@pytest.fixture
def in_north(north: Clinic) -> Iterator[Clinic]:
    with inside(north):
        yield north


# --- Words ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("en", "For a fever, drink fluids and rest.", "advice"),
        ("en", "Take two tablets every six hours.", "dose"),
        ("en", "Your results came back negative.", "result"),
        ("en", "A sore arm after a shot is nothing to worry about.", "reassures"),
        ("en", "You do not need an ambulance.", "urgent"),
        ("es", "Si tiene fiebre, descanse y beba agua.", "advice"),
        ("es", "No se preocupe, es normal.", "reassures"),
        ("en", "Estamos abiertos de lunes a viernes por la tarde.", "language"),
    ],
)
def test_a_fact_that_does_a_clinicians_work_is_refused(
    in_north: Clinic, carol: User, language: str, text: str, reason: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.set_fact(by=carol, topic="colds", language=language, text=text)

    (sentence,) = refused.value.message_dict["text"]
    assert sentence.startswith("The phone must not say this, because")
    assert reason in sentence
    assert not Fact.objects.filter(topic="colds").exists()


def test_a_greeting_that_reassures_is_refused_and_the_old_one_stays(in_north: Clinic, carol: User) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.publish_policy(by=carol, changes={"greeting_en": "Hello, there is nothing to worry about here."})

    assert "nothing to worry" in refused.value.message_dict["greeting_en"][0]
    assert policies.policy_in_force().greeting_en == ""


def test_what_was_stored_before_it_could_be_refused_is_not_said(in_north: Clinic) -> None:
    Fact.objects.create(topic="flu", language="en", text="For the flu, take two aspirin and rest.")
    policies.forget()

    policy = policies.policy_in_force()

    assert ("flu", "en") in policy.facts
    assert ("flu", "en") not in house_of(policy, timezone.now()).facts
    assert ("parking", "en") in house_of(policy, timezone.now()).facts


# --- Limits ---------------------------------------------------------------------------------------------------------
def test_a_limit_left_empty_is_the_phases_own(in_north: Clinic, carol: User) -> None:
    actions.publish_policy(by=carol, changes={"phase": "pilot"})
    assert policies.policy_in_force().limits == PRESETS["pilot"]

    actions.publish_policy(by=carol, changes={"phase": "production"})
    assert policies.policy_in_force().limits == PRESETS["production"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"max_call_seconds": 600}, "max_call_seconds", "In the pilot phase this is at most 360."),
        ({"min_confidence": 0.2}, "min_confidence", "In the pilot phase this is at least 0.45."),
        ({"automates": ["refill", "human_request"]}, "automates", "In the pilot phase a person takes these: Refills"),
        ({"automates": ["callback"]}, "automates", "This cannot be left out: Messages for a person."),
        ({"automates": ["dancing"]}, "automates", "There is no such request: dancing."),
        ({"automates": "refill"}, "automates", "Give a list of requests."),
        ({"misunderstood_in_a_row": 0}, "misunderstood_in_a_row", "greater than or equal to 1"),
        ({"max_turns": "many"}, "max_turns", "must be an integer"),
    ],
)
def test_what_the_phase_does_not_allow_is_refused_in_a_sentence(
    in_north: Clinic, carol: User, changes: dict[str, Any], field: str, sentence: str
) -> None:
    actions.publish_policy(by=carol, changes={"phase": "pilot"})

    with pytest.raises(ValidationError) as refused:
        actions.publish_policy(by=carol, changes=changes)

    assert sentence in refused.value.message_dict[field][0]


def test_going_back_to_a_pilot_needs_no_clearing_up_first(in_north: Clinic, carol: User) -> None:
    actions.publish_policy(by=carol, changes={"phase": "production", "max_call_seconds": 700, "doubted_in_call": 2})

    actions.publish_policy(by=carol, changes={"phase": "pilot"})

    limits = policies.policy_in_force().limits
    assert limits.max_call_seconds == PRESETS["pilot"].max_call_seconds
    assert limits.doubted_in_call == 2


def test_a_version_from_before_the_phases_is_held_to_its_phase(in_north: Clinic) -> None:
    CallPolicy.objects.create(version=9, phase="pilot", clinic_line="+12025550199", max_call_seconds=600)
    policies.forget()

    assert policies.policy_in_force().limits.max_call_seconds == PRESETS["pilot"].max_call_seconds


@pytest.mark.django_db(transaction=True)
def test_a_new_clinic_is_a_pilot_even_after_the_pattern_of_a_grown_one() -> None:
    with inside(Clinic.objects.get(slug="north")):
        actions.publish_policy(by=None, changes={"phase": "production", "max_call_seconds": 700, "max_turns": 20})

    clinic = open_clinic(by=None, name="Eastside", host="east.example.org", number="+12025550155", template="north")

    with inside(clinic):
        policy = policies.policy_in_force()
    assert policy.phase == "pilot"
    assert policy.limits.automates == LOW_RISK
    assert (policy.limits.max_turns, policy.limits.max_call_seconds) == (20, PRESETS["pilot"].max_call_seconds)


# --- The operators' pages --------------------------------------------------------------------------------------------
@pytest.fixture
def desk(transactional_db: None) -> Client:
    User.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")
    client = Client(HTTP_HOST=settings.BASE_DOMAIN)
    client.post("/sign-in/", {"email": "olga@cliniqai.test", "password": PASSWORD, "next": "/admin/"})
    return client


def filled(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back of the page as it is shown."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_an_operator_sets_phase_and_limits_and_reads_why_not(desk: Client) -> None:
    clinic = Clinic.objects.get(slug="north")
    url = f"/admin/clinics/clinic/{clinic.pk}/policy/"
    form = filled(desk, url)

    refused = desk.post(url, form | {"phase": "pilot", "max_call_seconds": 700})
    assert refused.status_code == 422
    assert "In the pilot phase this is at most 360." in refused.content.decode()

    assert desk.post(url, form).status_code == 422, "nothing differs"
    assert desk.post(url, form | {"greeting_en": "Hello, do not worry."}).status_code == 422
    wanted = {"phase": "stabilisation", "max_call_seconds": 300, "automates": ["callback", "human_request"]}
    assert desk.post(url, form | wanted).status_code == 302
    with inside(clinic):
        policy = policies.policy_in_force()
    assert (policy.phase, policy.limits.max_call_seconds) == ("stabilisation", 300)
    assert policy.limits.automates == {"callback", "human_request"}

    again = filled(desk, url)
    assert set(again["automates"]) == {"callback", "human_request"}
    assert desk.post(url, {name: value for name, value in again.items() if name != "automates"}).status_code == 302
    with inside(clinic):
        assert policies.policy_in_force().limits.automates == PRESETS["stabilisation"].automates


def test_an_operator_writes_facts_and_reads_why_not(desk: Client) -> None:
    clinic = Clinic.objects.get(slug="north")
    url = f"/admin/clinics/clinic/{clinic.pk}/facts/"
    fact = {"topic": "parking", "language": "en", "text": "You can park in the garage next door."}

    refused = desk.post(url, fact | {"text": "You can take two aspirin."})
    assert refused.status_code == 422
    assert "The phone must not say this" in refused.content.decode()
    accepted = desk.post(url, fact)
    assert accepted.status_code == 302, accepted.context["form"].errors

    assert "garage next door" in desk.get(url).content.decode()
    with inside(clinic):
        assert policies.policy_in_force().facts["parking", "en"] == fact["text"]
        assert Fact.objects.filter(topic="parking", language="en").count() == 1


@pytest.mark.parametrize("page", ["policy", "facts"])
def test_only_operators_on_the_public_host_see_them(transactional_db: None, page: str) -> None:
    clinic = Clinic.objects.get(slug="north")
    url = f"/admin/clinics/clinic/{clinic.pk}/{page}/"

    assert Client(HTTP_HOST=settings.BASE_DOMAIN).get(url).status_code == 302
    assert Client(HTTP_HOST=f"north.{settings.BASE_DOMAIN}").get(url).status_code == 404
