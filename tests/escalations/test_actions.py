"""What is written when a danger is heard once, again, and worse, and when people handle it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clinics.people.models import User
from clinics.practice.policies import policy_in_force
from clinics.sealing.keys import keys_of
from escalations import actions
from escalations.models import Escalation, Step
from escalations.policy import Refused
from notifications.models import Event
from tests.escalations.conftest import heard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_north")]


def steps_of(escalation: Escalation) -> list[str]:
    return list(Step.objects.filter(escalation=escalation).values_list("what", flat=True))


def kinds_of(escalation: Escalation) -> list[str]:
    return list(Event.objects.filter(about=escalation.id).order_by("id").values_list("kind", flat=True))


def test_raising_writes_row_step_ladder_and_announcement_in_two_statements() -> None:
    policy_in_force(), keys_of(connection.schema_name)  # a process knows them from the calls before
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        escalation = actions.raise_escalation(**heard())

    assert len(queries) == 2, [query["sql"][:60] for query in queries]
    stored = Escalation.objects.get()
    assert stored.id == escalation.id
    assert (stored.status, stored.level, stored.words) == ("open", "emergency", "my chest hurts")
    assert steps_of(stored) == ["raised"]
    assert list(stored.rungs.values_list("n", flat=True)) == list(range(7))
    assert kinds_of(stored) == ["escalation.raised"]


@pytest.mark.parametrize(
    ("reason", "level", "kind"),
    [
        ("crisis", "emergency", "escalation.raised"),
        ("urgent", "urgent", "escalation.urgent"),
        ("human_request", "attention", "escalation.attention"),
    ],
)
def test_each_level_is_announced_as_its_own_kind(reason: str, level: str, kind: str) -> None:
    escalation = actions.raise_escalation(**heard(reason=reason, level=level))
    assert kinds_of(escalation) == [kind]


def test_the_same_danger_in_the_same_call_is_one_escalation_with_a_step_more() -> None:
    call = uuid4()
    first = actions.raise_escalation(**heard(call_id=call))
    again = actions.raise_escalation(**heard(call_id=call, words="it is getting worse", patient_name="Jo Novak"))

    assert again.id == first.id
    assert Escalation.objects.count() == 1
    assert (again.heard, again.opened, again.patient_name) == (2, 1, "Jo Novak")
    assert again.words == "my chest hurts\nit is getting worse"
    assert steps_of(first) == ["raised", "heard_again"]
    assert kinds_of(first) == ["escalation.raised"]


def test_another_reason_or_another_call_is_another_escalation() -> None:
    call = uuid4()
    actions.raise_escalation(**heard(call_id=call))
    actions.raise_escalation(**heard(call_id=call, reason="crisis"))
    actions.raise_escalation(**heard())
    actions.raise_escalation(**heard(call_id=None))
    actions.raise_escalation(**heard(call_id=None))

    assert Escalation.objects.count() == 5


def test_a_level_goes_up_and_never_down(alice: User) -> None:
    call = uuid4()
    mild = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="attention", summary="mild"))
    actions.acknowledge(by=alice, escalation_id=mild.id)

    worse = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="emergency", summary="grave"))
    assert (worse.level, worse.status, worse.summary, worse.acknowledged_by) == ("emergency", "open", "grave", None)
    milder = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="urgent", summary="mild"))
    assert (milder.level, milder.summary) == ("emergency", "grave")

    assert steps_of(mild) == ["raised", "acknowledged", "reopened", "heard_again"]
    assert kinds_of(mild) == ["escalation.attention", "escalation.acknowledged", "escalation.raised"]


def test_a_danger_heard_after_it_was_acknowledged_does_not_ring_again_but_after_it_was_resolved_it_does(
    alice: User,
) -> None:
    call = uuid4()
    escalation = actions.raise_escalation(**heard(call_id=call))
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    assert actions.raise_escalation(**heard(call_id=call)).status == "acknowledged"

    actions.resolve(by=alice, escalation_id=escalation.id, outcome="not_emergency", reason="misheard")
    again = actions.raise_escalation(**heard(call_id=call))

    assert (again.status, again.opened, again.outcome) == ("open", 2, "")
    assert kinds_of(escalation).count("escalation.raised") == 2


def test_the_first_to_acknowledge_stays_on_record(alice: User, carol: User) -> None:
    escalation = actions.raise_escalation(**heard())
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    assert actions.acknowledge(by=alice, escalation_id=escalation.id).acknowledged_by == alice

    with pytest.raises(actions.AlreadyHandled) as handled:
        actions.acknowledge(by=carol, escalation_id=escalation.id)

    assert handled.value.escalation.acknowledged_by == alice
    assert steps_of(escalation) == ["raised", "acknowledged"]
    [entry] = LogEntry.objects.filter(object_pk=str(escalation.id))
    assert (entry.actor_id, entry.changes) == (alice.id, {"status": ["open", "acknowledged"]})


def test_resolving_asks_for_an_outcome_and_comes_after_acknowledging(alice: User, carol: User) -> None:
    escalation = actions.raise_escalation(**heard())
    with pytest.raises(Refused, match="first"):
        actions.resolve(by=alice, escalation_id=escalation.id, outcome="reached")
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    with pytest.raises(Refused, match="why"):
        actions.resolve(by=alice, escalation_id=escalation.id, outcome="not_emergency")

    resolved = actions.resolve(by=carol, escalation_id=escalation.id, outcome="emergency_care")

    assert (resolved.status, resolved.resolved_by, resolved.outcome) == ("resolved", carol, "emergency_care")
    with pytest.raises(actions.AlreadyHandled):
        actions.resolve(by=alice, escalation_id=escalation.id, outcome="reached")


def test_no_patient_words_reach_the_audit_or_the_events(alice: User) -> None:
    escalation = actions.raise_escalation(**heard(patient_name="Jo Zanzibar"))
    actions.acknowledge(by=alice, escalation_id=escalation.id)
    actions.resolve(by=alice, escalation_id=escalation.id, outcome="not_emergency", reason="Timbuktu")

    written = [str(row) for row in LogEntry.objects.values()] + [str(row) for row in Event.objects.values()]
    for secret in ("chest", "5550142", "Zanzibar", "Timbuktu"):
        assert not any(secret in line for line in written), secret
