"""Who has an escalation, who takes it over, and when it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db.models import F
from django.test import Client

from clinics.people.models import User
from clinics.tenancy import inside
from escalations import actions
from escalations.models import Escalation, Rung
from escalations.policy import Refused
from notifications import doors
from notifications.models import Event
from tests.conftest import client_on, clinic_of
from tests.escalations.conftest import heard
from tests.escalations.ladder import states
from tests.threads import together

SignIn = Callable[[User], Client]
Raised = Callable[..., Escalation]
HTMX = {"HTTP_HX_REQUEST": "true"}


def taken(escalation: Escalation, person: User) -> Escalation:
    with inside(clinic_of(person)):
        return actions.acknowledge(by=person, escalation_id=escalation.id)


# --- Deeds ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.usefixtures("at_north")
def test_taking_over_changes_who_has_it_and_leaves_who_acknowledged(alice: User, bob: User) -> None:
    escalation = actions.raise_escalation(**heard())
    actions.acknowledge(by=alice, escalation_id=escalation.id)

    now = actions.take_over(by=bob, escalation_id=escalation.id, held_by=alice.id)

    assert (now.handler, now.acknowledged_by, now.status) == (bob, alice, "acknowledged")
    assert list(escalation.steps.values_list("what", "by__name")) == [
        ("raised", None),
        ("acknowledged", "Alice Moreno"),
        ("taken_over", "Bob Lee"),
    ]
    assert Event.objects.filter(about=escalation.id, kind="escalation.taken_over").count() == 1
    entry = LogEntry.objects.filter(object_pk=str(escalation.id)).latest("id")
    assert entry.changes == {"handler": [str(alice.id), str(bob.id)]}
    again = actions.take_over(by=alice, escalation_id=escalation.id, held_by=bob.id)
    assert again.handler == alice
    assert Event.objects.filter(about=escalation.id, kind="escalation.taken_over").count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("at_north")
def test_who_takes_over_what_somebody_else_took_meanwhile_is_told(alice: User, bob: User, carol: User) -> None:
    escalation = actions.raise_escalation(**heard())
    with pytest.raises(Refused, match="Nobody has it yet"):
        actions.take_over(by=bob, escalation_id=escalation.id, held_by=alice.id)
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    actions.take_over(by=bob, escalation_id=escalation.id, held_by=alice.id)

    with pytest.raises(actions.AlreadyHandled) as faster:
        actions.take_over(by=carol, escalation_id=escalation.id, held_by=alice.id)
    assert faster.value.escalation.handler == bob

    actions.resolve(by=bob, escalation_id=escalation.id, outcome="reached")
    with pytest.raises(Refused, match="Bob Lee resolved it already"):
        actions.take_over(by=carol, escalation_id=escalation.id, held_by=bob.id)


@pytest.mark.django_db
@pytest.mark.usefixtures("at_north")
@pytest.mark.parametrize("resolved", [False, True])
def test_opening_it_again_starts_the_alarm_and_the_ladder_anew(resolved: bool, alice: User, bob: User) -> None:
    escalation = actions.raise_escalation(**heard())
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    if resolved:
        actions.resolve(by=alice, escalation_id=escalation.id, outcome="not_emergency", reason="misheard")
    with pytest.raises(Refused, match="Write why"):
        actions.reopen(by=bob, escalation_id=escalation.id, reason=" ")

    opened = actions.reopen(by=bob, escalation_id=escalation.id, reason="She called the desk")

    assert (opened.status, opened.opened, opened.handler, opened.acknowledged_by) == ("open", 2, None, None)
    assert (opened.outcome, opened.seconds_to_acknowledge, opened.acknowledged_way) == ("", None, "")
    assert opened.raised_at > escalation.raised_at
    assert states(escalation)["doctors"] == "waiting"
    assert Rung.objects.filter(escalation=escalation, state="waiting", round=1).count() == 0
    assert Event.objects.filter(about=escalation.id, kind="escalation.raised").count() == 2
    step = escalation.steps.get(what="put_back")
    assert (step.by, step.reason) == (bob, "She called the desk")
    assert "desk" not in str(list(LogEntry.objects.values()))
    with pytest.raises(Refused, match="open already"):
        actions.reopen(by=bob, escalation_id=escalation.id, reason="again")


@pytest.mark.django_db
@pytest.mark.usefixtures("at_north")
def test_what_was_resolved_yesterday_stays_closed(alice: User) -> None:
    escalation = actions.raise_escalation(**heard())
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    actions.resolve(by=alice, escalation_id=escalation.id, outcome="reached")
    Escalation.objects.update(resolved_at=F("resolved_at") - timedelta(hours=25))

    with pytest.raises(Refused, match="more than a day ago"):
        actions.reopen(by=alice, escalation_id=escalation.id, reason="again")


@pytest.mark.django_db
@pytest.mark.usefixtures("at_north")
def test_pressing_one_takes_it_for_the_person_who_was_rung(alice: User, bob: User) -> None:
    escalation = actions.raise_escalation(**heard())
    press = doors.key_of("escalation.step")

    assert press(bob, escalation.id) is True
    assert press(bob, escalation.id) is True
    assert press(alice, escalation.id) is False

    escalation.refresh_from_db()
    assert (escalation.handler, escalation.acknowledged_way) == (bob, "key")


# --- Races ---------------------------------------------------------------------------------------------------------
def test_of_many_who_acknowledge_at_once_one_wins_and_the_others_learn_who(committed: dict[str, Any]) -> None:
    people = [committed["alice"], committed["carol"]]
    for _ in range(5):
        escalation = actions.raise_escalation(**heard())

        def act(number: int, about: Escalation = escalation) -> Escalation:
            return actions.acknowledge(by=people[number % 2], escalation_id=about.id)

        ends = together(8, committed["clinic"], act)

        winner = Escalation.objects.get(pk=escalation.pk).acknowledged_by
        lost = [end for end in ends if isinstance(end, actions.AlreadyHandled)]
        assert [end for end in ends if isinstance(end, Exception) and end not in lost] == []
        assert len(lost) == 4
        assert {end.escalation.handler for end in lost} == {winner}
        assert escalation.steps.filter(what="acknowledged").count() == 1


def test_of_two_who_take_over_at_once_one_wins(committed: dict[str, Any]) -> None:
    alice, carol = committed["alice"], committed["carol"]
    bob = User.objects.get(name="Bob Lee")
    escalation = actions.raise_escalation(**heard())
    actions.acknowledge(by=alice, escalation_id=escalation.id)

    def act(number: int) -> Escalation:
        return actions.take_over(by=(bob, carol)[number], escalation_id=escalation.id, held_by=alice.id)

    ends = together(2, committed["clinic"], act)

    [lost] = [end for end in ends if isinstance(end, actions.AlreadyHandled)]
    [won] = [end for end in ends if isinstance(end, Escalation)]
    assert lost.escalation.handler == won.handler
    assert escalation.steps.filter(what="taken_over").count() == 1


# --- Pages ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_card_offers_taking_over_and_the_second_one_sees_who_has_it(
    an_escalation: Raised, client_of: SignIn, alice: User, bob: User, carol: User
) -> None:
    escalation = an_escalation()
    taken(escalation, alice)
    path = f"{escalation.path}take-over/"
    assert "Take over from Alice Moreno" in client_of(bob).get(escalation.path).text
    assert "Take over" not in client_of(alice).get(escalation.path).text

    done = client_of(bob).post(path, {"held_by": str(alice.id)}, **HTMX)
    assert "Bob Lee has it now, taken over from Alice Moreno" in done.text
    late = client_of(carol).post(path, {"held_by": str(alice.id)}, **HTMX)
    assert late.status_code == 409
    assert "Bob Lee has it already." in late.text
    assert client_of(carol).post(path, {}, **HTMX).status_code == 422


@pytest.mark.django_db
def test_the_card_opens_it_again_with_a_reason(an_escalation: Raised, client_of: SignIn, alice: User) -> None:
    escalation = an_escalation()
    client, path = client_of(alice), f"{escalation.path}reopen/"
    assert client.post(path, {"why": "x"}, **HTMX).status_code == 422
    taken(escalation, alice)

    assert "Write why it is opened again." in client.post(path, {"why": ""}, **HTMX).text
    opened = client.post(path, {"why": "pressed by mistake"}, **HTMX)

    assert opened.status_code == 200
    assert "Opened again by Alice Moreno: pressed by mistake" in opened.text
    assert "Acknowledge" in opened.text


@pytest.mark.django_db
def test_the_link_of_a_text_needs_sign_in_and_who_acknowledges_there_did_so_from_the_text(
    an_escalation: Raised, client_of: SignIn, bob: User, dave: User
) -> None:
    escalation = an_escalation()
    stranger = client_on(clinic_of(bob)).get(escalation.text_path)
    assert (stranger.status_code, stranger["Location"]) == (302, f"/sign-in/?next={escalation.text_path}")
    assert client_of(dave).get(escalation.text_path).status_code == 404

    page = client_of(bob).get(escalation.text_path).text
    assert '<input type="hidden" name="way" value="sms">' in page
    client_of(bob).post(f"{escalation.path}acknowledge/", {"way": "sms"})

    shown = client_of(bob).get(escalation.path).text
    assert "Acknowledged from the text message after" in shown
    with inside(clinic_of(bob)):
        assert Escalation.objects.get().acknowledged_way == "sms"


@pytest.mark.django_db
def test_nobody_can_say_on_the_web_that_they_pressed_a_key(an_escalation: Raised, client_of: SignIn, bob: User) -> None:
    client_of(bob).post(f"{an_escalation().path}acknowledge/", {"way": "key"})
    with inside(clinic_of(bob)):
        assert Escalation.objects.get().acknowledged_way == "portal"
