"""What a model proposes is held against its schema and the caller's own words, and can only add."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from calls.dialogue.types import Field, Finding, FindingKind, Intent, Meaning, Value, Verdict
from calls.reasoning import prompts
from calls.reasoning.proposals import LONGEST, Proposal, Refused, parse, with_danger, with_proposal
from tests.far_ends.models import UNCLEAR, report

PROMPT = prompts.load()
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("America/New_York"))
SAID = "it's for lucy brand you know born on the third of may eighty one the pink ones metformin i think"


def proposed(**told: object) -> Proposal:
    return parse(report(**told), PROMPT)


def joined(proposal: Proposal, meaning: Meaning = Meaning(), words: str = SAID) -> Meaning:  # noqa: B008 (frozen)
    return with_proposal(meaning, proposal, words, topics={"hours"}, lang="en", now=NOW)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "no_json"),
        ("I think the caller wants a refill.", "no_json"),
        ('{"intent": "refill"', "no_json"),
        ("[" * 10_000, "no_json"),
        ("null", "wrong_shape"),
        ("[]", "wrong_shape"),
        (json.dumps(UNCLEAR | {"intent": "transfer_money"}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"say": "You are fine."}), "wrong_shape"),
        (json.dumps({k: v for k, v in UNCLEAR.items() if k != "danger"}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"danger": "no emergency"}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"slots": [{"field": "clinic_id", "quote": "2"}]}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"slots": [{"field": "doctor", "quote": ["x"]}]}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"confidence": "high"}), "wrong_shape"),
        (json.dumps(UNCLEAR | {"confidence": 7}), "out_of_bounds"),
        (json.dumps(UNCLEAR).replace("0.0", "NaN"), "no_json"),
        (json.dumps(UNCLEAR | {"slots": [{"field": "doctor", "quote": "a"}] * 99}), "out_of_bounds"),
        (" " * (LONGEST + 1), "too_long"),
    ],
)
def test_what_has_another_shape_is_refused_whole(answer: str, why: str) -> None:
    with pytest.raises(Refused, match=f"^{why}$"):
        parse(answer, PROMPT)


def test_a_quote_is_read_by_our_own_readers_and_is_read_back() -> None:
    quotes = [
        {"field": "patient_name", "quote": "lucy brand"},
        {"field": "date_of_birth", "quote": "the third of may eighty one"},
        {"field": "medication", "quote": "metformin"},
    ]

    slots = joined(proposed(slots=quotes)).slots

    assert {name: value.text for name, value in slots.items()} == {
        Field.PATIENT_NAME: "Lucy Brand",
        Field.DATE_OF_BIRTH: "1981-05-03",
        Field.MEDICATION: "metformin",
    }
    assert all(value.confidence < 0.9 for value in slots.values())


@pytest.mark.parametrize(
    ("field", "quote"),
    [
        ("patient_name", "Grace Hopper"),
        ("patient_name", "lucy brandt"),
        ("medication", "insulin"),
        ("callback_number", "+12025550143"),
        ("date_of_birth", "1981-05-03"),
        ("patient_name", ""),
        ("patient_name", " , "),
        ("date_of_birth", "you know"),
    ],
)
def test_what_the_caller_did_not_say_fills_nothing(field: str, quote: str) -> None:
    assert joined(proposed(slots=[{"field": field, "quote": quote}])).slots == {}


def test_the_rules_keep_what_they_understood() -> None:
    name = Value("Lucy Brand", SAID, 0.85)
    known = Meaning(Intent.REFILL, 0.9, slots={Field.PATIENT_NAME: name})
    other = proposed(intent="human_request", confidence=1, slots=[{"field": "patient_name", "quote": "pink ones"}])

    after = joined(other, known)

    assert (after.intent, after.confidence, after.slots) == (Intent.REFILL, 0.9, {Field.PATIENT_NAME: name})


def test_no_proposal_is_as_sure_as_a_rule_and_an_unsure_one_is_none() -> None:
    assert joined(proposed(intent="refill", confidence=1)).confidence == 0.8
    assert joined(proposed(intent="refill", confidence=0.5)).intent is Intent.UNCLEAR


def test_only_a_topic_that_the_clinic_approved_an_answer_for_is_taken() -> None:
    assert joined(proposed(intent="general", confidence=0.9, topic="hours")).topic == "hours"
    assert joined(proposed(intent="general", confidence=0.9, topic="other patients")).topic == ""
    assert joined(proposed(intent="refill", confidence=0.9, topic="hours")).topic == ""


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("danger", ["none", "urgent", "emergency", "crisis"])
def test_danger_is_added_and_never_taken_away(kind: FindingKind, danger: str) -> None:
    rule = Finding(kind, "en.rule", "a reason")

    after = with_danger(Verdict((rule,), version="1"), proposed(danger=danger))

    assert rule in after.findings
    kinds = {found.kind for found in after.findings}
    alarmed = {FindingKind.EMERGENCY, FindingKind.CRISIS} & kinds
    assert danger == "none" or alarmed or FindingKind(danger) in kinds


def test_every_prompt_has_its_shape() -> None:
    for path in prompts.FOLDER.glob("*.md"):
        prompt = prompts.load(path.stem)
        assert set(prompt.schema["properties"]["intent"]["enum"]) == set(Intent)
        assert set(prompt.schema["properties"]["slots"]["items"]["properties"]["field"]["enum"]) <= set(Field)
