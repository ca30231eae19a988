"""What the second ear makes of what the patterns saw: it brings back a danger, and takes none away."""

from __future__ import annotations

import pytest

from calls.dialogue.safety import find
from calls.dialogue.types import ESCALATES_NOW, Verdict


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
    ("said", "rule"),
    [
        ("my wife recovering from surgery is bleeding out", "en.bleeding.heavy"),
        ("how can i tell if he's dead he was hit by a train", "en.trauma.vehicle"),
        ("en la conferencia le dio un infarto a un señor", "es.heart.attack"),
    ],
)
def test_what_is_told_with_a_verb_of_its_own_is_not_doubted_lightly(said: str, rule: str) -> None:
    assert rule in the_rules(find(said, lang=rule[:2]))


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("my mother died of testicular torsion", "en"),
        ("if my husband is having a stroke what should I do", "en"),
        ("how do I know if someone is having a stroke", "en"),
        ("mi mamá murió de dificultad para respirar", "es"),
    ],
)
def test_what_is_only_named_or_hangs_on_an_if_is(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang)) == set()


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
        ("it looks like chest pain", "en"),
        ("I've got shortness of breath and I'm scared", "en"),
        ("I wanted to make an appointment but she is not breathing", "en"),
        ("a boy drowned at his swimming lesson", "en"),
        ("no tengo fiebre me duele el pecho", "es"),
        ("vi las noticias y me duele el pecho", "es"),
        ("me divorcié hace seis años y mi ex está afuera con un cuchillo", "es"),
    ],
)
def test_what_else_is_said_lowers_nothing(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang))


@pytest.mark.parametrize("said", ["is the girl who drowned any good as an audiobook", "the meningitis one, is it free"])
def test_a_rules_finding_stays_however_little_the_words_weigh(said: str) -> None:
    assert the_rules(find(said, lang="en"))


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("I've written the letters and fed the cat and I'm on the edge of the bridge", "en"),
        ("She can't open her jaw and her back is arching, she stood on a nail in the paddock last week", "en"),
        ("My stepdad hits my little brother with the cable, he's doing it right now", "en"),
        ("el inhalador ya no me hace nada y no puedo ni hablar seguido", "es"),
    ],
)
def test_what_weighs_much_is_heard_though_an_if_or_an_animal_was_spoken_of(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang))


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("when I was little I fell out of a tree and broke my arm, the dog barked all night", "en"),
        ("I keep bleeding out and no healing potion works", "en"),
        ("de niño me caí de un árbol y me rompí el brazo, el perro ladraba", "es"),
    ],
)
def test_but_not_what_is_long_over_or_in_a_game(said: str, lang: str) -> None:
    assert the_rules(find(said, lang=lang)) == set()
