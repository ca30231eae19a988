"""What people and clinics choose to have sent outside the portal, on the page and in what is then sent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from clinics.people.models import User
from clinics.tenancy import inside
from notifications import choices, codes
from notifications.models import Messaging, Preference, ProvenPhone
from tests import baseline
from tests.conftest import client_on
from tests.notifications.conftest import PHONES

pytestmark = pytest.mark.usefixtures("no_nudge")

PAGE = "/notifications/settings/"


@pytest.fixture
def desk_of(outbox, client_of):
    def open_for(short: str) -> Client:
        return client_of(outbox.person(short))

    return open_for


@pytest.fixture
def unproven(outbox, phones) -> None:
    ProvenPhone.objects.all().delete()


def test_each_role_is_offered_what_it_hears_and_may_be_named_for(outbox):
    with inside(outbox.north):
        offered = {short: {one.kind for one in choices.choices_of(by=outbox.person(short))} for short in PHONES}
    assert "task.opened" in offered["alice"] - offered["bob"]
    assert "task.decision_needed" in offered["bob"] - offered["alice"]
    assert all({"escalation.raised", "task.completed"} <= kinds for kinds in offered.values())
    for kinds in offered.values():
        assert not {one for one in kinds if one.startswith(("system.", "person.")) or one == "escalation.step"}


def test_a_choice_is_kept_shown_and_obeyed(outbox, far, phones, desk_of):
    client = desk_of("alice")
    answer = client.post(f"{PAGE}choices/", {"choice": ["task.opened:sms", "task.decided:email", "nonsense:sms"]})
    assert answer.status_code == 302
    assert set(Preference.objects.values_list("kind", "channel")) == {("task.opened", "sms"), ("task.decided", "email")}
    shown = client.get(PAGE).content.decode()
    assert re.search(r'value="task\.opened:sms" checked', shown)
    assert not re.search(r'value="task\.opened:email" checked', shown)

    outbox.announce("task.opened")
    outbox.deliver()
    assert [item.form["To"] for item in far.sent()] == [phones["alice"]]
    client.post(f"{PAGE}choices/", {})
    assert not Preference.objects.exists()


def test_nobody_chooses_what_their_role_does_not_hear(outbox):
    with inside(outbox.north):
        assert (
            choices.choose(by=outbox.person("alice"), wanted=["task.decision_needed:sms", "escalation.step:sms"]) == 0
        )


def test_one_persons_choice_is_not_anothers(outbox, desk_of):
    desk_of("alice").post(f"{PAGE}choices/", {"choice": ["escalation.raised:sms"]})
    desk_of("bob").post(f"{PAGE}choices/", {"choice": []})
    assert list(Preference.objects.values_list("person", flat=True)) == [outbox.person("alice").pk]


# --- The telephone ---------------------------------------------------------------------------------------------------
def test_a_code_proves_the_number_it_was_texted_to(outbox, far, unproven, desk_of):
    client = desk_of("alice")
    assert "Not confirmed" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}code/").status_code == 302
    outbox.deliver()
    (item,) = far.to(PHONES["alice"])
    code = re.search(r"your code is (\d{6})\.", item.form["Body"])[1]
    assert client.post(f"{PAGE}confirm/", {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert "Confirmed" in client.get(PAGE).content.decode()
    assert codes.is_proven(outbox.north, outbox.person("alice"))


def test_the_code_is_in_no_table(outbox, far, unproven, desk_of):
    desk_of("alice").post(f"{PAGE}code/")
    outbox.deliver()
    code = re.search(r"\d{6}", far.sent()[0].form["Body"])[0]
    row = ProvenPhone.objects.get()
    assert code not in str({**row.__dict__, "asked_at": "", "digest": ""})


def test_until_then_only_what_is_urgent_goes_to_the_number(outbox, far, unproven):
    outbox.chooses("alice")
    about = outbox.announce("task.opened")
    outbox.deliver()
    assert outbox.delivery(about).last_error_code == "not_confirmed"
    outbox.announce("escalation.step", audience=[outbox.person("alice").pk], channels=["sms"])
    outbox.deliver()
    assert len(far.sent()) == 1


def test_another_number_has_to_be_proven_anew(outbox, phones):
    with inside(outbox.north):
        User.objects.filter(email="alice@north.test").update(phone="+12025550190")
    assert not codes.is_proven(outbox.north, outbox.person("alice"))


def test_five_wrong_codes_end_it_and_an_old_code_too(outbox, far, unproven, desk_of):
    client = desk_of("alice")
    client.post(f"{PAGE}code/")
    right = codes.code_for(outbox.north, outbox.person("alice"))
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        answer = client.post(f"{PAGE}confirm/", {"code": wrong})
        assert answer.status_code == 422
        assert "That is not the code" in answer.content.decode()
    answer = client.post(f"{PAGE}confirm/", {"code": right})
    assert (answer.status_code, "Too many wrong codes" in answer.content.decode()) == (422, True)
    assert not codes.is_proven(outbox.north, outbox.person("alice"))

    answer = client.post(f"{PAGE}code/")
    assert (answer.status_code, "Wait a minute" in answer.content.decode()) == (422, True)
    ProvenPhone.objects.update(asked_at=timezone.now() - timedelta(minutes=11), tries=0)
    assert codes.code_for(outbox.north, outbox.person("alice")) == ""
    answer = client.post(f"{PAGE}confirm/", {"code": right})
    assert "not valid any more" in answer.content.decode()


def test_without_a_number_the_page_says_who_sets_it(outbox, desk_of):
    client = desk_of("alice")
    assert "A clinic admin sets it on the on-call page." in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}code/").status_code == 422


# --- The clinic ------------------------------------------------------------------------------------------------------
def clinic_form(**changes: str) -> dict[str, str]:
    return {"quiet_from": "21:00", "quiet_until": "07:30", "staff_language": "es", **changes}


def test_an_admin_says_what_patients_are_told_and_it_is_written_down(outbox, desk_of):
    answer = desk_of("carol").post(f"{PAGE}clinic/", clinic_form(request_received="on"))
    assert answer.status_code == 302
    row = Messaging.objects.get()
    assert (row.clinic, row.request_received, row.decision_made, row.staff_language) == (
        outbox.north,
        True,
        False,
        "es",
    )
    assert f"{row.quiet_from:%H:%M}" == "21:00"
    with inside(outbox.north):
        entry = LogEntry.objects.get(object_pk=str(outbox.north.pk), content_type__model="messaging")
        assert entry.changes["request_received"] == ["False", "True"]
        baseline.empty_trail()


def test_nonsense_is_refused_by_field(outbox, desk_of):
    answer = desk_of("carol").post(f"{PAGE}clinic/", clinic_form(quiet_from="late", messaging_service="MG1"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in text
    assert "A messaging service is MG and 32 hexadecimal digits." in text
    assert not Messaging.objects.exists()


@pytest.mark.parametrize("short", ["alice", "bob"])
def test_nobody_else_sees_or_changes_it(outbox, desk_of, short):
    client = desk_of(short)
    assert "What the clinic sends" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}clinic/", clinic_form()).status_code == 403
    assert client_on(outbox.north).get(PAGE).status_code == 302


def test_while_texts_and_letters_are_off_the_page_says_so(outbox, desk_of, settings):
    settings.SMS_MODE = settings.EMAIL_MODE = "off"
    assert "Text messages, calls and e-mail are off" in desk_of("alice").get(PAGE).content.decode()
