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
    "es": [
        *("mire señorita", "oiga le llamo porque", "nunca había llamado pero", "llamo de parte de mi mamá y"),
        *("mi perro está ladrando pero", "hablo del restaurante", "fui a trabajar y", "ya le di su medicina y"),
        *("yo tenía cita mañana pero", "tuve gripa el mes pasado y ahora", "es que ahorita"),
    ]
}
AFTER = {
    "es": [
        *("en el baño", "en el trabajo", "en el carro", "y mi doctor no contesta", "y tengo mucho miedo", "gracias"),
        *("mi jefe me dijo que llamara", "toma pastillas para la presión", "y ya tomó su medicina"),
        *("y tengo cita mañana", "estoy en el teléfono de mi hermano", "vivo en la calle ocho"),
    ]
}


@pytest.mark.parametrize("lang", ["es"])
def test_everyday_words_around_a_danger_take_it_away_hardly_ever(lang):
    emergencies = [row.text for row in shipped_corpus() if row.lang == lang and row.must_escalate]
    chosen = [text for text in emergencies if len(text.split()) >= LEAST_WORDS][::EVERY]
    said = [f"{words} {text}" for text in chosen for words in BEFORE[lang]]
    said += [f"{text} {words}" for text in chosen for words in AFTER[lang]]

    lost = [text for text in said if not safety.find(text, lang=lang).has(*ESCALATES_NOW)]

    assert len(lost) <= LOST_AT_MOST * len(said), lost
