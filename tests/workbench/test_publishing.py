"""A clinic's own rule, from the draft to a caller on the line, and back again by a second person."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction

from calls.dialogue.safety import rules_version
from calls.models import Call, Turn
from calls.workbench import actions
from calls.workbench.composing import Draft, Refused
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy
from clinics.practice.models import CallPolicy, OwnRule, RuleChange
from clinics.practice.own_rules import RuleInForce, RuleStatus
from clinics.practice.policies import forget
from clinics.tenancy import inside
from escalations.models import Escalation
from tests.calls.network import Network
from tests.workbench.rules import ABSCESS, CAUGHT, RAISABLE, RAISED

pytestmark = pytest.mark.django_db

OTHER_WORDS = "I think I broke my wrist"


def published(clinic: Clinic, by: User, draft: Draft = ABSCESS) -> OwnRule:
    with inside(clinic):
        return actions.publish_draft(by=by, draft_id=actions.draft_rule(by=by, draft=draft).id)


def alarms(clinic: Clinic) -> list[str]:
    with inside(clinic):
        return list(Escalation.objects.filter(level="emergency").values_list("rule", flat=True))


def heard(clinic: Clinic, words: str = CAUGHT) -> list[str]:
    """The keys of what a new call of this clinic answers to these words."""
    network = Network(clinic)
    line, _ = network.call()
    network.say_once(line, words)
    return network.keys_of(line)


# --- From draft to call --------------------------------------------------------------------------------------------
def test_a_draft_reaches_no_call(north: Clinic, carol: User) -> None:
    with inside(north):
        actions.draft_rule(by=carol, draft=ABSCESS)

    heard(north)

    assert alarms(north) == []


def test_a_call_begun_after_publishing_goes_by_the_rule_and_a_running_one_does_not(north: Clinic, carol: User) -> None:
    network = Network(north)
    running, _ = network.call()

    rule = published(north, carol)
    network.say_once(running, CAUGHT)

    assert alarms(north) == []

    later, _ = network.call()
    network.say_once(later, CAUGHT)

    assert alarms(north) == [rule.rule]
    assert "danger.emergency" in network.keys_of(later)
    with inside(north):
        before, after = Call.objects.get(sid=running.sid), Call.objects.get(sid=later.sid)
        assert (before.policy_version, after.policy_version) == (1, rule.published_in)
        assert before.rules_version == rules_version()
        assert after.rules_version.startswith(rules_version() + ".")


def test_the_turn_keeps_the_rule_its_version_and_whose_it_is(north: Clinic, carol: User) -> None:
    rule = published(north, carol)

    heard(north, "my chest hurts and my jaw is swollen")

    with inside(north):
        turn = Turn.objects.get(n=1)
        call = turn.call
        found = {one["rule"]: one for one in turn.findings}
    assert found[rule.rule] == {
        "kind": "emergency", "rule": rule.rule, "reason": "tooth abscess", "version": call.rules_version, "own": True,
    }  # fmt: skip
    assert "own" not in found["en.chest.pain"]
    assert found["en.chest.pain"]["version"] == call.rules_version


def test_a_raised_level_turns_a_red_flag_into_an_alarm(north: Clinic, carol: User) -> None:
    heard(north, OTHER_WORDS)
    assert alarms(north) == []

    published(north, carol, RAISED)
    heard(north, OTHER_WORDS)

    assert alarms(north) == [RAISABLE]


def test_norths_rule_never_fires_in_south(north: Clinic, south: Clinic, carol: User) -> None:
    published(north, carol)

    heard(south)

    assert alarms(south) == []
    with inside(south):
        assert OwnRule.objects.count() == 0
        assert CallPolicy.objects.count() == 1


def test_an_own_rule_still_alarms_when_the_turn_itself_cannot_be_written(north: Clinic, carol: User) -> None:
    rule = published(north, carol)
    network = Network(north)
    line, _ = network.call()

    with connection.execute_wrapper(_without_turns):
        network.say_once(line, CAUGHT)

    assert alarms(north) == [rule.rule]
    with inside(north):
        assert not Turn.objects.filter(n=1).exists()


def _without_turns(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """A database that takes no turn and everything else."""
    if "INSERT INTO" in str(sql) and "calls_turn" in str(sql):
        raise OperationalError("disk full")
    return execute(sql, params, many, context)


def test_every_later_version_carries_the_rules_on(north: Clinic, carol: User) -> None:
    rule = published(north, carol)

    with inside(north):
        publish_policy(by=carol, changes={"greeting_en": "Hello."})

    heard(north)
    assert alarms(north) == [rule.rule]


# --- The floor -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "draft",
    [
        Draft(sort="raised", kind="urgent", title="x", source="x", rule="en.chest.pain"),
        Draft(sort="raised", kind="crisis", title="x", source="x", rule="en.chest.pain"),
        Draft(sort="raised", kind="urgent", title="x", source="x", rule=RAISABLE),
        Draft(sort="raised", kind="emergency", title="x", source="x", rule="en.crisis.suicide"),
        Draft(sort="raised", kind="distress", title="x", source="x", rule=RAISABLE),
        Draft(sort="raised", kind="emergency", title="x", source="x", rule="en.nowhere"),
        Draft(sort="raised", kind="calm", title="x", source="x", rule=RAISABLE),
        Draft(sort="added", kind="medication", title="x", source="x", language="en", parts=(("jaw",),)),
        Draft(sort="added", kind="emergency", title="x", source="x", language="fr", parts=(("jaw",),)),
        Draft(sort="added", kind="emergency", title="x", source="x", language="en", parts=()),
        Draft(sort="added", kind="emergency", title="x", source="x", rule="en.chest.pain", parts=(("jaw",),)),
    ],
)
def test_what_would_touch_the_shipped_floor_is_refused_by_the_server(draft: Draft, north: Clinic, carol: User) -> None:
    with inside(north), pytest.raises(Refused):
        actions.draft_rule(by=carol, draft=draft)

    with inside(north):
        assert OwnRule.objects.count() == 0


def test_the_settings_page_cannot_publish_rules(north: Clinic, carol: User) -> None:
    lowered = RuleInForce(sort="raised", id="en.chest.pain", kind="urgent").to_json()

    with inside(north), pytest.raises(ValidationError, match="cannot be changed"):
        publish_policy(by=carol, changes={"own_rules": [lowered]})


@pytest.mark.parametrize(
    "rule",
    [
        RuleInForce(sort="raised", id="en.chest.pain", kind="urgent"),
        RuleInForce(sort="raised", id="en.gone", kind="emergency"),
        RuleInForce(sort="added", id="en.chest.pain", kind="distress", lang="en", when=("chest",)),
        RuleInForce(sort="added", id="en.clinic.x", kind="nonsense", lang="en", when=("chest",)),
        RuleInForce(sort="added", id="en.clinic.x", kind="urgent", lang="en", when=("<no_such_list>",)),
    ],
)
def test_a_row_that_was_tampered_with_takes_nothing_from_the_floor(rule: RuleInForce, north: Clinic) -> None:
    with inside(north):
        CallPolicy.objects.create(version=2, clinic_line="+12025550199", own_rules=[rule.to_json()])
        forget()

    heard(north, "my chest hurts")

    assert alarms(north) == ["en.chest.pain"]


# --- Publishing ----------------------------------------------------------------------------------------------------
def test_a_rule_without_a_sentence_it_catches_or_with_a_wrong_one_is_not_published(north: Clinic, carol: User) -> None:
    bare = Draft(**{**_fields(ABSCESS), "fires": ()})
    wrong = Draft(**{**_fields(ABSCESS), "fires": ("my knee hurts",)})
    loud = Draft(**{**_fields(ABSCESS), "quiet": (CAUGHT,)})

    for draft, sentence in ((bare, "at least one"), (wrong, "should be caught"), (loud, "should stay quiet")):
        with inside(north):
            row = actions.draft_rule(by=carol, draft=draft)
            with pytest.raises(Refused, match=sentence):
                actions.publish_draft(by=carol, draft_id=row.id)
            row.refresh_from_db()
            assert row.status == RuleStatus.DRAFT
            assert CallPolicy.objects.count() == 1


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in Draft.__slots__}


def test_a_draft_is_published_once_and_is_then_no_draft(north: Clinic, carol: User) -> None:
    rule = published(north, carol)

    with inside(north):
        for deed in (actions.publish_draft, actions.discard_draft):
            with pytest.raises(Refused, match="no draft any more"):
                deed(by=carol, draft_id=rule.id)
        with pytest.raises(Refused, match="no draft any more"):
            actions.change_draft(by=carol, draft_id=rule.id, draft=ABSCESS)
        assert CallPolicy.objects.count() == 2


def test_two_rules_of_one_name_get_names_of_their_own(north: Clinic, carol: User) -> None:
    first, second = published(north, carol), published(north, carol)

    assert (first.rule, second.rule) == ("en.clinic.tooth-abscess", "en.clinic.tooth-abscess-2")
    with inside(north):
        newest = CallPolicy.objects.get(version=second.published_in)
        assert [one["id"] for one in newest.own_rules] == [first.rule, second.rule]


def test_a_rule_is_raised_once_at_a_time(north: Clinic, carol: User) -> None:
    published(north, carol, RAISED)

    with pytest.raises(Refused, match="raised already"):
        published(north, carol, RAISED)


# --- Taking back ---------------------------------------------------------------------------------------------------
def asked(clinic: Clinic, by: User, rule: OwnRule, **given: str) -> RuleChange:
    with inside(clinic):
        return actions.ask_for_change(
            by=by, own_id=rule.id, **{"change": "remove", "kind": "", "reason": "Too loud", **given}
        )


def test_a_rule_is_taken_back_by_a_second_person_only(north: Clinic, carol: User, erin: User) -> None:
    rule = published(north, carol)
    request = asked(north, carol, rule)

    with inside(north), pytest.raises(Refused, match="second person"):
        actions.approve_change(by=carol, change_id=request.id)
    heard(north)
    assert alarms(north) == [rule.rule]

    with inside(north):
        actions.approve_change(by=erin, change_id=request.id)
        rule.refresh_from_db()
        assert (rule.status, rule.retired_by, rule.retired_in) == (RuleStatus.RETIRED, erin, 3)
        assert CallPolicy.objects.get(version=3).own_rules == []
        Escalation.objects.all().delete()
    heard(north)
    assert alarms(north) == []


def test_lowering_takes_a_second_person_and_leaves_the_old_level_on_record(
    north: Clinic, carol: User, erin: User
) -> None:
    rule = published(north, carol)
    request = asked(north, carol, rule, change="lower", kind="urgent")

    with inside(north):
        actions.approve_change(by=erin, change_id=request.id)
        levels = dict(OwnRule.objects.values_list("status", "kind"))
    heard(north)

    assert levels == {"retired": "emergency", "published": "urgent"}
    assert alarms(north) == []
    with inside(north):
        assert Escalation.objects.get(rule=rule.rule).level == "urgent"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": " "}, "Say why"),
        ({"change": "forget"}, "Choose what"),
        ({"change": "lower", "kind": "emergency"}, "lower level"),
        ({"change": "lower", "kind": ""}, "lower level"),
    ],
)
def test_a_request_needs_a_reason_and_a_lower_level(
    given: dict[str, str], sentence: str, north: Clinic, carol: User
) -> None:
    with pytest.raises(Refused, match=sentence):
        asked(north, carol, published(north, carol), **given)


def test_a_raised_level_cannot_be_lowered_to_or_below_what_is_shipped(north: Clinic, carol: User) -> None:
    rule = published(north, carol, RAISED)

    for kind in ("urgent", "distress"):
        with pytest.raises(Refused, match="lower level"):
            asked(north, carol, rule, change="lower", kind=kind)


def test_one_request_waits_at_a_time_and_is_decided_once(north: Clinic, carol: User, erin: User) -> None:
    rule = published(north, carol)
    request = asked(north, carol, rule)

    with pytest.raises(Refused, match="waits already"):
        asked(north, erin, rule)
    with inside(north):
        actions.refuse_change(by=erin, change_id=request.id)
        for deed in (actions.approve_change, actions.refuse_change):
            with pytest.raises(Refused, match="decided already"):
                deed(by=erin, change_id=request.id)
        assert RuleChange.objects.get().decision == "refused"
    assert asked(north, erin, rule).decision == ""


def test_the_database_itself_refuses_one_person_as_both(north: Clinic, carol: User) -> None:
    request = asked(north, carol, published(north, carol))

    with inside(north), pytest.raises(IntegrityError), transaction.atomic():
        RuleChange.objects.filter(pk=request.id).update(decision="approved", decided_by=carol)


def test_what_somebody_took_back_may_be_asked_back_by_nobody_without_a_draft(
    north: Clinic, carol: User, erin: User
) -> None:
    rule = published(north, carol)
    with inside(north):
        actions.approve_change(by=erin, change_id=asked(north, carol, rule).id)

    with pytest.raises(Refused, match="not in force"):
        asked(north, carol, rule)


# --- The trail -----------------------------------------------------------------------------------------------------
def test_who_drafted_published_asked_and_approved_is_in_the_trail_without_the_words(
    north: Clinic, carol: User, erin: User
) -> None:
    rule = published(north, carol)
    request = asked(north, carol, rule, reason="Quorum of false alarms")
    with inside(north):
        actions.approve_change(by=erin, change_id=request.id)
        trail = list(LogEntry.objects.filter(content_type__model__in=("ownrule", "rulechange", "callpolicy")))

    deeds = {(entry.content_type.model, entry.actor_email): str(entry.changes) for entry in trail}
    told = str([(entry.changes, entry.object_repr, entry.additional_data) for entry in trail])
    assert {("ownrule", carol.email), ("rulechange", carol.email), ("callpolicy", carol.email)} <= set(deeds)
    assert {("ownrule", erin.email), ("rulechange", erin.email), ("callpolicy", erin.email)} <= set(deeds)
    assert "approved" in deeds["rulechange", erin.email]
    for words in ("abscess", "jaw", "Quorum", "surgeon"):
        assert words not in told
