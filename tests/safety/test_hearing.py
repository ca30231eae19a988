"""Hearing by the neighbours: a word that nobody says there is taken for a rule word that sounds like it and fits."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety.hearing import Ear, Pairs, distance, key_of
from calls.dialogue.types import FindingKind

SAID = {
    "chest pain": True,
    "bad pain": True,
    "is bleeding": True,
    "bleeding .": True,
    "chess club": False,
    "this is": False,
    ". this": False,
}
SMALL = frozenset({"is"})
FITS, BESIDE = True, False


def ear(**more: bool) -> Ear:
    return Ear(
        "en",
        {"chest", "pain", "bleeding"},
        Pairs(SAID | {two.replace("_", " "): of for two, of in more.items()}),
        SMALL,
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("my chess pain", {1: {"chest": BESIDE}}),
        ("my chess club", {}),
        ("my chess hurts", {}),
        ("chest pawn", {1: {"pain": BESIDE}}),
        ("is breeding fast", {}),
        ("this is breeding", {2: {"bleeding": FITS}}),
        ("chest 1234", {}),
        ("chest " + "x" * 5000, {}),
    ],
)
def test_a_word_is_guessed_where_it_makes_no_sense_and_what_is_guessed_does(said, meant):
    assert ear().hear(said.split()) == meant


def test_a_word_that_is_said_beside_one_neighbour_is_guessed_by_both():
    assert ear(is_breeding=False).hear(["is", "breeding"]) == {1: {"bleeding": BESIDE}}
    assert ear(is_breeding=False).hear(["is", "breeding", "fast"]) == {}


def test_a_guess_among_words_that_nobody_says_so_does_not_stand_alone():
    strange = ["foreign", "speakers", "write", "otherwise", "who", "is", "breeding"]

    assert ear().hear(strange) == {6: {"bleeding": BESIDE}}
    assert ear().hear(["this", "is", "breeding"]) == {2: {"bleeding": FITS}}


def test_long_words_that_begin_alike_are_taken_for_one_another():
    said = Pairs({"having contractions": True, "contractions .": True})
    ears = Ear("en", {"contractions"}, said, SMALL)

    assert ears.hear(["having", "contractors"]).keys() == {1}
    assert ears.hear(["having", "instructors"]) == {}


def test_a_word_may_sound_less_alike_between_two_that_speak_for_it():
    known = {f"{one} {two}": False for one, two in (("yes", "hello"), ("hello", "here"), ("here", "my"))}
    ears = Ear("en", {"chest"}, Pairs(known | {". yes": False, "my chest": True, "chest .": True}), SMALL)

    assert ears.hear(["yes", "hello", "here", "my", "cheat"]) == {4: {"chest": BESIDE}}
    assert ears.hear(["yes", "hello", "there", "my", "cheat"]) == {4: {"chest": BESIDE}}
    assert ears.hear(["foreign", "speakers", "write", "otherwise", "my", "cheat"]) == {}, "new, not misheard"
    assert ears.hear(["yes", "hello", "here", "her", "cheat"]) == {}, "one neighbour is too little"


@pytest.mark.parametrize(
    ("one", "other", "lang", "close"),
    [
        ("pissed", "passed", "en", True),
        ("bonding", "pounding", "en", True),
        ("barn", "burn", "en", True),
        ("doctor", "pounding", "en", False),
        ("vicho", "pecho", "es", True),
        ("cuero", "quiero", "es", True),
        ("mesa", "pecho", "es", False),
    ],
)
def test_words_are_compared_as_they_are_said(one, other, lang, close):
    assert (distance(key_of(one, lang), key_of(other, lang), 5.0) <= 1.5) is close


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("amy heart is bonding and I nearly pissed out", "en"),
        ("my toddler swallowed a buttery", "en"),
        ("se abrió la hereda de la operación y sangra mucho", "es"),
        ("my uncle is ding", "en"),
        # The word written is one of a rule, too.
        ("someone got shit outside the clinic", "en"),
        # The table of sounds says so already, and the neighbours speak for it.
        ("he's breeding out", "en"),
        ("my cheat is tight and my arm is tingling", "en"),
        # No pattern has the words, and the second ear weighs what was meant.
        ("they were shouting in the parking lot and my nephew is down", "en"),
        # Forms of one word begin alike, whatever their ends sound like.
        ("my uncle got electricity", "en"),
        ("mia niña tiene des meses y calentura de treinta y ocho siete", "es"),
    ],
)
def test_a_danger_with_one_word_misheard_is_found(said, lang):
    assert safety.find(said, lang=lang).has(FindingKind.EMERGENCY)


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("my son plays in the chess club", "en"),
        ("I feel popping and grinding in my knee", "en"),
        ("me picó un bicho", "es"),
        ("está consciente de sus errores", "es"),
        ("she is conscious of her weight", "en"),
        ("his condition is stable", "en"),
        ("I was checking my calendar", "en"),
    ],
)
def test_what_was_meant_stays_what_it_is(said, lang):
    assert not safety.find(said, lang=lang).has(FindingKind.EMERGENCY)
