"""Stories, courses and what is over by now alarm nobody, and hide nobody who is spoken of beside them."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.types import ESCALATES_NOW

OF_NOBODY = (
    "En la leyenda, la princesa se apuñala.",
    "mi hermana quiere un curso de cómo salvar a uno que se ahoga",
    "hubo cuatro apuñalados en el puerto, según el diario",
    "me pegaba mi ex, pero me divorcié hace seis años",
    "¿Dolor de pecho? No, nunca.",
    "Mi hermano tiene un trabajo de la escuela sobre la meningitis.",
    "La niña se cayó del columpio, pero sigue jugando.",
    "el negocio se está muriendo",
)
OF_SOMEBODY = (
    "vimos la película y mi suegro se desmayó",
    "en la película había humo y mi hijo dejó de respirar",
    "busco un curso de primeros auxilios y mi hermano se está ahogando",
    "mi papá no respira, hubo otros casos, según el diario",
    "me divorcié hace seis años y mi ex está afuera con un cuchillo",
    "qué hago si le da un infarto, y mi mamá no despierta",
    "lo tumbó el toro y está sangrando mucho",
    "en el carro se está muriendo mi papá",
    "en el negocio se está muriendo una señora",
    "se nos muere en la camioneta",
    "mi doctor me dijo que llamara, se tomó todo el frasco",
)


@pytest.mark.parametrize("words", OF_NOBODY)
def test_it_happens_to_nobody(words: str) -> None:
    assert not safety.find(words, lang="es").has(*ESCALATES_NOW)


@pytest.mark.parametrize("words", OF_SOMEBODY)
def test_somebody_beside_it_is_heard(words: str) -> None:
    assert safety.find(words, lang="es").has(*ESCALATES_NOW)
