"""What takes a danger's meaning away ("a bottle", "the flu") takes nothing away where it only says where it happens.

Each word of each rule's exceptions is put beside the rule's own examples: "unconscious next to the bottle".
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.rule_file import read_file
from calls.dialogue.safety.spelling import listed
from calls.dialogue.types import ESCALATES_NOW, FindingKind

MOST_SILENT = 0.06
BESIDE = {
    "en": ("{} next to the {}", "{}, there is a {}"),
    "es": ("{} al lado del {}", "{}, hay un {}"),
}
PLACES = {
    "en": ("market", "office", "workshop", "apartment", "ward", "classroom", "shop", "interview"),
    "es": ("mercado", "oficina", "taller", "departamento", "clase", "tienda", "entrevista", "sala"),
}


def dangers(lang: str) -> Iterator[tuple[str, list[str]]]:
    """Each example that alarms by an emergency rule, with the rule's exceptions of one word."""
    for rule in read_file(lang)[0]["rules"]:
        words = [one for one in listed(rule.get("unless")) if " " not in one and "<" not in one]
        if rule["kind"] not in (FindingKind.EMERGENCY, FindingKind.CRISIS) or not words:
            continue
        said = (text.rstrip(".!?") for text in rule["fires"])
        excuses = [one.split("/")[0].lstrip("=").replace("_", " ") for one in words]
        yield from ((text, excuses) for text in said if find(text, lang=lang).has(*ESCALATES_NOW))


@pytest.mark.parametrize(("lang", "beside"), [(lang, one) for lang, several in BESIDE.items() for one in several])
def test_an_exception_that_stands_beside_a_danger_is_none(lang: str, beside: str) -> None:
    texts = [beside.format(text, excuse) for text, excuses in dangers(lang) for excuse in excuses[::4]]

    silent = [text for text in texts if not find(text, lang=lang).has(*ESCALATES_NOW)]

    assert len(texts) > 500
    assert len(silent) <= MOST_SILENT * len(texts), silent


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        *((f"my dad just collapsed {at} the {place}", "en") for place in PLACES["en"] for at in ("in", "at")),
        *((f"a man is unconscious in the {place}", "en") for place in PLACES["en"]),
        *((f"mi papá se desmayó en {place}", "es") for place in PLACES["es"]),
        ("a boy drowned at his swimming lesson", "en"),
        ("I found my brother unconscious beside an empty box of tablets", "en"),
        ("one of the kids is choking, back slaps aren't working", "en"),
        ("aquí en el taller el muchacho está inconsciente", "es"),
    ],
)
def test_a_place_is_no_exception(text: str, lang: str) -> None:
    assert find(text, lang=lang).has(*ESCALATES_NOW), find(text, lang=lang)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("I can't breathe in this dress", "en"),
        ("my grandfather was shot in the war", "en"),
        ("my son keeps dying in this video game", "en"),
        ("no puedo hablar ahora, estoy en una junta", "es"),
        ("me ahogo en un vaso de agua", "es"),
    ],
)
def test_an_exception_that_needs_its_preposition_is_still_one(text: str, lang: str) -> None:
    assert not find(text, lang=lang).has(*ESCALATES_NOW), find(text, lang=lang)
