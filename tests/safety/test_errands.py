"""A danger that is only named beside a form, a crossword or a lawsuit is asked about; one that is told is heard."""

from __future__ import annotations

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.engine import ASK_WHETHER_NOW
from calls.dialogue.types import ESCALATES_NOW

NAMED = [
    ("en", "crossword clue is seven letters severe bleeding something"),
    ("en", "the medical alert bracelet lady wants severe bee allergy anaphylaxis engraved"),
    ("en", "is the meningitis b vaccine free for students"),
    ("en", "set a reminder to read the chapter on overdose tomorrow"),
    ("es", "cuánto vale el curso de heimlich en la alberca"),
    ("es", "la manzana envenenada es el título de la novela"),
    ("es", "cuál vacuna protege contra la meningitis"),
]
TOLD = [
    ("en", "i was filling out the insurance form and my husband collapsed"),
    ("en", "filling out the form and choking"),
    ("en", "severe chest pain do you take my insurance"),
    ("en", "chest pain since the vaccine this morning"),
    ("en", "stabbing at the court house send somebody"),
    ("en", "she read me her poem and now she's having a seizure"),
    ("en", "my lawyer is having a stroke"),
    ("en", "overdose i think she overdosed my insurance is aetna"),
    ("en", "unconscious on the floor what's your fax number"),
    ("en", "she passed out while we were doing the paperwork"),
    ("en", "forgot my password sorry overdose my roommate blue"),
    ("en", "reading her novel then slumped one side gone speech gone"),
    ("en", "no survey please stroke my mother now"),
    ("es", "lo acuchillaron cuando le pidieron el descuento"),
    ("es", "le dieron un tiro saliendo de la vacuna"),
    ("es", "no puedo respirar desde que me puse la vacuna"),
    ("es", "accidente en el taller se cortó la mano y sangra mucho"),
    ("es", "convulsiones después de la vacuna"),
    ("es", "sobredosis de pastillas mi hija y no tengo seguro médico"),
    ("es", "infarto le está dando y no tengo seguro médico"),
    ("es", "mordida de víbora equipo del documental se nos está yendo"),
    ("es", "encuesta no por favor derrame mi mamá ahorita"),
    ("es", "vacuna hace cinco minutos garganta cerrada se ahoga"),
]


@pytest.mark.parametrize(("lang", "words"), NAMED)
def test_what_is_only_named_beside_an_errand_is_asked_about(lang, words):
    verdict = find(words, lang=lang)

    assert not verdict.has(*ESCALATES_NOW)
    assert verdict.ask == ASK_WHETHER_NOW


@pytest.mark.parametrize(("lang", "words"), TOLD)
def test_a_danger_that_is_told_alarms_whatever_errand_stands_near(lang, words):
    assert find(words, lang=lang).has(*ESCALATES_NOW)


def test_a_yes_to_what_is_asked_then_alarms():
    asked = find("cuánto vale el curso de heimlich en la alberca", lang="es").ask

    assert find("sí, se está ahogando", lang="es", asked=asked).has(*ESCALATES_NOW)
    assert find("sí", lang="es", asked=asked).has(*ESCALATES_NOW)
