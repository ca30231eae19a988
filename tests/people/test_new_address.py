"""A person changes the address they sign in with: proven by the new mailbox, told to the old one, ended elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Clinic
from clinics.people import links
from clinics.people.models import OneTimeLink, Purpose, User
from clinics.tenancy import inside
from notifications.models import Event
from tests.attacks.test_signing_in import forget_proof
from tests.conftest import PASSWORD, client_on
from tests.people.keys import is_in, password_step

pytestmark = pytest.mark.django_db

NEW = "alice.moreno@elsewhere.test"


@pytest.fixture(autouse=True)
def _letters_leave(settings: Any) -> None:
    settings.EMAIL_MODE = "on"


def ask(client: Client, email: str = NEW, **more: str) -> Any:
    return client.post("/profile/address/", {"email": email, **more})


def letter_of(clinic: Clinic) -> str:
    """The path in the letter that is on its way."""
    with inside(clinic):
        return links.path_of(OneTimeLink.objects.live().get(purpose=Purpose.MOVE))


def address_of(clinic: Clinic, user: User) -> str:
    with inside(clinic):
        return User.objects.get(pk=user.pk).email


def test_the_letter_to_the_new_address_changes_it_and_ends_the_other_sessions(
    alice: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    here, elsewhere = client_of(alice), client_of(alice)

    assert "on its way" in ask(here).content.decode()
    assert address_of(north, alice) == alice.email
    assert here.get(letter_of(north))["Location"] == "/profile/address/confirm/"
    assert NEW in here.get("/profile/address/confirm/").content.decode()
    assert address_of(north, alice) == alice.email  # a mailbox that looks ahead has confirmed nothing
    assert here.post("/profile/address/confirm/")["Location"] == "/profile/"

    assert (address_of(north, alice), is_in(here), is_in(elsewhere)) == (NEW, True, False)
    alice.email = NEW
    assert password_step(client_on(north), alice).status_code == 302


def test_both_mailboxes_are_told_and_the_trail_says_so_without_the_address(
    alice: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    client = client_of(alice)
    ask(client)
    client.get(letter_of(north))
    client.post("/profile/address/confirm/")

    told = set(Event.objects.filter(clinic=north).values_list("kind", flat=True))
    assert {"person.new_address", "person.moved", "person.changed"} <= told
    with inside(north):
        used = OneTimeLink.objects.get(purpose=Purpose.MOVE)
        rows = [str(row.changes) for row in LogEntry.objects.filter(object_pk=str(alice.pk))]
    assert (used.email, used.former_email) == (NEW, alice.email)
    assert any("address_changed" in row for row in rows)
    assert [row for row in rows if "@" in row] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_event e WHERE e::text LIKE '%%@%%'")
        assert cursor.fetchone() == (0,)


def test_an_open_desk_changes_no_address(alice: User, north: Clinic, client_of: Callable[..., Client]) -> None:
    client = client_of(alice)
    forget_proof(north, client)

    assert ask(client).status_code == 403
    assert ask(client, proof_password="guess").status_code == 422
    with inside(north):
        assert not OneTimeLink.objects.filter(purpose=Purpose.MOVE).exists()
    assert ask(client, proof_password=PASSWORD).status_code == 200


def test_nobody_learns_that_a_colleague_has_an_address(
    alice: User, bob: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    client = client_of(alice)

    theirs, free = ask(client, bob.email), ask(client)

    assert theirs.status_code == free.status_code == 200
    assert [page.content.decode().count("on its way") for page in (theirs, free)] == [1, 1]
    with inside(north):
        assert list(OneTimeLink.objects.filter(purpose=Purpose.MOVE).values_list("email", flat=True)) == [NEW]


def test_whoever_else_opens_the_letter_confirms_nothing(
    alice: User, bob: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    ask(client_of(alice))
    path = letter_of(north)
    colleague, stranger = client_of(bob), client_on(north)

    colleague.get(path)
    stranger.get(path)

    assert colleague.post("/profile/address/confirm/").status_code == 404
    assert stranger.post("/profile/address/confirm/")["Location"].startswith("/sign-in/")
    assert stranger.get("/sign-in/choose/").status_code == 404  # and it sets no password
    assert address_of(north, alice) == alice.email


def test_a_letter_is_void_once_another_was_asked_for_it_was_used_or_the_password_changed(
    alice: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    client = client_of(alice)
    ask(client, "first@elsewhere.test")
    first = letter_of(north)
    ask(client)
    second = letter_of(north)

    assert client.get(first).status_code == 404
    client.get(second)
    client.post("/profile/address/confirm/")
    assert client.get(second).status_code == 404
    assert client.post("/profile/address/confirm/").status_code == 404

    ask(client, "third@elsewhere.test")
    third = letter_of(north)
    with inside(north):
        user = User.objects.get(pk=alice.pk)
        user.set_password("another correct horse")
        user.save()
    assert client_on(north).get(third).status_code == 404


def test_a_colleague_who_was_faster_keeps_the_address(
    alice: User, bob: User, north: Clinic, client_of: Callable[..., Client]
) -> None:
    client = client_of(alice)
    ask(client)
    client.get(letter_of(north))
    with inside(north):
        User.objects.filter(pk=bob.pk).update(email=NEW)

    assert client.post("/profile/address/confirm/").status_code == 404
    assert address_of(north, alice) == alice.email


def test_letters_are_counted_and_a_server_without_letters_says_so(
    alice: User, client_of: Callable[..., Client], settings: Any
) -> None:
    client = client_of(alice)

    answers = [ask(client).status_code for _ in range(4)]
    settings.EMAIL_MODE = "off"

    assert answers == [200, 200, 200, 429]
    assert "sends no e-mail" in client.get("/profile/address/").content.decode()
    assert ask(client, "x@elsewhere.test").status_code == 422


def test_ones_own_address_and_nonsense_are_refused_beside_the_field(
    alice: User, client_of: Callable[..., Client]
) -> None:
    client = client_of(alice)

    for wrong in (alice.email.upper(), "no address", ""):
        answer = ask(client, wrong)
        assert answer.status_code == 422
        assert 'id="id_email_error"' in answer.content.decode()


def test_a_link_lives_for_an_hour(alice: User, north: Clinic, client_of: Callable[..., Client]) -> None:
    client = client_of(alice)
    ask(client)
    path = letter_of(north)
    with inside(north):
        OneTimeLink.objects.filter(purpose=Purpose.MOVE).update(expires_at=timezone.now())

    assert client.get(path).status_code == 404
