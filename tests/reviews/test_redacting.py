"""What leaves a clinic of a sentence: no identity, and everything that a rule reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.dialogue.safety import find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.types import ESCALATES_NOW
from calls.reviews.redacting import Known, left_to_check, redact, tells

PATIENT = Known(
    names=frozenset({"Marigold Quorndale", "Dr. Ellsworth"}),
    numbers=frozenset({"12025550142"}),
    pharmacies=frozenset({"Zubrowka Drugs on Main Street"}),
)

ENGLISH = {
    "this is marigold quorndale and my chest hurts": "this is [name] and my chest hurts",
    "my name is Marygold Quorndail": "my name is [name]",
    "this is tamsin okonjo and i am bleeding": "this is [name] and i am bleeding",
    "it is for my daughter Lily Brown": "it is for my daughter [name]",
    "Marigold's arm is numb": "[name] arm is numb",
    "my name is John Smith and i can't breathe": "my name is [name] and i can't breathe",
    "it's q u o r n d a l e": "it's [spelled]",
    "I see Dr. Petrovich on Friday": "I see Dr [name] on Friday",
    "send it to Zubrowka Drugs on Main Street": "send it to [pharmacy]",
    "i was born march fourth nineteen eighty two": "i was born [date]",
    "3/4/1982": "[date]",
    "my birthday is March 4th 1982": "my birthday is [date]",
    "nineteen eighty two": "[date]",
    "he drowned in nineteen sixty two": "he drowned in nineteen sixty two",
    "she was born in nineteen thirty two": "she was born in [date]",
    "1931": "[date]",
    "my last name is kowalski": "my last name is [name]",
    "it started on November 3rd": "it started on [date]",
    "call me at 202-555-0142": "call me at [number]",
    "call me at two oh two five five five oh one four two": "call me at [number]",
    "the last four are oh one four two": "the last four are [number]",
    "my member id is X J 4 4 7 1 9 and i need a refill": "my member id [id] and i need a refill",
    "social security one two three four five six seven eight nine": "social security [id]",
    "i live at 120 Riverside Avenue apartment 4 and i can't breathe": "i live at [place] and i can't breathe",
    "send them to 12 Orchard Lane please": "send them to [place] please",
    "write to marigold.q@example.com": "write to [mail]",
    "write to marigold at gmail dot com": "[mail]",
    "my father is ninety four years old": "my father is [old age] years old",
}
SPANISH = {
    "me llamo Marigold Quorndale y me duele el pecho": "me llamo [name] y me duele el pecho",
    "nací el cuatro de marzo de mil novecientos ochenta y dos": "nací el [date]",
    "mi número es dos cero dos cinco cinco cinco cero uno cuatro dos": "mi número es [number]",
    "vivo en la calle Ocho número 120 y no puedo respirar": "vivo en [place] y no puedo respirar",
    "mande una ambulancia a la calle hidalgo número 20": "mande una ambulancia a la [place]",
    "mi doctora Petrovich no está": "mi doctora [name] no está",
}
KEPT = {
    "en": [
        "i have crushing chest pain and it goes down my arm",
        "i took twenty pills at ten thirty",
        "a fever of 103 for three days",
        "my baby is two months old",
        "i need a refill of my lisinopril 20 mg",
        "may i speak to a nurse",
        "my blood pressure is one eighty over one ten",
        "she is eighty nine years old and fell",
        "five or six times a day, two or three at night",
        "i want to end it all",
        "I'm shaking and sweating",
        "I'm passing big clots of blood",
        "the doctor said it is fine and my eye doctor retired",
        "the apartment is full of smoke",
        "i was hit by a car on our road",
        "I had a stroke in 2018",
        "the blood drive is Friday",
        "45 y/o M with a sudden headache",
    ],
    "es": [
        "tengo fiebre de treinta y nueve desde hace tres días",
        "me tomé veinte pastillas",
        "mi bebé tiene dos meses y no respira",
        "la señora se cayó y está inconsciente",
        "lo golpearon en la calle y no despierta",
        "tengo la presión en 170/110",
        "no siento el brazo izquierdo desde ayer",
    ],
}


@pytest.mark.parametrize(("said", "left"), ENGLISH.items())
def test_an_identity_is_replaced(said: str, left: str) -> None:
    assert redact(said, lang="en", known=PATIENT) == left


@pytest.mark.parametrize(("said", "left"), SPANISH.items())
def test_an_identity_is_replaced_in_spanish(said: str, left: str) -> None:
    assert redact(said, lang="es", known=PATIENT) == left


@pytest.mark.parametrize(("lang", "said"), [(lang, said) for lang, all_said in KEPT.items() for said in all_said])
def test_what_a_rule_reads_stays(lang: str, said: str) -> None:
    assert redact(said, lang=lang, known=PATIENT) == said


def test_a_whole_answer_is_a_name_where_a_name_was_asked_for() -> None:
    assert redact("wolfram tanager", lang="en", known=Known(), expecting_name=True) == "[name]"
    assert redact("i can't breathe", lang="en", known=Known(), expecting_name=True) == "i can't breathe"


def test_what_is_replaced_takes_no_emergency_away_and_makes_none() -> None:
    wrong = []
    for row in shipped_corpus():
        left = redact(row.text, lang=row.lang, known=Known())
        if left != row.text and _alarms(row.text, row.lang) != _alarms(left, row.lang):
            wrong.append((row.text, left))

    assert wrong == []


def _alarms(text: str, lang: str) -> bool:
    return find(text, lang=lang).has(*ESCALATES_NOW)


def test_a_person_may_hide_more() -> None:
    assert redact("by the old lighthouse", lang="en", known=Known(), hide=["old lighthouse"]) == "by the [hidden]"


def test_capitals_figures_and_rare_words_are_pointed_out() -> None:
    assert left_to_check("I saw Bob at 5 for [name]. He took Tylenol") == ["Bob", "5", "Tylenol"]
    assert left_to_check("please tell kowalski that my chest hurts") == ["kowalski"]


def test_a_text_that_tells_what_is_known_now_is_noticed() -> None:
    assert tells("please call wombat back", Known(names=frozenset({"Wanda Wombat"})))
    assert not tells("please call [name] back at [number]", PATIENT)


@settings(max_examples=200, deadline=None)
@given(
    before=st.text(max_size=80),
    after=st.text(max_size=80),
    lang=st.sampled_from(["en", "es"]),
)
def test_nothing_around_it_lets_a_known_name_through(before: str, after: str, lang: str) -> None:
    left = redact(f"{before} Marigold Quorndale {after}", lang=lang, known=PATIENT)

    assert not re.search("marigold|quorndale", left, re.IGNORECASE)


def test_words_that_were_not_read_are_not_written() -> None:
    long = "pain " * 400 + "Marigold Quorndale"

    assert redact(long, lang="en", known=Known()).split() == ["pain"] * 300


@pytest.mark.parametrize("text", ["", " ", "...", "\x00\x01", "￿", "🙂🙂"])
def test_what_holds_no_words_is_borne(text: str) -> None:
    assert "Marigold" not in redact(text, lang="en", known=PATIENT)
