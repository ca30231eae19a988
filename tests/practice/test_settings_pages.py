"""The settings of a clinic: shown before they are saved, refused with a reason, in versions that can come back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from clinics.models import Agreement, Clinic, PhoneLine
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice import hours
from clinics.practice.hours import Interval, Week
from clinics.practice.models import CallPolicy, Fact, Holiday, OpeningHours
from clinics.practice.pages import changes
from clinics.practice.pages.index import SECTIONS
from clinics.tenancy import inside

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
WEEK = {"opens_0_0": "08:00", "closes_0_0": "12:00", "opens_0_1": "13:00", "closes_0_1": "17:00"}
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def carols(carol: User, client_of: SignIn) -> Client:
    return client_of(carol)


def policy_form(**given: str) -> dict[str, str]:
    return {
        "greeting_en": "", "greeting_es": "", "spanish": "on", "recording": "none", "clinic_line": "+12025550199",
        "emergency_number": "911", "crisis_number": "988", "speech": "network",
        "handover": "line", "answers": "assistant_first", **given,
    }  # fmt: skip


def test_every_page_of_settings_is_listed_once() -> None:
    listed = [section.url_name for section in SECTIONS]

    assert len(listed) == len(set(listed))


def latest(clinic: Clinic) -> CallPolicy:
    with inside(clinic):
        return CallPolicy.objects.order_by("-version").first()


def test_only_admins_find_settings(alice: User, bob: User, carols: Client, client_of: SignIn) -> None:
    assert "Hours and holidays" in carols.get("/settings/").text
    for person in (alice, bob):
        assert client_of(person).get("/settings/").status_code == 403


# --- Hours -----------------------------------------------------------------------------------------------------------
def test_new_hours_are_read_in_words_before_they_are_saved(carols: Client, north: Clinic) -> None:
    looked = carols.post("/settings/hours/", WEEK)
    with inside(north):
        assert OpeningHours.objects.count() == 7
    assert "We are open Monday, 8 AM to noon and 1 PM to 5 PM." in looked.text

    saved = carols.post("/settings/hours/", {**WEEK, "confirmed": "1"})
    assert saved.status_code == 302
    with inside(north):
        assert list(OpeningHours.objects.values_list("weekday", "opens", "closes")) == [
            (0, time(8), time(12)),
            (0, time(13), time(17)),
        ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"opens_0_0": "08:00"}, "Monday: say both when it opens and when it closes."),
        ({"opens_0_0": "8 o'clock", "closes_0_0": "12:00"}, "Monday opens: write a time such as 08:30."),
        ({**WEEK, "opens_0_1": "11:00", "confirmed": "1"}, "Two openings of one day overlap."),
        ({"opens_0_0": "08:00", "closes_0_0": "08:00", "confirmed": "1"}, "Closing time must differ"),
    ],
)
def test_hours_that_make_no_sense_are_refused_beside_the_field(
    given: dict[str, str], why: str, carols: Client, north: Clinic
) -> None:
    answer = carols.post("/settings/hours/", given)

    assert answer.status_code == 422
    assert why in answer.text.replace("&#x27;", "'")
    with inside(north):
        assert OpeningHours.objects.count() == 7


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=NEW_YORK), "Monday 2 March 2026, 9 AM: the clinic is open"),
        (datetime(2026, 3, 2, 12, 30, tzinfo=NEW_YORK), "people are there again today at 1 PM"),
        (datetime(2026, 3, 3, 9, tzinfo=NEW_YORK), "people are there again on March 16 at 8 AM"),
        (datetime(2026, 3, 9, 9, tzinfo=NEW_YORK), "It is a day with other hours."),
    ],
)  # fmt: skip
def test_a_moment_tells_what_a_call_meets(at: datetime, says: str) -> None:
    week = Week((Interval(0, time(8), time(12)), Interval(0, time(13), time(17))))

    assert says in hours.what_happens(week, {date(2026, 3, 9): ()}, at)


def test_a_clinic_without_hours_is_told_that_none_is_known() -> None:
    assert "no opening is known" in hours.what_happens(Week(), {}, datetime(2026, 3, 2, 9, tzinfo=NEW_YORK))


def test_the_page_answers_what_would_happen(carols: Client) -> None:
    assert "the clinic is open" in carols.get("/settings/hours/?at=2026-03-02T09:00").text
    assert "Choose a day and a time." in carols.get("/settings/hours/?at=soon").text


def test_a_holiday_comes_and_goes(carols: Client, north: Clinic) -> None:
    day = {"day": "2099-12-25", "name": "Christmas"}
    assert carols.post("/settings/hours/holidays/", day).status_code == 302
    assert "Christmas: closed" in carols.get("/settings/hours/").text
    with inside(north):
        row = Holiday.objects.get()

    assert carols.post(f"/settings/hours/holidays/{row.id}/remove/").status_code == 302
    with inside(north):
        assert not Holiday.objects.exists()


def test_a_holiday_with_two_openings_is_shown_and_what_a_call_meets_then(carols: Client, north: Clinic) -> None:
    day = {
        "day": "2099-12-24",
        "name": "Eve",
        "opens": "09:00",
        "closes": "12:00",
        "opens1": "14:00",
        "closes1": "17:30",
    }
    assert carols.post("/settings/hours/holidays/", day).status_code == 302

    assert "Eve: 09:00 to 12:00, 14:00 to 17:30" in carols.get("/settings/hours/").text
    noon, later = (carols.get(f"/settings/hours/?at=2099-12-24T{at}").text for at in ("13:00", "15:00"))
    assert "the clinic is closed" in noon
    assert "people are there again today at 2 PM" in noon
    assert "It is a day with other hours: 9 AM to noon and 2 PM to 5:30 PM." in noon
    assert "the clinic is open" in later


def test_a_holiday_whose_openings_overlap_is_refused_in_a_sentence(carols: Client) -> None:
    day = {
        "day": "2099-12-24",
        "name": "Eve",
        "opens": "09:00",
        "closes": "12:00",
        "opens1": "11:00",
        "closes1": "13:00",
    }

    answer = carols.post("/settings/hours/holidays/", day)

    assert answer.status_code == 422
    assert "Two openings of one day overlap." in answer.text


def test_each_site_on_another_clock_is_named_with_what_its_callers_meet(carols: Client, north: Clinic) -> None:
    PhoneLine.objects.create(clinic=north, number="+12025550109", label="Chicago", timezone="America/Chicago")
    with inside(north):
        practice.set_hours(by=None, week=Week(tuple(Interval(day, time(8), time(17)) for day in range(7))))

    page = carols.get("/settings/hours/?at=2026-03-02T08:30").text

    assert "Chicago (America/Chicago)" in page
    here, there = re.findall(r"the clinic is (open|closed)", page)
    assert (here, there) == ("open", "closed")
    assert "America/Chicago" in carols.get("/settings/platform/").text


def test_a_holiday_with_one_time_is_refused(carols: Client) -> None:
    answer = carols.post("/settings/hours/holidays/", {"day": "2099-12-25", "name": "x", "opens": "09:00"})

    assert answer.status_code == 422
    assert "or neither" in answer.text


# --- Policy ----------------------------------------------------------------------------------------------------------
def test_a_version_is_looked_at_before_it_is_published(carols: Client, north: Clinic) -> None:
    form = policy_form(greeting_en="Welcome to Northside.")

    looked = carols.post("/settings/policy/", form)
    assert latest(north).version == 1
    assert "Greeting in English" in looked.text
    assert "Welcome to Northside." in looked.text

    assert carols.post("/settings/policy/", {**form, "confirmed": "1"}).status_code == 302
    assert (latest(north).version, latest(north).greeting_en) == (2, "Welcome to Northside.")
    assert latest(north).published_by_id is not None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "Nothing differs from the version in force."),
        ({"greeting_en": "You are fine, do not worry."}, "greeting"),
        ({"clinic_line": "ring us"}, "clinic_line"),
        ({"max_turns": "5"}, "max_turns"),
    ],
)
def test_a_version_that_may_not_be_is_refused(given: dict, why: str, carols: Client, north: Clinic) -> None:
    answer = carols.post("/settings/policy/", {**policy_form(**given), "confirmed": "1"})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert why in answer.text
    assert latest(north).version == 1


def test_an_earlier_version_comes_back_as_the_next_one(carols: Client, north: Clinic) -> None:
    carols.post("/settings/policy/", {**policy_form(greeting_en="Welcome to Northside."), "confirmed": "1"})

    assert "Publish this again, as version 3" in carols.get("/settings/policy/versions/1/").text
    assert "Greeting in English" in carols.get("/settings/policy/versions/2/").text
    carols.post("/settings/policy/versions/1/restore/")

    assert (latest(north).version, latest(north).greeting_en) == (3, "")


def test_bringing_a_version_back_touches_neither_phase_nor_safety_rules(carols: Client, north: Clinic) -> None:
    with inside(north):
        CallPolicy.objects.create(version=2, phase="pilot", clinic_line="+12025550199", own_rules=[])
    carols.post("/settings/policy/versions/1/restore/")

    assert latest(north).phase == "pilot"


def test_what_callers_would_hear_is_shown_and_changes_nothing(carols: Client, north: Clinic) -> None:
    heard = carols.post(
        "/settings/policy/hear/", policy_form(greeting_en="Welcome to Northside."), HTTP_HX_REQUEST="true"
    )

    assert "Welcome to Northside." in heard.text
    assert "dial 9 1 1 now" in heard.text
    assert 'lang="es"' in heard.text
    assert latest(north).version == 1


def test_a_greeting_that_may_not_be_said_is_told_so(carols: Client) -> None:
    heard = carols.post("/settings/policy/hear/", policy_form(greeting_en="You are fine, do not worry."))

    assert "The standard greeting is heard instead." in heard.text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("spanish", True, "yes"),
        ("automates", ["callback", "cancel_appointment"], "callback, cancel appointment"),
        ("automates", [], "nothing"),
        ("max_turns", None, "the standard"),
        ("ladder", {"emergency": {"text": 60}}, "emergency: text: 60"),
        ("own_rules", [{}, {}], "2 rules"),
    ],
)
def test_a_change_is_told_in_words(name: str, value: object, words: str) -> None:
    assert changes.shown(name, value) == words


# --- Facts -----------------------------------------------------------------------------------------------------------
def test_a_fact_names_who_approved_it_and_can_be_taken_away(carols: Client, north: Clinic, carol: User) -> None:
    fact = {"topic": "fax", "language": "en", "text": "Our fax is 202 555 0111.", "expires_on": "2099-01-01"}
    assert carols.post("/settings/facts/", fact).status_code == 302
    with inside(north):
        row = Fact.objects.get(topic="fax")
        assert row.approved_by_id == carol.id
    page = carols.get("/settings/facts/").text
    assert "Approved by Carol Diaz, holds until 1 Jan 2099" in page

    carols.post(f"/settings/facts/{row.id}/remove/")
    with inside(north):
        assert not Fact.objects.filter(topic="fax").exists()


def test_a_fact_that_advises_is_refused(carols: Client, north: Clinic) -> None:
    answer = carols.post(
        "/settings/facts/", {"topic": "fever", "language": "en", "text": "Take two aspirin and do not worry."}
    )

    assert answer.status_code == 422
    with inside(north):
        assert not Fact.objects.filter(topic="fever").exists()


def test_a_fact_that_has_expired_says_so(carols: Client, north: Clinic) -> None:
    with inside(north):
        Fact.objects.create(topic="flu", language="en", text="Flu shots are on Friday.", expires_on=date(2020, 1, 1))

    assert "no longer said" in carols.get("/settings/facts/").text


def test_agreements_and_numbers_are_read_and_only_the_own_ones(
    north: Clinic, south: Clinic, carol: User, client_of: SignIn
) -> None:
    Agreement.objects.create(clinic=north, provider="Twilio", signed_on=date(2026, 3, 2), document="vault/17")
    Agreement.objects.create(clinic=south, provider="Acme Speech", signed_on=date(2026, 3, 2), document="vault/99")

    page = client_of(carol).get("/settings/platform/").text

    assert "Twilio" in page
    assert "2 Mar 2026" in page
    assert "+1 202-555-0101" in page
    assert "Acme" not in page
    assert "0102" not in page
