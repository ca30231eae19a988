"""What `find` makes of an utterance and its surroundings: turns, questions, confidence, languages, clinics."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety import listening
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.rule_file import RuleError
from calls.dialogue.types import ESCALATES_NOW, FindingKind

EMERGENCY, CRISIS, URGENT = FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT


def worst(words, lang="en", **kwargs):
    found = safety.find(words, lang=lang, **kwargs).worst
    return found.kind if found else None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("no chest pain but I can't breathe", EMERGENCY),
        ("no fever, chills, or chest pain", None),
        ("No, I have chest pain", EMERGENCY),
        ("no i have chest pain", EMERGENCY),
        ("I don't know why my chest hurts", EMERGENCY),
        ("I don't think he is choking", None),
        ("the dog bit my son and he is bleeding badly", EMERGENCY),
        ("the dog is bleeding badly", None),
        ("I had a heart attack two years ago", None),
        ("I had a stroke last year and now my left arm is numb and weak", EMERGENCY),
        ("I had a heart attack last year and my chest hurts", EMERGENCY),
        ("my chest hurts and last year I had a heart attack", EMERGENCY),
        ("he had a stroke two years ago he is slurring his words", EMERGENCY),
        ("I had a seizure", URGENT),
        ("yesterday I had chest pain", URGENT),
        ("I have had chest pain for months", URGENT),
        ("I'm thinking about suicide", CRISIS),
        ("my keystroke", None),
    ],
)
def test_the_words_around_a_danger_decide(words, kind):
    assert worst(words) is kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("no tengo fiebre me duele el pecho", EMERGENCY),
        ("no tengo dolor de pecho ni falta de aire", None),
        ("Sí, me duele el pecho", EMERGENCY),
        ("¿qué hago si me duele el pecho?", FindingKind.MEDICAL_ADVICE),
        ("tuve un infarto el año pasado y me duele el pecho", EMERGENCY),
        ("mi papá tuvo un derrame hace dos años tiene la boca chueca", EMERGENCY),
        ("lo operaron la semana pasada, no puede respirar", EMERGENCY),
        ("me falta el aire y ayer se me hinchó una pierna", EMERGENCY),
        ("ayer me dolía el pecho y quiero una cita", URGENT),
        ("hace dos años tuvo un infarto y está bien", None),
        ("mi perro está ladrando pero se cayó del techo", EMERGENCY),
        ("vi en las noticias que a un señor le dio un infarto", None),
        ("vi las noticias y me duele el pecho", EMERGENCY),
        ("viendo las noticias a mi papá le dio un infarto", EMERGENCY),
        ("tengo dolor de pecho y ya estoy cansada", EMERGENCY),
        ("tenía dolor de pecho y ya estoy bien", URGENT),
        ("mi papa tiene chest pain", EMERGENCY),
        ("no tiene chest pain", None),
    ],
)
def test_spanish_surroundings_and_english_inside_spanish(words, kind):
    assert worst(words, "es") is kind


def test_the_language_of_the_line_does_not_hide_the_other():
    assert worst("me duele mucho el pecho", "en") is EMERGENCY
    assert worst("I can't breathe", "es") is EMERGENCY


def test_an_unfinished_sentence_is_judged_with_the_next():
    assert worst("my chest") is None
    assert worst("it hurts really bad", earlier=["my chest"]) is EMERGENCY


def test_what_was_said_before_is_not_found_again():
    assert worst("my name is Ann", earlier=["my chest hurts"]) is None


def test_getting_worse_raises_what_was_urgent():
    assert worst("it's getting worse", earlier=["I have a severe headache"]) is EMERGENCY
    assert worst("it's getting worse", earlier=["I have a cough"]) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("yes", EMERGENCY), ("a little", EMERGENCY), ("no", None), ("not really", None), ("I don't know", URGENT)],
)
def test_an_answer_to_the_question_that_was_asked(answer, kind):
    assert worst(answer, asked="ask.breathing_now") is kind


@pytest.mark.parametrize(
    ("answer", "kind"), [("sí", EMERGENCY), ("si un poco", EMERGENCY), ("no", None), ("no sé", URGENT)]
)
def test_an_answer_in_spanish(answer, kind):
    assert worst(answer, "es", asked="ask.breathing_now") is kind


def test_yes_without_a_question_is_nothing():
    assert worst("yes") is None


def test_an_ambiguous_danger_asks_one_question():
    verdict = safety.find("what should I do if I have chest pain", lang="en")

    assert verdict.ask in safety.clarifying()
    assert not verdict.has(EMERGENCY)


def test_a_low_confidence_lowers_the_bar_and_never_raises_it():
    doubtful = "I had some chest pain last night"

    assert worst(doubtful) is URGENT
    assert worst(doubtful, confidence=0.3) is EMERGENCY
    assert worst("I can't breathe", confidence=0.05) is EMERGENCY


def test_findings_come_worst_first_with_rule_reason_and_source():
    verdict = safety.find("my chest hurts and I want to talk to a real person", lang="en")

    assert verdict.findings[0].kind is EMERGENCY
    assert verdict.has(FindingKind.HUMAN_REQUEST)
    assert verdict.worst.rule == "en.chest.pain"
    assert verdict.worst.source.startswith("NHS: Chest pain <https://")
    assert verdict.version == safety.rules_version()


@pytest.mark.parametrize("words", ["are you a robot", "am I talking to a real person", "is this a machine or a person"])
def test_asking_what_the_voice_is_asks_for_nobody(words):
    assert not safety.find(words, lang="en").has(FindingKind.HUMAN_REQUEST)


def test_a_clinic_adds_a_rule_on_the_shipped_concepts():
    own = safety.AddedRule(id="clinic.shunt", lang="en", kind=URGENT, reason="shunt trouble", when=("shunt & <pain>",))

    assert worst("my shunt is really tight") is None
    assert worst("my shunt is really tight", added=[own]) is URGENT
    assert worst("I can't breathe", added=[own]) is EMERGENCY


def test_a_clinic_raises_but_cannot_lower_or_replace():
    raised = safety.RaisedRule(id="en.fracture", kind=EMERGENCY)

    assert worst("I broke my arm") is URGENT
    assert worst("I broke my arm", added=[raised]) is EMERGENCY
    with pytest.raises(RuleError, match="not lower"):
        worst("hello", added=[safety.RaisedRule(id="en.chest.pain", kind=URGENT)])
    with pytest.raises(RuleError, match="shipped rule"):
        worst("hello", added=[safety.AddedRule("en.chest.pain", "en", URGENT, "x", ("hello",))])
    with pytest.raises(RuleError, match="no rule"):
        worst("hello", added=[safety.RaisedRule(id="en.no.such", kind=EMERGENCY)])


def test_added_rules_show_in_the_version():
    own = safety.RaisedRule(id="en.fracture", kind=EMERGENCY)

    assert safety.find("hello", lang="en", added=[own]).version != safety.rules_version()


@pytest.mark.parametrize("before", ["call me back", "no", "the dog", "years ago", "if"])
def test_what_was_said_before_never_takes_a_danger_away(before):
    assert worst("he is unconscious", earlier=[before]) is EMERGENCY


def test_nothing_that_reaches_across_two_turns_is_passed_over(monkeypatch):
    """Both turns are read together only where a pattern may stand in both: no verdict may come of leaving it out."""
    halves = []
    for lang, language in shipped().languages.items():
        for rule in language.rules:
            for example in rule.examples:
                words = example.text.split()
                halves.append((lang, " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])))

    def verdicts():
        return [safety.find(after, lang=lang, earlier=[before]) for lang, before, after in halves]

    judged = verdicts()
    monkeypatch.setattr(listening, "_may_reach_across", lambda *_: True)

    assert len(halves) > 500
    assert judged == verdicts()


@pytest.mark.parametrize(
    ("words", "alarms"),
    [
        ("si mi hijo se atraganta aviso al médico", False),
        ("si mi hijo se atraganta vengan ya", True),
        ("si, se atragantó con una uva", True),
        ("por poco lo atropella un camión", False),
        ("por poco no llego, un camión atropelló a mi hijo", True),
        ("por poco lo atropella un camión y mi hija no respira", True),
    ],
)
def test_an_if_and_a_near_miss_in_spanish_reach_no_further_than_their_own_clause(words, alarms):
    assert safety.find(words, lang="es").has(*ESCALATES_NOW) is alarms
