"""The second ear: made of our own sentences, asked last, and never more than an addition to what the rules find."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety import RaisedRule, learning
from calls.dialogue.safety.find import merge
from calls.dialogue.safety.hearing import pairs_file
from calls.dialogue.safety.rule_file import LANGUAGES, RuleError
from calls.dialogue.safety.weighing import WEIGHTS, Heard, Scale
from calls.dialogue.types import FindingKind

SMALL = frozenset({"is", "my", "the"})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_weights_are_those_of_the_lessons(lang):
    stored = WEIGHTS / f"{lang}.json"

    assert f'"lessons": "{learning.digest(learning.lessons(lang), lang)}"' in stored.read_text(encoding="utf-8"), (
        "The corpus changed: run python -m calls.dialogue.safety.learning"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pairs_are_those_of_our_own_sentences(lang):
    assert pairs_file(lang).read_text(encoding="utf-8") == learning.pairs(lang), (
        "The corpus or how words are cleaned changed: run python -m calls.dialogue.safety.learning"
    )


def test_the_same_sentences_teach_the_same_weights():
    examples = [(("chest", "chest hurts"), True), (("knee", "knee hurts"), False)] * 3

    weights, always = learning.learn(examples)

    assert (weights, always) == learning.learn(examples)
    assert weights["chest"] > 0 > weights["knee"]


def test_words_far_apart_are_not_weighed_together():
    scale = Scale({"chest": 3.0, "blood": 3.0}, -4.0, SMALL)
    between = ("filler",) * 20

    assert scale.weight(Heard(("chest", "blood"), ())) == 2.0
    assert scale.weight(Heard(("chest", *between, "blood"), ())) == -1.0


def test_concepts_are_weighed_alone_and_with_one_that_stands_close():
    told = learning.features("my toddler is turning blue", "en")
    apart = learning.features("my toddler and the friendly people in that other house have blue chairs", "en")
    denied = learning.features("my toddler is not turning blue", "en")

    assert {"<blue>", "<blue> <child>"} <= set(told)
    assert "<blue>" in apart
    assert "<blue> <child>" not in apart
    assert "-<blue>" in denied
    assert "<blue> <child>" not in denied
    assert Scale({"<blue> <child>": 3.0}, -1.0, SMALL).weight(Heard(("a", "b"), (), ((1, "<blue> <child>"),))) == 2.0


def test_a_denied_word_a_figure_of_speech_and_a_small_word_weigh_nothing():
    scale = Scale({"chest": 3.0, "is": 3.0, "-chest": -1.0}, 0.0, SMALL)

    assert scale.weight(Heard(("is", None), ())) == 0.0
    assert scale.weight(Heard(("-chest",), ())) == -1.0


def test_what_somebody_is_called_weighs_nothing():
    told = learning.features("Betty fell off the roof", "en")

    assert not {one for one in told if "betty" in one or "given_name" in one}
    assert {"fell", "roof"} <= set(told)


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("yes ma'am it's betty lou thomas", "en"),
        ("Mi esposa me va a matar.", "es"),
        ("my knee swells up after I go for a run", "en"),
        ("I need to move my appointment to next Tuesday", "en"),
        ("se me hincha la rodilla después de correr", "es"),
        ("quiero cambiar mi cita para el martes", "es"),
    ],
)
def test_ordinary_talk_weighs_too_little(said, lang):
    assert not safety.find(said, lang=lang).has(FindingKind.EMERGENCY)


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("hot tar ran down the roadman's arms", "en"),
        ("La Yuli se metió demasiada coca y tiembla entera.", "es"),
    ],
)
def test_what_no_pattern_has_words_for_is_heard_though_its_words_are_rare(said, lang):
    assert safety.find(said, lang=lang).has(FindingKind.EMERGENCY)


def test_what_weighs_as_an_emergency_is_one_beside_something_urgent():
    found = safety.find("a spider bit her and now her whole arm is black and she's throwing up", lang="en")

    assert {"en.weighed", "en.bite"} <= {one.rule for one in found.findings}


def test_what_is_weighed_cannot_be_raised_by_a_clinic():
    with pytest.raises(RuleError, match="weighed"):
        merge((RaisedRule("en.weighed", FindingKind.CRISIS),))
