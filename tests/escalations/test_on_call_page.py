"""The page of who is on call: everybody reads it, the clinic's admins change it."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.test import Client

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.models import CallPolicy, Shift
from clinics.practice.policies import policy_in_force
from clinics.tenancy import inside
from escalations.on_call_forms import TimesForm
from tests.escalations.ladder import on_call

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PAGE = "/escalations/on-call/"


def text_of(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))  # type: ignore[attr-defined]


def shift(person: User, **changes: str) -> dict[str, str]:
    return {
        "person": str(person.id),
        "place": "1",
        "day": "4",
        "begins": "18:00",
        "ends": "08:00",
        "since": "2026-11-20",
        "until": "",
        **changes,
    }


def test_everyone_sees_who_is_on_call_and_only_admins_change_it(
    north: Clinic, client_of: SignIn, alice: User, bob: User, carol: User
) -> None:
    with inside(north):
        on_call(bob)

    for person in (alice, bob):
        page = client_of(person).get(PAGE)
        assert "On call Bob Lee Backup nobody Clinic admins Carol Diaz" in text_of(page)
        assert "Add a shift" not in page.text
        assert "555" not in page.text
        for path in (f"{PAGE}shifts/", f"{PAGE}times/", f"{PAGE}people/{bob.id}/number/"):
            assert client_of(person).post(path, shift(bob)).status_code == 403
    assert "Add a shift" in client_of(carol).get(PAGE).text


def test_an_admin_adds_a_night_asks_who_has_it_and_takes_it_away(
    north: Clinic, client_of: SignIn, bob: User, carol: User
) -> None:
    client = client_of(carol)
    assert client.post(f"{PAGE}shifts/", shift(bob)).status_code == 302

    page = client.get(PAGE, {"at": "2026-11-28T07:00"})
    assert "Sat 28 Nov, 07:00 On call Bob Lee (no telephone number) Backup nobody" in text_of(page)
    assert "Every Friday no telephone number 18:00 to 08:00 the next day On call Bob Lee" in text_of(page)
    assert "On call nobody" in text_of(client.get(PAGE, {"at": "2026-11-28T08:00"}))

    with inside(north):
        made = Shift.objects.get()
        assert (made.made_by, made.weekday, made.until) == (carol, 4, None)
    assert client.post(f"{PAGE}shifts/{made.pk}/remove/").status_code == 302
    assert client.post(f"{PAGE}shifts/{made.pk}/remove/").status_code == 404
    with inside(north):
        assert not Shift.objects.exists()
        made_and_removed = LogEntry.objects.filter(content_type__model="shift").values_list("action", flat=True)
        assert sorted(made_and_removed) == [LogEntry.Action.CREATE, LogEntry.Action.DELETE]


def test_a_single_shift_covers_one_night(client_of: SignIn, alice: User, bob: User, carol: User) -> None:
    client = client_of(carol)
    client.post(f"{PAGE}shifts/", shift(bob))
    client.post(f"{PAGE}shifts/", shift(alice, day="once", since="2026-11-27", until="2026-12-31"))

    assert "On call Alice Moreno" in text_of(client.get(PAGE, {"at": "2026-11-27T23:00"}))
    assert "On call Bob Lee" in text_of(client.get(PAGE, {"at": "2026-12-04T23:00"}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person": ""}, "Choose who is on call."),
        ({"person": str(uuid4())}, "Select a valid choice."),
        ({"begins": "25:00"}, "Enter a valid time."),
        ({"ends": ""}, "Say when it ends."),
        ({"until": "2026-11-01"}, "The last day cannot be before the first."),
        ({"place": "5"}, "Select a valid choice."),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_with_the_sentence(
    north: Clinic, client_of: SignIn, bob: User, carol: User, changes: dict[str, str], sentence: str
) -> None:
    answer = client_of(carol).post(f"{PAGE}shifts/", shift(bob) | changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    with inside(north):
        assert not Shift.objects.exists()


def test_the_same_shift_is_there_once(north: Clinic, client_of: SignIn, bob: User, carol: User) -> None:
    client = client_of(carol)
    client.post(f"{PAGE}shifts/", shift(bob))
    assert "This shift is there already." in client.post(f"{PAGE}shifts/", shift(bob)).text
    with inside(north):
        assert Shift.objects.count() == 1


def test_somebody_of_the_other_clinic_cannot_be_put_on_call(client_of: SignIn, carol: User, dave: User) -> None:
    client = client_of(carol)
    assert client.post(f"{PAGE}shifts/", shift(dave)).status_code == 422
    assert client.post(f"{PAGE}people/{dave.id}/number/", {"number": "+12025550171"}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept", "sentence"),
    [
        ("(202) 555-0171", "+12025550171", ""),
        ("+44 20 7946 0018", "+442079460018", ""),
        ("", "", ""),
        ("12", "old", "Write a whole telephone number"),
        ("+1 202 555 0101", "old", "This is the number that patients ring."),
    ],
)
def test_a_number_is_kept_whole_or_refused(
    north: Clinic, client_of: SignIn, bob: User, carol: User, typed: str, kept: str, sentence: str
) -> None:
    with inside(north):
        User.objects.filter(pk=bob.pk).update(phone="+12025550100")

    answer = client_of(carol).post(f"{PAGE}people/{bob.id}/number/", {"number": typed})

    assert answer.status_code == (422 if sentence else 302)
    assert sentence in answer.text
    with inside(north):
        assert User.objects.get(pk=bob.pk).phone == ("+12025550100" if kept == "old" else kept)
        assert not any("555" in str(entry.changes) for entry in LogEntry.objects.filter(content_type__model="user"))


def test_the_clinics_own_times_are_a_new_version_of_its_policy(north: Clinic, client_of: SignIn, carol: User) -> None:
    form = TimesForm(times={})
    standard = {name: str(field.initial) for name, field in form.fields.items()}
    client = client_of(carol)

    assert client.post(f"{PAGE}times/", standard | {"emergency-text": "90", "urgent-text": "15"}).status_code == 302

    with inside(north):
        assert policy_in_force().ladder == {"emergency": {"text": 90}, "urgent": {"text": 900}}
        assert CallPolicy.objects.count() == 2
    assert 'value="90"' in client.get(PAGE).text
    for wrong in ({"emergency-text": "9"}, {"emergency-text": "240", "emergency-ring": "100"}, {"urgent-text": ""}):
        assert client.post(f"{PAGE}times/", standard | wrong).status_code == 422
    with inside(north):
        assert CallPolicy.objects.count() == 2


def test_gaps_of_the_coming_week_are_named(north: Clinic, client_of: SignIn, bob: User, carol: User) -> None:
    client = client_of(carol)
    assert "Nobody is on call in the next seven days" in client.get(PAGE).text
    with inside(north):
        on_call(bob)
    assert "Nobody is on call in the next seven days" not in client.get(PAGE).text


def test_a_moment_that_is_none_is_said(client_of: SignIn, alice: User) -> None:
    assert "Choose a day and a time." in client_of(alice).get(PAGE, {"at": "soon"}).text
