"""The second step: nobody is signed in before it, it is set up where it is the rule, and its secrets are sealed."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from clinics.models import Clinic
from clinics.people import factors
from clinics.people.models import Session, User
from clinics.people.sessions import SECOND, SessionStore
from clinics.tenancy import inside
from tests.conftest import client_on
from tests.people.keys import App, code_step, give_app, give_codes, is_in, password_step

pytestmark = pytest.mark.django_db


def set_up_app(client: Any) -> App:
    """The app that the page of a browser on the way asks to scan."""
    page = client.get("/sign-in/set-up/").content.decode()
    return App(re.search(r'id="key">([A-Z2-7 ]+)<', page)[1])


# --- With an app -----------------------------------------------------------------------------------------------------
def test_a_code_opens_the_page_that_was_wanted(alice: User, north: Clinic) -> None:
    app, client = give_app(north, alice), client_on(north)

    assert password_step(client, alice, next="/calls/")["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert code_step(client, f" {app.code()[:3]} {app.code()[3:]} ")["Location"] == "/calls/"

    assert is_in(client)


def test_a_wrong_code_says_how_many_tries_are_left_and_no_more(alice: User, north: Clinic) -> None:
    give_app(north, alice)
    client = client_on(north)
    password_step(client, alice)

    answers = [code_step(client, "000000") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert "You have 5 tries left." in answers[0].content.decode()
    assert "You have 1 try left." in answers[4].content.decode()
    assert "telephone your clinic admin" in answers[6].content.decode()


def test_the_step_is_forgotten_after_ten_minutes(alice: User, north: Clinic, monkeypatch: Any) -> None:
    app, client = give_app(north, alice), client_on(north)
    password_step(client, alice)
    later = time.time() + 601

    monkeypatch.setattr(time, "time", lambda: later)

    assert code_step(client, app.code())["Location"] == "/sign-in/"


def test_a_new_password_stops_who_is_on_the_way(alice: User, north: Clinic) -> None:
    app, client = give_app(north, alice), client_on(north)
    password_step(client, alice)
    with inside(north):
        alice.set_password("another correct horse")
        alice.save()

    assert code_step(client, app.code())["Location"] == "/sign-in/"


# --- With a recovery code --------------------------------------------------------------------------------------------
def test_a_recovery_code_works_once_and_its_owner_is_told(alice: User, north: Clinic) -> None:
    give_app(north, alice)
    codes = give_codes(north, alice)

    def use(code: str) -> Any:
        client = client_on(north)
        password_step(client, alice)
        return client.post("/sign-in/recovery/", {"code": code})

    assert use(f"{codes[0][:4]} {codes[0][4:]}").status_code == 302
    assert use(codes[0]).status_code == 422
    assert use(codes[1]).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.notifications_event WHERE kind = 'person.changed'")
        assert cursor.fetchone()[0] == 2


# --- Where it is the rule --------------------------------------------------------------------------------------------
def test_who_has_none_sets_one_up_on_the_way_in_and_sees_recovery_codes_once(
    alice: User, north: Clinic, settings: Any
) -> None:
    settings.REQUIRE_MFA = True
    client = client_on(north)
    assert password_step(client, alice, next="/calls/")["Location"] == "/sign-in/set-up/"
    assert not is_in(client)
    app = set_up_app(client)

    shown = client.post("/sign-in/set-up/", {"code": app.code()}).content.decode()

    codes = re.findall(r'<li class="mono">(\d{4} \d{4})</li>', shown)
    assert len(codes) == 10
    assert 'href="/calls/"' in shown
    assert is_in(client)
    assert codes[0] not in client.get("/profile/").content.decode()


def test_a_wrong_first_code_keeps_the_key_to_scan(alice: User, north: Clinic, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    client = client_on(north)
    password_step(client, alice)
    app = set_up_app(client)

    assert client.post("/sign-in/set-up/", {"code": "000000"}).status_code == 422

    assert set_up_app(client) == app
    assert not is_in(client)


def test_a_session_without_a_second_step_is_nobodys_once_it_is_the_rule(
    alice: User, client_of: Any, settings: Any
) -> None:
    client = client_of(alice)
    assert is_in(client)

    settings.REQUIRE_MFA = True

    assert not is_in(client)


def test_where_it_is_no_rule_a_password_is_enough_until_one_is_set_up(alice: User, north: Clinic) -> None:
    client = client_on(north)
    assert password_step(client, alice)["Location"] == "/"
    secret = re.search(r'id="key">([A-Z2-7 ]+)<', client.get("/profile/app/").content.decode())[1]

    shown = client.post("/profile/app/", {"code": App(secret).code()})

    assert "recovery codes" in shown.content.decode()
    assert password_step(client_on(north), alice)["Location"] == "/sign-in/code/"


def test_setting_one_up_ends_the_other_sessions_and_not_this_one(alice: User, north: Clinic, client_of: Any) -> None:
    other, client = client_of(alice), client_on(north)
    password_step(client, alice)
    secret = re.search(r'id="key">([A-Z2-7 ]+)<', client.get("/profile/app/").content.decode())[1]

    client.post("/profile/app/", {"code": App(secret).code()})

    assert is_in(client)
    assert not is_in(other)


# --- A trusted computer ----------------------------------------------------------------------------------------------
def trusted(clinic: Clinic, user: User, app: App) -> Any:
    client = client_on(clinic)
    password_step(client, user)
    client.post("/sign-in/code/", {"code": app.code(), "trust": "1"})
    client.post("/sign-out/")
    return client


def test_trust_is_off_until_the_clinic_allows_it(alice: User, north: Clinic) -> None:
    client = trusted(north, alice, give_app(north, alice))

    assert password_step(client, alice)["Location"] == "/sign-in/code/"


@pytest.mark.parametrize("ends", ["", "sign-out", "password", "rule", "hours"])
def test_a_trusted_computer_skips_the_second_step_until_something_ends_it(
    alice: User, carol: User, north: Clinic, monkeypatch: Any, settings: Any, ends: str
) -> None:
    from clinics.people import actions

    settings.REQUIRE_MFA = True
    with inside(north):
        actions.set_rules(by=carol, trust_computers=True)
    client = trusted(north, alice, give_app(north, alice))
    new = "another correct horse"
    with inside(north):
        if ends == "sign-out":
            actions.end_sessions(by=alice, user=User.objects.get(pk=alice.pk))
        elif ends == "password":
            actions.change_password(user=User.objects.get(pk=alice.pk), password=new)
        elif ends == "rule":
            actions.set_rules(by=carol, trust_computers=False)
    if ends == "hours":
        later = time.time() + 12 * 3600 + 1
        monkeypatch.setattr(time, "time", lambda: later)

    leads = password_step(client, alice, *([new] if ends == "password" else []))["Location"]

    assert leads == ("/sign-in/code/" if ends else "/")
    if not ends:
        assert is_in(client)


# --- The secrets -----------------------------------------------------------------------------------------------------
def test_no_secret_is_readable_in_the_table(alice: User, north: Clinic) -> None:
    app = give_app(north, alice)
    codes = give_codes(north, alice)

    with inside(north):
        kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert app.secret not in kept
    assert not any(code in kept for code in codes)


def test_a_secret_copied_to_another_person_or_clinic_does_not_open(
    alice: User, bob: User, north: Clinic, south: Clinic
) -> None:
    app = give_app(north, alice)
    with inside(north):
        data = Authenticator.objects.get(user=alice).data
        Authenticator.objects.create(user=bob, type="totp", data=data)
        with pytest.raises(ValueError, match="sealed"):
            factors.check_code(bob, app.code())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO south.people_user SELECT * FROM north.people_user WHERE id = %s", [alice.pk])
        cursor.execute(
            "INSERT INTO south.mfa_authenticator (user_id, type, data, created_at) "
            "SELECT user_id, type, data, created_at FROM north.mfa_authenticator WHERE user_id = %s", [alice.pk],
        )  # fmt: skip
    with inside(south), pytest.raises(ValueError, match="sealed"):
        factors.check_code(User.objects.get(pk=alice.pk), app.code())


def test_the_session_says_how_the_second_step_was_done_and_on_what(alice: User, north: Clinic) -> None:
    app, client = give_app(north, alice), client_on(north)
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
    )
    password_step(client, alice)
    code_step(client, app.code(), HTTP_USER_AGENT=agent, REMOTE_ADDR="10.0.0.7")

    with inside(north):
        row = Session.objects.filter(user=alice).latest("began_at")
        assert (row.device, row.address) == ("Chrome on Windows", "10.0.0.7")
        assert SessionStore(row.session_key)[SECOND] == "totp"
