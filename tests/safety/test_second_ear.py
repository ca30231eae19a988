"""What the second ear makes of what the patterns saw: it brings back a danger, and has the phone ask about one."""

from __future__ import annotations

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.find import RaisedRule
from calls.dialogue.types import ESCALATES_NOW, FindingKind, Verdict
from tests.calls.talk import Talk

A_BOOK = "is the girl who drowned any good as an audiobook"


def the_rules(verdict: Verdict) -> set[str]:
    return {one.rule for one in verdict.findings if one.kind in ESCALATES_NOW}


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("the house is on fire, call the station", "en.fire"),
        ("someone left a cigarette and there's a fire in the house", "en.fire"),
        ("my son is having a fit by the boiler", "en.seizure"),
        ("le dieron un balazo jugando en la calle", "es.trauma.shot"),
        ("le pegaron un tiro, necesito una enfermera", "es.trauma.shot"),
        ("mi esposo dejó el celular y no despierta", "es.unconscious"),
        ("chocó con una grua y está atrapado", "es.trauma.vehicle"),
    ],
)
def test_an_exception_takes_no_danger_away_that_all_words_speak_for(said: str, rule: str) -> None:
    assert rule in the_rules(find(said, lang=rule[:2]))


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("is it normal to cough up a cupful of blood", "en.bleeding.cough"),
        ("been sick twice and its bright red blood like a cupful each time", "en.bleeding.vomit"),
        ("my finger came off in the log splitter, I've got it in a bag", "en.amputation"),
        ("mi papá tragó un hueso de pollo ya no puede ni pasar saliva y le sale sangre por la boca", "es.choking"),
    ],
)
def test_nor_does_a_question_or_a_not(said: str, rule: str) -> None:
    assert the_rules(find(said, lang=rule[:2]))


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("I can't breathe through my nose.", "en"),
        ("they shot the film right here on our street", "en"),
        ("what are the signs of diabetic ketoacidosis", "en"),
        ("No puedo respirar por la nariz.", "es"),
        ("mi mamá murió de pérdida repentina de la vista", "es"),
    ],
)
def test_what_only_sounds_so_stays_excused(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang)) == set()


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        (A_BOOK, "en"),
        ("My gran had a bad hip fracture from a fall and it healed well, she's dancing again.", "en"),
        ("tuve preeclampsia con el primero que ya tiene quince años ahora no estoy embarazada", "es"),
        ("A mi abuela le dio una embolia cuando yo no había nacido, ¿eso se hereda?", "es"),
    ],
)
def test_what_all_around_it_speaks_against_is_urgent_and_asked_about(said: str, lang: str) -> None:
    found = find(said, lang=lang)

    assert found.worst is not None
    assert (found.worst.kind, found.ask) == (FindingKind.URGENT, "ask.happening_now")


def test_a_yes_to_what_is_asked_is_an_emergency_and_nothing_was_lost_before() -> None:
    call = Talk().say(A_BOOK)

    assert call.keys == ["urgent.told", "ask.happening_now"]
    assert [one.level for one in call.escalations] == ["urgent"]
    assert call.say("yes").keys[0] == "danger.emergency"


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("it looks like chest pain", "en"),
        ("I've got shortness of breath and I'm scared", "en"),
        ("I wanted to make an appointment but she is not breathing", "en"),
        ("a boy drowned at his swimming lesson", "en"),
        ("no tengo fiebre me duele el pecho", "es"),
        ("vi las noticias y me duele el pecho", "es"),
        ("me divorcié hace seis años y mi ex está afuera con un cuchillo", "es"),
    ],
)
def test_what_else_is_said_has_nothing_asked(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang))


def test_a_crisis_is_never_only_asked_about() -> None:
    found = find("My daughter is playing Juliet, the one who stabs herself at the end.", lang="en")

    assert found.has(FindingKind.CRISIS)


def test_nor_is_what_a_clinic_itself_takes_for_an_emergency() -> None:
    raised = RaisedRule("en.drowning", FindingKind.EMERGENCY)

    assert the_rules(find(A_BOOK, lang="en", added=[raised])) == {"en.drowning"}


def test_nor_what_the_recogniser_was_unsure_of() -> None:
    assert the_rules(find(A_BOOK, lang="en", confidence=0.3)) == {"en.drowning"}
