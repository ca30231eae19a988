"""The People page and one's own profile: letting people in, out, and back; and what each of them ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from auditlog.models import LogEntry
from django.test import Client

from clinics.models import Clinic
from clinics.people import actions
from clinics.people.models import ApiToken, OneTimeLink, Session, User
from clinics.people.roles import Role
from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from tests.conftest import PASSWORD, client_on
from tests.people.keys import App, give_app, is_in, password_step

pytestmark = pytest.mark.django_db

HOME = "/settings/people/"
NEW = "another correct horse"


def invite(client: Client, email: str = "nina@north.test", role: str = "doctor") -> str:
    """The path of the link that an admin is shown where no e-mail leaves the server."""
    shown = client.post(f"{HOME}invite/", {"email": email, "role": role}).content.decode()
    return re.search(r'id="link-address">http://[^/]+(/[^<]+)<', shown)[1]


def told(clinic: Clinic, client: Client, path: str, **form: str) -> str:
    client.post(path, form)
    return client.get(HOME).content.decode()


# --- Inviting --------------------------------------------------------------------------------------------------------
def test_an_invited_doctor_chooses_a_password_sets_up_the_second_step_and_is_in(
    carol: User, north: Clinic, client_of: Any, settings: Any
) -> None:
    path = invite(client_of(carol))
    settings.REQUIRE_MFA = True
    client = client_on(north)

    assert client.get(path)["Location"] == "/sign-in/choose/"
    assert "Doctor" in client.get("/sign-in/choose/").content.decode()
    joined = client.post("/sign-in/choose/", {"name": "Dr. Nina New", "password": NEW})
    assert joined["Location"] == "/sign-in/set-up/"
    key = re.search(r'id="key">([A-Z2-7 ]+)<', client.get("/sign-in/set-up/").content.decode())[1]
    client.post("/sign-in/set-up/", {"code": App(key).code()})

    assert is_in(client)
    with inside(north):
        assert User.objects.get(email="nina@north.test").role == Role.DOCTOR


@pytest.mark.parametrize("password", ["short", "password1234", "nina@north.test", ""])
def test_a_weak_password_is_refused_with_the_rule_and_uses_nothing_up(
    carol: User, north: Clinic, client_of: Any, password: str
) -> None:
    client = client_on(north)
    client.get(invite(client_of(carol)))

    assert client.post("/sign-in/choose/", {"name": "Nina New", "password": password}).status_code == 422

    assert client.post("/sign-in/choose/", {"name": "Nina New", "password": NEW}).status_code == 302


def test_inviting_again_voids_the_first_link(carol: User, north: Clinic, client_of: Any) -> None:
    client = client_of(carol)
    first, second = invite(client), invite(client)

    assert client_on(north).get(first).status_code == 404
    assert client_on(north).get(second).status_code == 302
    with inside(north):
        assert OneTimeLink.objects.live().count() == 1


def test_who_works_here_is_not_invited_again(carol: User, alice: User, client_of: Any) -> None:
    response = client_of(carol).post(f"{HOME}invite/", {"email": alice.email.upper(), "role": "staff"})

    assert response.status_code == 422
    assert "signs in with this address already" in response.content.decode()


def test_the_link_is_shown_only_where_no_letter_carries_it(carol: User, client_of: Any, settings: Any) -> None:
    settings.EMAIL_MODE = "on"
    client = client_of(carol)

    response = client.post(f"{HOME}invite/", {"email": "nina@north.test", "role": "staff"}, follow=True)

    assert "/sign-in/link/" not in response.content.decode()


# --- Changing others -------------------------------------------------------------------------------------------------
def test_another_role_holds_from_the_next_click_and_is_in_the_trail(
    carol: User, alice: User, north: Clinic, client_of: Any
) -> None:
    hers, admin = client_of(alice), client_of(carol)

    assert "now Doctor" in told(north, admin, f"{HOME}{alice.pk}/role/", role="doctor")

    assert not is_in(hers)
    with inside(north):
        entry = LogEntry.objects.filter(changes__has_key="role").get()
        assert (entry.actor_id, entry.object_pk, entry.changes["role"]) == (
            carol.pk,
            str(alice.pk),
            ["staff", "doctor"],
        )


def test_who_left_is_out_of_pages_and_api_and_may_be_let_back(
    carol: User, alice: User, north: Clinic, client_of: Any
) -> None:
    hers, admin = client_of(alice), client_of(carol)
    with inside(north):
        token = issue_token(user=alice)

    told(north, admin, f"{HOME}{alice.pk}/deactivate/")

    assert not is_in(hers)
    assert client_on(north).get("/api/tasks/", HTTP_AUTHORIZATION=f"Token {token}").status_code == 401
    assert password_step(client_on(north), alice).status_code == 422
    told(north, admin, f"{HOME}{alice.pk}/reactivate/")
    assert password_step(client_on(north), alice).status_code == 302
    with inside(north):
        assert not ApiToken.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("deed", ["role", "deactivate", "second-step"])
def test_an_admin_does_not_do_it_to_their_own_account(carol: User, north: Clinic, client_of: Any, deed: str) -> None:
    page = told(north, client_of(carol), f"{HOME}{carol.pk}/{deed}/", role="staff")

    assert "Ask another admin" in page


def test_a_clinic_is_never_left_without_an_admin(carol: User, bob: User, north: Clinic) -> None:
    from django.core.exceptions import ValidationError

    with inside(north):
        User.objects.filter(pk=bob.pk).update(role=Role.ADMIN)
        actions.deactivate(by=User.objects.get(pk=bob.pk), user=User.objects.get(pk=carol.pk))
        stranger = User(email="x@north.test", role=Role.ADMIN)
        with pytest.raises(ValidationError, match="last clinic admin"):
            actions.deactivate(by=stranger, user=User.objects.get(pk=bob.pk))


def test_a_second_step_that_was_lost_is_reset_and_its_owner_told(
    carol: User, alice: User, north: Clinic, client_of: Any
) -> None:
    give_app(north, alice)
    page = client_of(carol).get(HOME).content.decode()
    assert ">App<" in page

    told(north, client_of(carol), f"{HOME}{alice.pk}/second-step/")

    with inside(north):
        assert not Authenticator.objects.filter(user=alice).exists()
        assert LogEntry.objects.filter(changes__second_step=["1", "reset"], object_pk=str(alice.pk)).exists()


def test_an_admin_hands_over_a_link_for_a_new_password(carol: User, alice: User, north: Clinic, client_of: Any) -> None:
    shown = client_of(carol).post(f"{HOME}{alice.pk}/password-link/").content.decode()
    path = re.search(r'id="link-address">http://[^/]+(/[^<]+)<', shown)[1]
    client = client_on(north)
    client.get(path)
    client.post("/sign-in/choose/", {"password": NEW})

    assert password_step(client_on(north), alice).status_code == 422
    assert password_step(client_on(north), alice, NEW).status_code == 302


@pytest.mark.parametrize("short", ["alice", "bob"])
def test_others_do_not_see_the_page(client_of: Any, request: Any, short: str) -> None:
    assert client_of(request.getfixturevalue(short)).get(HOME).status_code == 403


# --- One's own -------------------------------------------------------------------------------------------------------
def test_a_new_password_ends_every_other_session(alice: User, north: Clinic, client_of: Any) -> None:
    other, here = client_of(alice), client_of(alice)

    assert here.post("/profile/password/", {"password": NEW}).status_code == 302

    assert is_in(here)
    assert not is_in(other)
    assert password_step(client_on(north), alice, NEW).status_code == 302


def test_one_session_is_ended_and_nobody_elses_can_be(alice: User, bob: User, north: Clinic, client_of: Any) -> None:
    other, here, his = client_of(alice), client_of(alice), client_of(bob)
    with inside(north):
        rows = {row.session_key: row.public_id for row in Session.objects.all()}
    id_of = {client: rows[client.cookies["sid"].value] for client in (other, his)}

    assert here.post(f"/profile/sessions/{id_of[his]}/end/").status_code == 404
    assert here.post(f"/profile/sessions/{id_of[other]}/end/").status_code == 302

    assert is_in(here)
    assert is_in(his)
    assert not is_in(other)


def test_a_token_is_revoked_by_its_owner_only(alice: User, bob: User, north: Clinic, client_of: Any) -> None:
    with inside(north):
        token = issue_token(user=alice)
        row = ApiToken.objects.get()
    asked = {"HTTP_AUTHORIZATION": f"Token {token}"}

    assert client_of(bob).post(f"/profile/tokens/{row.pk}/revoke/").status_code == 404
    assert client_on(north).get("/api/tasks/", **asked).status_code == 200
    client_of(alice).post(f"/profile/tokens/{row.pk}/revoke/")

    assert client_on(north).get("/api/tasks/", **asked).status_code == 401


def test_single_letter_keys_are_off_on_every_page(alice: User, client_of: Any) -> None:
    client = client_of(alice)
    assert "data-keys-off" not in client.get("/tasks/").content.decode()

    client.post("/profile/keys/", {"single_keys": "0"})

    assert "data-keys-off" in client.get("/tasks/").content.decode()


def test_signing_in_and_failing_to_are_in_the_trail_without_a_word_of_it(alice: User, north: Clinic) -> None:
    password_step(client_on(north), alice, "guess")
    password_step(client_on(north), alice)

    with inside(north):
        found = list(
            LogEntry.objects.filter(changes__has_key="sign_in").order_by("pk").values_list("changes", "object_pk")
        )
        everything = str(list(LogEntry.objects.values()))
    assert [(changes["sign_in"][1], pk) for changes, pk in found] == [
        ("refused password", str(alice.pk)),
        ("done", str(alice.pk)),
    ]
    assert "guess" not in everything
    assert PASSWORD not in everything


def test_what_is_over_is_cleared_away(alice: User, north: Clinic, client_of: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from clinics.people.clearing import clear_what_is_over

    kept, gone = client_of(alice), client_of(alice)
    with inside(north):
        Session.objects.filter(pk=gone.cookies["sid"].value).update(expire_date=timezone.now() - timedelta(seconds=1))
        assert clear_what_is_over() == 1

    assert is_in(kept)
