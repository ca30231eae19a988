"""Every rule has enough sentences of the corpus on both sides, and each of them does what it is there for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from calls.dialogue import safety
from calls.dialogue.safety.corpus import FOLDER
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.rules import Rule
from calls.dialogue.types import ESCALATES_NOW, SEVERITY, FindingKind, Verdict

SENTENCES_A_RULE = 15
OF_EACH_SIDE = 7
LANGUAGES = ("en", "es")
UNFINISHED = "cut off before the danger"
LABEL_OF = {
    FindingKind.EMERGENCY: {"emergency"},
    FindingKind.CRISIS: {"emergency", "crisis"},
    FindingKind.URGENT: {"urgent", "emergency"},
    FindingKind.MEDICATION: {"refill"},
}
RULES = {lang: {rule.id.partition(".")[2]: rule for rule in shipped().languages[lang].rules} for lang in LANGUAGES}


def sentences(lang: str) -> Iterator[dict[str, str]]:
    for line in (FOLDER / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["rule"] in RULES[lang]:
            yield row


def means(rule: Rule, row: dict[str, str]) -> bool:
    """Whether the sentence is one that the rule is there for."""
    if rule.kind is None:
        return row["note"] == UNFINISHED
    return row["label"] in LABEL_OF.get(rule.kind, {rule.kind.value})


def is_answered(rule: Rule, verdict: Verdict) -> bool:
    """Whether something as serious was found, for a route its kind, for a begun sentence a question."""
    kind = rule.kind
    if kind is None:
        return bool(verdict.ask) or verdict.has(*ESCALATES_NOW)
    if kind in (*ESCALATES_NOW, FindingKind.URGENT):
        as_serious = SEVERITY[: SEVERITY.index(kind) + 1]
        return verdict.has(*as_serious) or (kind in ESCALATES_NOW and verdict.has(*ESCALATES_NOW))
    return verdict.has(kind)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_enough_sentences_on_both_sides(lang):
    sides = Counter((row["rule"], means(RULES[lang][row["rule"]], row)) for row in sentences(lang))
    short = {
        topic: (sides[topic, True], sides[topic, False])
        for topic in RULES[lang]
        if sides[topic, True] + sides[topic, False] < SENTENCES_A_RULE
        or min(sides[topic, True], sides[topic, False]) < OF_EACH_SIDE
    }

    assert short == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_does_what_it_is_there_for(lang):
    wrong = []
    for row in sentences(lang):
        rule, verdict = RULES[lang][row["rule"]], safety.find(row["text"], lang=lang)
        if means(rule, row) and not is_answered(rule, verdict):
            wrong.append(f"{row['id']} not found: {row['text']}")
        if not means(rule, row) and row["label"] != "urgent" and verdict.has(*ESCALATES_NOW):
            wrong.append(f"{row['id']} raises an alarm: {row['text']}")

    assert wrong == []
