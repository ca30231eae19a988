"""Where a caller is, whom they call for and what they took is no reason to hear a danger less."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.types import ESCALATES_NOW

EVERY = 40
LEAST_WORDS = 4
LOST_AT_MOST = 0.01
BEFORE = {
    "en": [
        *("listen miss", "I'm calling because", "I've never called before but", "I'm calling for my mother and"),
        *("my dog is barking but", "this is the restaurant on Main Street", "I went to work and"),
        *("we were at the game and", "I had an appointment tomorrow but", "I had the flu last month and now"),
        "hello is this the clinic",
    ],
    "es": [
        *("mire señorita", "oiga le llamo porque", "nunca había llamado pero", "llamo de parte de mi mamá y"),
        *("mi perro está ladrando pero", "hablo del restaurante", "fui a trabajar y", "ya le di su medicina y"),
        *("yo tenía cita mañana pero", "tuve gripa el mes pasado y ahora", "es que ahorita"),
    ],
}
AFTER = {
    "en": [
        *("in the bathroom", "at work", "in the car", "at the game", "and my doctor isn't answering"),
        *("and I'm so scared", "and my boss told me to call", "and my phone is dying"),
        "and he takes pills for his blood pressure",
        *("and my appointment is tomorrow", "and we have no insurance", "thank you", "near the bank", "an hour ago"),
    ],
    "es": [
        *("en el baño", "en el trabajo", "en el carro", "y mi doctor no contesta", "y tengo mucho miedo", "gracias"),
        *("mi jefe me dijo que llamara", "toma pastillas para la presión", "y ya tomó su medicina"),
        *("y tengo cita mañana", "estoy en el teléfono de mi hermano", "vivo en la calle ocho"),
    ],
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_everyday_words_around_a_danger_take_it_away_hardly_ever(lang):
    emergencies = [row.text for row in shipped_corpus() if row.lang == lang and row.must_escalate]
    chosen = [text for text in emergencies if len(text.split()) >= LEAST_WORDS][::EVERY]
    said = [f"{words} {text}" for text in chosen for words in BEFORE[lang]]
    said += [f"{text} {words}" for text in chosen for words in AFTER[lang]]

    lost = [text for text in said if not safety.find(text, lang=lang).has(*ESCALATES_NOW)]

    assert len(lost) <= LOST_AT_MOST * len(said), lost


@pytest.mark.parametrize(
    "words",
    [
        "in the last scene he shoots himself",
        "in the final episode the detective hangs himself",
        "it is a film about a boy who drowns",
        "I read a novel where the doctor has a heart attack",
    ],
)
def test_what_is_told_of_a_story_is_nobodys_danger(words):
    assert not safety.find(words, lang="en").has(*ESCALATES_NOW)


@pytest.mark.parametrize(
    "words",
    [
        "I saw a movie about suicide and now I want to die",
        "there was a story about a stroke and I can't move my arm",
        "we were in a movie theater and he collapsed",
    ],
)
def test_a_story_beside_a_danger_takes_none_away(words):
    assert safety.find(words, lang="en").has(*ESCALATES_NOW)
