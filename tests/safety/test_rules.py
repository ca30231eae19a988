"""Every rule keeps the promises written beside it in the rule files."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety.find import shipped
from calls.dialogue.types import ESCALATES_NOW, FindingKind

RULES = [(lang, rule) for lang, language in shipped().languages.items() for rule in language.rules]
EXAMPLES = [(lang, rule, example) for lang, rule in RULES for example in rule.examples]
NO_MEDICAL_CLAIM = {
    FindingKind.DISTRESS,
    FindingKind.HUMAN_REQUEST,
    FindingKind.MEDICAL_ADVICE,
    FindingKind.TEST_RESULT,
    FindingKind.MEDICATION,
}


@pytest.mark.parametrize(
    ("lang", "rule", "example"), EXAMPLES, ids=[f"{rule.id}: {example.text}" for _, rule, example in EXAMPLES]
)
def test_an_example_does_what_its_rule_says(lang, rule, example):
    verdict = safety.find(example.text, lang=lang)
    found = {one.rule: one.kind for one in verdict.findings}

    if rule.kind is None:
        assert (verdict.ask == rule.ask) == example.fires
    elif example.fires:
        assert found.get(rule.id) == rule.kind
    else:
        assert found.get(rule.id) != rule.kind
        assert rule.kind not in ESCALATES_NOW or ESCALATES_NOW.isdisjoint(found.values())


@pytest.mark.parametrize(("lang", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_a_rule_is_complete(lang, rule):
    assert rule.id.startswith(f"{lang}.")
    assert 1 <= len(rule.reason.split()) <= 6
    assert rule.source.startswith(("MedlinePlus", "NHS", "CDC", "American", "National", "Línea", "988")) == (
        rule.kind not in NO_MEDICAL_CLAIM
    )
    assert any(one.fires for one in rule.examples)
    assert any(not one.fires for one in rule.examples)
    assert not rule.ask or rule.ask in safety.clarifying()


def test_rule_ids_are_unique_and_both_languages_cover_the_same_ground():
    ids = [rule.id for _, rule in RULES]
    topics = {lang: {rule.id.partition(".")[2] for other, rule in RULES if other == lang} for lang in ("en", "es")}

    assert len(ids) == len(set(ids))
    assert topics["es"] - topics["en"] <= {"signs.two"}
    # Spanish has no words of its own for the last three yet.
    assert topics["en"] - topics["es"] <= {"human.named", "cauda", "crisis.farewell", "poison.asked"}


@pytest.mark.parametrize("ask", safety.clarifying())
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_question_can_be_asked_in_both_languages(ask, lang):
    sentence = safety.question(ask, lang)

    assert sentence.endswith("?")
    assert len(sentence) <= 100
