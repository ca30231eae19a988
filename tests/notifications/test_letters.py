"""E-mail to staff through a mail server on loopback: neutral, once where it can be known, again where it cannot."""

from __future__ import annotations

import re
import uuid

import pytest
from django.conf import settings
from django.db import connection, transaction

from clinics.people import actions
from clinics.people.models import OneTimeLink, User
from clinics.people.roles import Role
from clinics.tenancy import inside
from notifications import claims, planning
from notifications.canary import platform
from notifications.channels import email
from notifications.events import write
from tests.conftest import client_on
from tests.notifications.conftest import Outbox

pytestmark = pytest.mark.usefixtures("no_nudge")


@pytest.fixture
def opened(outbox: Outbox, mail):
    outbox.chooses("alice", channel="email")
    return outbox.announce("task.opened")


def test_a_letter_carries_a_title_and_a_link_and_nothing_else(outbox, mail, opened):
    outbox.deliver()
    (letter,) = mail.letters
    assert (letter["To"], letter["From"]) == ("alice@north.test", "portal@example.test")
    assert letter["Subject"] == "Northside Clinic: New task"
    assert f"/tasks/{opened}/" in letter.get_payload()
    assert letter["Auto-Submitted"] == "auto-generated"
    assert outbox.delivery(opened, "email").state == "sent"


@pytest.mark.parametrize(
    ("answers", "state", "code"),
    [
        ({"RCPT": "550 no such mailbox"}, "dead", "smtp_550"),
        ({"RCPT": "451 later"}, "pending", "smtp_451"),
        ({"MAIL": "552 too much"}, "dead", "smtp_552"),
        ({"DATA": "554 refused"}, "dead", "smtp_554"),
        ({".": "452 full"}, "pending", "smtp_452"),
        ({".": ""}, "pending", "SMTPServerDisconnected"),
        ({"EHLO": "", "HELO": ""}, "pending", "SMTPServerDisconnected"),
    ],
)
def test_each_end_of_a_letter_has_its_state(outbox, mail, opened, answers, state, code):
    mail.answers.update(answers)
    outbox.deliver()
    row = outbox.delivery(opened, "email")
    assert (row.state, row.last_error_code) == (state, code)


def test_a_letter_sent_again_carries_the_same_id_so_that_mailboxes_show_one(outbox, mail, opened):
    mail.answers["."] = ""
    outbox.deliver()
    mail.answers.clear()
    outbox.due()
    outbox.deliver()
    assert outbox.tries(opened, "email") == ["unknown", "sent"]
    first, second = mail.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert "north.localhost" in first["Message-ID"]


def test_a_mail_server_that_is_away_is_tried_again(outbox, mail, opened, settings):
    settings.EMAIL_PORT = 9
    outbox.deliver()
    assert outbox.delivery(opened, "email").state == "pending"
    assert outbox.delivery(opened, "email").last_error_code == "ConnectionRefusedError"


def test_no_letter_is_written_inside_a_transaction(outbox, mail, opened):
    planning.plan_due()
    (started,) = claims.start(claims.claim_one(me="worker:test:1", grace=claims.LEASE * 0, outside=True))
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        email.send(started)
    assert mail.letters == []


def test_the_platforms_own_news_reaches_its_operators(outbox, mail):
    """They live in the public schema, and no clinic's people hear of it."""
    operator = User.objects.create_user("op@platform.test", "a long password 1", name="Op", role="operator")
    about = uuid.uuid4()
    try:
        with transaction.atomic():
            write(
                platform(),
                kind="system.incident",
                about=about,
                path="/admin/",
                key=f"x:{about}",
                audience=[operator.pk],
            )
        outbox.deliver()
    finally:
        outbox.sql("DELETE FROM public.people_user WHERE id = %s", operator.pk)
    assert [letter["To"] for letter in mail.letters] == ["op@platform.test"]
    assert f"://{settings.BASE_DOMAIN}" in mail.letters[0].get_payload()
    assert outbox.states(about) == {"email": ["sent"]}


# --- Letters with a link ---------------------------------------------------------------------------------------------
def link_in(letter) -> str:
    return re.search(r"http://north\.localhost(?::\d+)?(/sign-in/link/\S+)", letter.get_payload(decode=True).decode())[
        1
    ]


def asked(outbox: Outbox, kind: str):
    with inside(outbox.north):
        if kind == "invite":
            return actions.invite(by=outbox.person("carol"), email="nina@north.test", role=Role.STAFF)
        return actions.make_reset(by=None, user=outbox.person("alice"))


@pytest.mark.parametrize(("kind", "to"), [("invite", "nina@north.test"), ("reset", "alice@north.test")])
def test_a_letter_with_a_link_opens_the_page_where_a_password_is_chosen(outbox, mail, kind, to):
    asked(outbox, kind)

    outbox.deliver()

    (letter,) = mail.letters
    assert letter["To"] == to
    path = link_in(letter)
    assert client_on(outbox.north).get(path)["Location"] == "/sign-in/choose/"
    token = path.rstrip("/").rpartition("/")[2]
    with connection.cursor() as cursor:
        for table in ("public.notifications_event", "public.notifications_delivery", "north.people_onetimelink"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,), table


def test_a_link_that_was_withdrawn_is_not_sent(outbox, mail):
    link = asked(outbox, "invite")
    with inside(outbox.north):
        actions.withdraw_invitation(by=outbox.person("carol"), link=link)

    outbox.deliver()

    assert mail.letters == []
    assert outbox.delivery(link.pk, "letter").last_error_code == "withdrawn"


def test_who_changed_a_password_is_told_in_the_inbox_and_by_letter(outbox, mail):
    with inside(outbox.north):
        actions.change_password(user=outbox.person("alice"), password="another correct horse")

    outbox.deliver()

    (letter,) = mail.letters
    assert letter["To"] == "alice@north.test"
    assert "another" not in letter.get_payload()
    assert outbox.lines(outbox.person("alice").pk) == 1


@pytest.fixture
def alice(outbox: Outbox):
    """Somebody whose address may be changed: what is committed here is put back afterwards."""
    found = outbox.person("alice")
    yield found
    with inside(outbox.north):
        OneTimeLink.objects.filter(purpose="move").delete()
        User.objects.filter(pk=found.pk).update(email="alice@north.test", signed_out_at=None)


def test_a_new_address_is_confirmed_by_its_own_letter_and_the_old_one_is_told(outbox, mail, alice):
    with inside(outbox.north):
        actions.ask_for_new_address(by=alice, email="moreno@elsewhere.test")
    outbox.deliver()
    (asked,) = mail.letters
    assert asked["To"] == "moreno@elsewhere.test"
    assert client_on(outbox.north).get(link_in(asked))["Location"] == "/profile/address/confirm/"

    with inside(outbox.north):
        link = OneTimeLink.objects.get(purpose="move")
        actions.change_address(user=alice, link=link)
    outbox.deliver()

    told = {letter["To"]: letter["Subject"] for letter in mail.letters[1:]}
    assert set(told) == {"alice@north.test", "moreno@elsewhere.test"}
    assert "address was changed" in told["alice@north.test"]
