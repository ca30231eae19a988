"""Emergencies in which words of an exception stand by chance: told in one breath, with whatever else there is to tell.

Each of `tests/corpus/crossing_*` was once silent. Those that still are say so: one that is heard by now has to lose its
mark, and none that is heard may fall silent again.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calls.dialogue.safety import find
from calls.dialogue.types import ESCALATES_NOW

CORPUS = Path(__file__).resolve().parents[1] / "corpus"

NO_DANGERS = {
    "en": [
        "I don't think my husband is choking",
        "if my husband is having a stroke what should I do",
        "the leaflet says what to do when a child is choking",
        "my late father had a heart attack",
        "I was in Vietnam in the war and my friend was shot there in 1969",
        "I overdosed in high school but I've been sober twelve years",
        "I have a history of stroke and would like an appointment",
        "she took her life jacket off",
        "the scammer took my mother's life savings",
        "the form is on the shelf on top, can you tell me where to send it",
        "she took two shots in the arm for travel",
        "my son's ankle was under ice last night",
    ],
    "es": [
        "no creo que mi papá se esté muriendo",
        "en el cuento, la abuela se ahoga en el río",
        "me dieron un folleto sobre el infarto de mi papá",
        "no quiero que le dé un infarto a mi papá",
        "se me está muriendo el celular",
        "en 1985 le dieron un balazo",
        "la radiografía dice que no tiene nada en el brazo",
        "me levantaron temprano para la prueba",
        "me explotó un grano y salió sangre",
        "se metieron las hormigas a la casa por la ventana",
        "se tomó dos pastillas de quinientos miligramos de paracetamol para la fiebre",
        "toma diario todas sus pastillas para la presión",
        "prende la parrilla, hay fuego para la carne asada",
    ],
}


def rows(lang: str) -> list[dict[str, object]]:
    lines = (CORPUS / f"crossing_{lang}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def is_heard(text: object, lang: str) -> bool:
    return find(str(text), lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_emergency_is_heard_through_what_stands_beside_it(lang: str) -> None:
    assert [row["text"] for row in rows(lang) if row["heard"] and not is_heard(row["text"], lang)] == []


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_is_still_silent_is_known(lang: str) -> None:
    assert [row["text"] for row in rows(lang) if not row["heard"] and is_heard(row["text"], lang)] == []


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in NO_DANGERS.items() for text in texts])
def test_what_is_no_danger_alarms_nobody(lang: str, text: str) -> None:
    assert not is_heard(text, lang)


@pytest.mark.parametrize(
    ("lang", "before", "danger"),
    [
        ("en", "don't hang up", "my son is choking"),
        ("en", "send someone if you can", "my husband is choking"),
        ("en", "tell me what to do", "my baby is choking"),
        ("en", "my phone died", "my husband is unconscious"),
        ("en", "he had a stent in 2019", "he has crushing chest pain"),
        ("es", "no cuelgue", "mi hijo se está ahogando"),
        ("es", "no hablo inglés", "le dieron un balazo a mi hijo"),
        ("es", "estamos en la conferencia", "le dio un infarto a mi papá"),
    ],
)
def test_a_statement_begins_without_a_comma(lang: str, before: str, danger: str) -> None:
    assert is_heard(f"{before} {danger}", lang)
    assert is_heard(f"{before}, {danger}", lang)
