"""A clinic's own rules on top of the shipped ones: cheap to compile, exactly as good, and the floor stays."""

from __future__ import annotations

import time

import pytest

from calls.dialogue import safety
from calls.dialogue.safety import AddedRule, RaisedRule
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.engine import RuleSet, judge
from calls.dialogue.safety.find import merge, shipped
from calls.dialogue.safety.loading import Compiler, with_anchors
from calls.dialogue.safety.rule_file import LANGUAGES, RuleError, read_file
from calls.dialogue.safety.spelling import spelling_of
from calls.dialogue.types import FindingKind

OWN = AddedRule(
    id="en.clinic.abscess",
    lang="en",
    kind=FindingKind.URGENT,
    reason="tooth abscess",
    when=("abscess/swollen & tooth/jaw/wisdom_tooth",),
    near=8,
    unless="dentist",
    source="Agreed with the oral surgeon",
)


def from_scratch(own: AddedRule) -> RuleSet:
    """The whole file of each language compiled anew, with the own rule written at its end."""
    files = {lang: read_file(lang)[0] for lang in LANGUAGES}
    spelling = spelling_of(files.values())
    written = {"id": own.id, "kind": own.kind.value, "reason": own.reason, "when": list(own.when)}
    written |= {"near": own.near, "unless": own.unless}
    languages = {}
    for lang, file in files.items():
        rules = [*file["rules"], *([written] if lang == own.lang else [])]
        languages[lang] = with_anchors(Compiler({**file, "rules": rules}, spelling).compile("x", spelling))
    return RuleSet("x", languages)


def test_a_rule_added_on_top_judges_like_one_written_into_the_file() -> None:
    whole, added = from_scratch(OWN), merge((OWN,))
    texts = [
        *((row.text, row.lang) for row in shipped_corpus()),
        *((text, "en") for text in ("my jaw is swolen", "my tooth has an absess", "swollen jaw, I saw the dentist")),
    ]

    for text, lang in texts:
        said = {"lang": lang, "confidence": None, "earlier": (), "asked": ""}
        expected, found = judge(whole, text, **said), judge(added, text, **said)
        assert [(one.kind, one.rule) for one in found.findings] == [(one.kind, one.rule) for one in expected.findings]
        assert found.ask == expected.ask


def test_the_shipped_rules_do_not_learn_a_clinics_words() -> None:
    odd = AddedRule("en.clinic.odd", "en", FindingKind.EMERGENCY, "odd word", ("florbinate",))

    assert safety.find("I want to florbinate", lang="en", added=[odd]).has(FindingKind.EMERGENCY)
    assert not safety.find("I want to florbinate", lang="en").findings
    assert not safety.find("I want to florbinate", lang="en", added=[OWN]).findings


def test_the_own_rule_brings_its_source_its_exception_and_its_reach() -> None:
    (found,) = safety.find("there is an abscess on my jaw", lang="en", added=[OWN]).findings

    assert (found.rule, found.kind, found.source) == (OWN.id, OWN.kind, OWN.source)
    assert not safety.find("my dentist says an abscess on my jaw", lang="en", added=[OWN]).findings
    assert not safety.find("I have no abscess on my jaw", lang="en", added=[OWN]).findings


def test_compiling_a_clinics_rules_is_no_burden_for_a_call() -> None:
    shipped()
    took = []
    for number in range(7):
        own = AddedRule(f"en.clinic.quick-{number}", "en", FindingKind.URGENT, "quick", (f"swollen & quick{number}",))
        started = time.process_time()
        merge((own,))
        took.append(time.process_time() - started)

    assert sorted(took)[3] < 0.1  # compiling both files anew took most of a second


@pytest.mark.parametrize(
    ("one", "complaint"),
    [
        (RaisedRule("en.chest.pain", FindingKind.URGENT), "raise it, not lower it"),
        (RaisedRule("en.nowhere", FindingKind.EMERGENCY), "no rule en.nowhere"),
        (AddedRule("en.chest.pain", "en", FindingKind.URGENT, "x", ("chest",)), "is a shipped rule"),
        (AddedRule("en.clinic.x", "fr", FindingKind.URGENT, "x", ("chest",)), "language 'fr'"),
        (AddedRule("en.clinic.x", "en", FindingKind.URGENT, "x", ("the",)), "nothing stands on one side"),
    ],
)
def test_what_would_break_the_floor_is_refused(one: safety.AddedRule | safety.RaisedRule, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        merge((one,))
