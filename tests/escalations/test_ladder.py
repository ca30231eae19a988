"""The ladder climbs until somebody has it, tells each person once, and says when it has run out."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy
from clinics.tenancy import inside
from escalations import actions
from escalations.climbing import climb, climb_everywhere
from escalations.models import Escalation, Rung
from notifications import chores
from notifications.models import Delivery, Event
from notifications.watching.incidents import look
from notifications.watching.measuring import measure
from notifications.watching.models import Incident
from tests.escalations.conftest import heard
from tests.escalations.ladder import announced, let_pass, on_call, rung, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_north")]

ALL = ["portal", "doctors", "text", "ring", "backup", "managers", "unanswered"]


@pytest.fixture
def everybody(at_north: Clinic, alice: User, bob: User, carol: User) -> None:
    on_call(bob, phone="+12025550171")
    on_call(alice, place=2, phone="+12025550172")
    User.objects.filter(pk=carol.pk).update(phone="+12025550173")


def test_an_emergency_begins_with_its_whole_ladder_and_nothing_is_due_at_once() -> None:
    escalation = actions.raise_escalation(**heard())

    assert states(escalation) == {"portal": "told"} | dict.fromkeys(ALL[1:], "waiting")
    assert climb() == 0
    assert announced(escalation) == []


@pytest.mark.usefixtures("everybody")
def test_each_step_tells_its_people_at_its_time_over_its_channels(alice: User, bob: User, carol: User) -> None:
    escalation = actions.raise_escalation(**heard())
    told = []
    for seconds in (61, 60, 120, 120, 120):
        let_pass(seconds, escalation)
        assert climb() == 1
        told.append(announced(escalation)[-1])

    assert [(event.audience, event.channels) for event in told] == [
        ([str(bob.id)], ["inbox", "browser", "email"]),
        ([str(bob.id)], ["sms", "browser"]),
        ([str(bob.id)], ["voice", "browser"]),
        ([str(alice.id)], ["sms", "voice", "browser"]),
        ([str(carol.id)], ["sms", "voice", "browser"]),
    ]
    assert [event.key for event in told] == [f"escalation.step:{escalation.id}:1:{n}" for n in range(1, 6)]
    assert told[1].path == f"/escalations/{escalation.id}/text/"
    assert told[2].path == f"/escalations/{escalation.id}/"
    assert states(escalation) == dict.fromkeys(ALL[:-1], "told") | {"unanswered": "waiting"}


@pytest.mark.usefixtures("everybody")
def test_a_step_is_done_once_however_often_one_climbs() -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(121, escalation)

    assert [climb() for _ in range(3)] == [2, 0, 0]

    assert len(announced(escalation)) == 2


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize("way", ["portal", "sms", "key"])
def test_the_first_acknowledgement_by_any_way_stops_it(way: str, alice: User) -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(125, escalation)
    climb()

    actions.acknowledge(by=alice, escalation_id=escalation.id, way=way)
    let_pass(3600, escalation)

    assert climb() == 0
    assert states(escalation) == dict.fromkeys(ALL[:3], "told") | dict.fromkeys(ALL[3:], "stopped")
    assert escalation.acknowledged_way == way
    assert 124 <= escalation.seconds_to_acknowledge <= 130
    step = escalation.steps.get(what="acknowledged")
    assert (step.way, step.seconds) == (way, escalation.seconds_to_acknowledge)


@pytest.mark.usefixtures("everybody")
def test_what_has_not_left_when_somebody_has_it_is_withdrawn(alice: User) -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(125, escalation)
    climb()

    actions.acknowledge(by=alice, escalation_id=escalation.id)

    assert {event.state for event in announced(escalation)} == {"cancelled"}


def test_people_without_a_number_are_left_out_with_the_reason_and_the_next_are_asked_at_once(
    alice: User, bob: User, carol: User
) -> None:
    on_call(bob, phone="")
    on_call(alice, place=2, phone="+12025550172")
    escalation = actions.raise_escalation(**heard())
    let_pass(125, escalation)

    assert climb() == 4

    assert rung(escalation, "text").left_out == [[str(bob.id), "no_number"]]
    assert states(escalation) == {
        "portal": "told",
        "doctors": "told",
        "text": "skipped",
        "ring": "skipped",
        "backup": "told",
        "managers": "waiting",
        "unanswered": "waiting",
    }
    assert announced(escalation)[-1].audience == [str(alice.id)]


def test_where_nobody_can_be_rung_the_alarm_comes_at_once_instead_of_after_ten_minutes() -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(125, escalation)

    climb()

    assert states(escalation)["managers"] == "skipped"
    assert rung(escalation, "text").left_out == [["", "nobody_there"]]
    assert len(announced(escalation, "escalation.unanswered")) == 1
    assert escalation.unanswered_at is not None


@pytest.mark.usefixtures("everybody")
def test_a_ladder_that_ran_out_is_marked_and_alarms_until_somebody_has_it(alice: User) -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(601, escalation)
    climb()
    assert states(escalation)["unanswered"] == "waiting"
    assert len(announced(escalation, "escalation.unanswered")) == 1
    first = Escalation.objects.get().unanswered_at

    for alarms in (2, 3):
        let_pass(301, escalation)
        climb()
        assert len(announced(escalation, "escalation.unanswered")) == alarms

    assert Escalation.objects.get().unanswered_at == first
    assert list(escalation.steps.filter(what="unanswered").values_list("by", flat=True)) == [None] * 3
    assert announced(escalation, "escalation.unanswered")[0].channels == ["inbox", "browser", "email"]
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    let_pass(301, escalation)
    assert climb() == 0
    assert Escalation.objects.get().unanswered_at == first  # on record that it took so long


@pytest.mark.usefixtures("everybody")
def test_a_test_climbs_in_its_time_and_rings_nobody() -> None:
    escalation = actions.raise_escalation(**heard(test=True))
    let_pass(500, escalation)
    climb()

    [doctors] = announced(escalation)
    assert (doctors.channels, doctors.test) == (["inbox", "browser", "email"], True)
    assert states(escalation) == dict.fromkeys(ALL[:2], "told") | dict.fromkeys(ALL[2:6], "held") | {
        "unanswered": "waiting"
    }


@pytest.mark.usefixtures("everybody")
def test_a_drill_rings_the_phones_and_is_a_test() -> None:
    escalation = actions.raise_escalation(**heard(drill=True))
    let_pass(500, escalation)
    climb()

    assert Escalation.objects.get().test
    assert [event.channels[0] for event in announced(escalation)] == ["inbox", "sms", "voice", "sms", "sms"]
    assert all(event.test for event in announced(escalation))


def test_urgent_is_slower_and_attention_has_no_ladder() -> None:
    urgent = actions.raise_escalation(**heard(reason="urgent", level="urgent"))
    mild = actions.raise_escalation(**heard(reason="distress", level="attention"))
    let_pass(599, urgent)
    assert climb() == 0
    let_pass(2, urgent)
    assert climb() == 1
    assert list(Rung.objects.filter(escalation=mild)) == []


def test_a_clinics_policy_sets_the_times_of_its_ladder(carol: User) -> None:
    publish_policy(by=carol, changes={"ladder": {"emergency": {"text": 60, "ring": 90}}})
    escalation = actions.raise_escalation(**heard())

    after = {one.stage: (one.due_at - escalation.raised_at) for one in Rung.objects.filter(escalation=escalation)}

    assert after["text"] == timedelta(seconds=60)
    assert after["ring"] == timedelta(seconds=90)
    assert after["backup"] == timedelta(seconds=360)


@pytest.mark.usefixtures("everybody")
def test_a_danger_that_got_worse_starts_the_graver_ladder_and_stops_the_other() -> None:
    call = uuid4()
    escalation = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="urgent"))
    worse = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="emergency"))

    assert set(Rung.objects.filter(escalation=escalation, round=1).values_list("state", flat=True)) == {
        "told",
        "stopped",
    }
    let_pass(61, worse)
    assert climb() == 1
    assert announced(worse)[0].key == f"escalation.step:{worse.id}:2:1"


def test_the_same_danger_heard_again_leaves_the_ladder_as_it_is() -> None:
    call = uuid4()
    escalation = actions.raise_escalation(**heard(call_id=call))
    before = list(Rung.objects.values_list("id", "due_at"))

    actions.raise_escalation(**heard(call_id=call, words="it is worse"))

    assert list(Rung.objects.values_list("id", "due_at")) == before
    assert escalation.opened == 1


def test_a_step_that_fails_is_put_off_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = actions.raise_escalation(**heard())
    Rung.objects.filter(escalation=broken, stage="doctors").update(channels=["pigeon"])
    sound = actions.raise_escalation(**heard())
    let_pass(62, broken)
    let_pass(61, sound)

    climb()

    assert states(sound)["doctors"] == "told"
    assert states(broken)["doctors"] == "waiting"
    assert Rung.objects.filter(escalation=broken, stage="doctors", due_at__gt=Now()).exists()


def test_every_clinic_climbs_on_its_own_and_a_suspended_one_does_not(north: Clinic, south: Clinic) -> None:
    with inside(south):
        other = actions.raise_escalation(**heard())
        let_pass(61, other)
    here = actions.raise_escalation(**heard())
    let_pass(61, here)
    Clinic.objects.filter(pk=south.pk).update(suspended_at=Now())

    assert climb_everywhere() == 1
    assert states(here)["doctors"] == "told"
    with inside(south):
        assert states(other)["doctors"] == "waiting"

    Clinic.objects.filter(pk=south.pk).update(suspended_at=None)
    climb_everywhere()
    with inside(south):  # nobody is a doctor there and nobody has a number
        assert states(other)["managers"] == "skipped"


def test_the_sweeper_climbs_in_each_of_its_passes() -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(61, escalation)

    chores.do_all()

    assert states(escalation)["doctors"] == "told"


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("ends", "hurries"),
    [
        ([("dead", "")], True),
        ([("cancelled", "")], True),
        ([("sent", "no-answer")], True),
        ([("sent", "undelivered"), ("dead", "")], True),
        ([("sent", "delivered")], False),
        ([("sent", "")], False),
        ([("pending", "")], False),
        ([("dead", ""), ("sent", "")], False),
        ([], False),
    ],
)
def test_when_no_message_of_a_step_arrives_the_next_are_asked_at_once(
    ends: list[tuple[str, str]], hurries: bool
) -> None:
    escalation = actions.raise_escalation(**heard())
    let_pass(125, escalation)
    climb()
    event = announced(escalation)[-1]
    Event.objects.filter(pk=event.pk).update(state="planned")
    for state, reported in ends:
        Delivery.objects.create(
            event=event,
            clinic=event.clinic,
            person=uuid4(),
            channel="sms",
            policy="at_least_once",
            expires_at=event.expires_at,
            state=state,
            provider_status=reported,
        )

    climb()

    assert states(escalation)["ring"] == ("told" if hurries else "waiting")
    assert states(escalation)["backup"] == "waiting"


def test_the_operators_hear_of_an_emergency_that_nobody_answers_as_one_incident(north: Clinic, alice: User) -> None:
    escalation = actions.raise_escalation(**heard())
    only_a_test = actions.raise_escalation(**heard(test=True))
    for one in (escalation, only_a_test):
        let_pass(601, one)
    climb()

    look()
    let_pass(301, escalation)
    climb()
    look()

    incident = Incident.objects.get(name="unanswered")
    assert (incident.clinic, incident.worst, incident.closed_at) == (north, 1, None)
    assert Event.objects.filter(kind="system.incident", about=incident.id).count() == 1
    assert not Event.objects.filter(kind="delivery.trouble", about=incident.id).exists()
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    assert measure().unanswered == {}
