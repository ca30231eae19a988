"""Whoever it happens to: each plain danger told of each kind of person, as a caller would begin and end."""

from __future__ import annotations

from itertools import product

import pytest

from calls.dialogue import safety
from calls.dialogue.types import FindingKind

WHO = {
    "en": (
        "my husband",
        "my daughter",
        "my neighbor",
        "a man here",
        "someone",
        "the patient",
        "my grandmother",
        "our baby",
        "my coworker",
        "this guy",
    ),
    "es": (
        "mi esposo",
        "mi hija",
        "mi vecino",
        "un señor aquí",
        "alguien",
        "el paciente",
        "mi abuela",
        "nuestro bebé",
        "mi compañero",
        "la señora de al lado",
    ),
}
WHAT = {
    "en": (
        "isn't breathing",
        "stopped breathing",
        "can't breathe",
        "is unconscious",
        "won't wake up",
        "passed out",
        "is having a seizure",
        "is bleeding a lot",
        "is choking",
        "took too many pills",
        "swallowed bleach",
        "was stabbed",
        "got shot",
        "was hit by a car",
        "fell off the roof",
        "is having chest pain",
        "can't move one side",
        "wants to kill himself",
        "tried to kill himself",
        "is having an allergic reaction",
        "is turning blue",
        "hit his head and is vomiting",
        "is drowning",
        "got electrocuted",
        "was burned badly",
        "is coughing up blood",
        "is throwing up blood",
        "just collapsed",
        "is not responding",
        "has no pulse",
        "is dying",
        "is having a stroke",
        "is having a heart attack",
        "can't speak and his face is drooping",
        "cut his wrists",
        "was bitten by a snake",
        "is shaking all over and not answering",
        "drank antifreeze",
        "can't feel her legs",
        "is gasping for air",
    ),
    "es": (
        "no respira",
        "dejó de respirar",
        "no puede respirar",
        "está inconsciente",
        "no despierta",
        "se desmayó",
        "está convulsionando",
        "está sangrando mucho",
        "se está ahogando",
        "se tomó muchas pastillas",
        "tomó cloro",
        "fue apuñalado",
        "recibió un balazo",
        "fue atropellado",
        "se cayó del techo",
        "tiene dolor de pecho",
        "no puede mover un lado",
        "se quiere matar",
        "intentó matarse",
        "tiene una reacción alérgica",
        "se está poniendo morado",
        "se golpeó la cabeza y está vomitando",
        "se electrocutó",
        "se quemó muy feo",
        "está tosiendo sangre",
        "está vomitando sangre",
        "se acaba de desplomar",
        "no responde",
        "no tiene pulso",
        "se está muriendo",
        "tiene un derrame",
        "tiene un infarto",
        "no puede hablar y tiene la cara caída",
        "se cortó las venas",
        "fue mordido por una víbora",
        "está temblando y no contesta",
        "tomó anticongelante",
        "no siente las piernas",
        "le falta el aire",
    ),
}
AROUND = {
    "en": ("{}", "um yeah hi {}", "please send someone {}", "{} and I don't know what to do"),
    "es": ("{}", "este sí hola {}", "por favor manden a alguien {}", "{} por favor rápido"),
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_danger_alarms_whoever_it_happens_to(lang: str) -> None:
    told = [around.format(f"{who} {what}") for around, who, what in product(AROUND[lang], WHO[lang], WHAT[lang])]
    assert [words for words in told if not alarms(words, lang)] == []


def alarms(words: str, lang: str) -> bool:
    return safety.find(words, lang=lang).has(FindingKind.EMERGENCY, FindingKind.CRISIS)
