"""What takes a danger away must be said: a light word of a phrase falls away, and with it what was meant."""

from __future__ import annotations

from copy import deepcopy

import pytest

from calls.dialogue.safety import RuleError, find
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.loading import Compiler
from calls.dialogue.safety.rule_file import read_file
from calls.dialogue.types import ESCALATES_NOW

DANGERS = {
    "en": [
        "there's been a shooting at 1984 Oak Street",
        "I'm at 1975 Main Street my husband isn't breathing",
        "he collapsed at 2010 Elm Avenue",
        "we're at apartment 1968 she's unconscious",
        "he got shot in the arm",
        "the dogs attack my son",
        "the machine took his hand off",
        "his finger got caught in the paper shredder and it's gone",
        "he collapsed in the game",
        "can you tell the time he stopped breathing",
        "call my mom and tell her I want to die",
        "I want to die this call is my goodbye",
        "they stabbed him and ran from the scene",
        "having a seizure driving the car",
        "I'm dying from the pain",
        "he's dying with blood everywhere",
        "please he's dying come over",
        "I want to die my relationship ended",
        "there's so much blood the water is red",
        "he's having a heart attack he had training on it",
        "her speech is slurred a person from work is with her",
        "our company pool a kid drowned",
        "he beats me every day the job made him like that",
        "he's hitting me I'm late for class",
        "I took all my pills the train was late",
        "he fell from behind the building",
    ],
    "es": [
        "vi donde se pegó en la cabeza y no responde",
        "otra vez se atragantó mi hijo",
        "en el bar disparó a mi hermano",
        "esta noche un infarto le dio",
        "en el banco se ahoga un señor",
        "en la oficina se ahoga un compañero",
        "en la oficina la asfixia su ex",
        "me voy a aventar del piso diez",
        "le mando un video de mi hijo convulsionando",
        "hay que actuar rápido no respira",
        "me pega como loco ahorita",
        "le dispararon en pleno juego de futbol",
    ],
}
NO_DANGERS = {
    "en": [
        "My best friend was shot in 1999.",
        "I had a stroke in March 2015 and I need a refill",
        "The ferry sank in the storm of 1911 and my great grandfather drowned.",
        "that was a shot in the arm for us",
    ],
    "es": [
        "una vez se atragantó mi hijo, hace años",
        "me voy a matar en el gimnasio este verano",
        "estoy ahogada en pañales",
    ],
}


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in DANGERS.items() for text in texts])
def test_an_address_a_place_or_an_everyday_word_takes_no_danger_away(lang, text):
    assert find(text, lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in NO_DANGERS.items() for text in texts])
def test_a_year_and_a_figure_of_speech_still_do(lang, text):
    assert not find(text, lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize("place", ["a cue", "an exception", "an exception across people"])
def test_a_light_word_among_alternatives_is_refused_where_it_would_silence(place):
    file = deepcopy(read_file("en")[0])
    if place == "a cue":
        file["cues"]["figurative"] += ", this/got shot in arm"
    else:
        rule = next(one for one in file["rules"] if one["id"] == "en.chest.pain")
        rule["unless" if place == "an exception" else "unless_across"] = "this/got shot in arm"

    with pytest.raises(RuleError, match="nobody hears “this”"):
        Compiler(file, spelling()).compile("test", spelling())


def spelling():
    return shipped().languages["en"].spelling
