"""Whether the caller is surely the patient: what agrees, what contradicts, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from tasks.identity import identify

BORN, OTHER = date(1961, 4, 3), date(1988, 12, 1)


@dataclass(frozen=True)
class Told:
    patient_name: str
    date_of_birth: date | None


MARIA = Told("María Álvarez", BORN)


@pytest.mark.parametrize(
    ("told", "earlier", "certain", "words"),
    [
        (MARIA, [], True, "nothing earlier"),
        (MARIA, [Told("maria alvarez", BORN)], True, "match an earlier request"),
        (MARIA, [Told("Alvarez, Maria".replace(",", ""), BORN)], True, "match an earlier request"),
        (MARIA, [Told("Josef Novak", OTHER)], True, "nothing earlier"),
        (MARIA, [Told("Maria Alvarez", None)], True, "nothing earlier"),
        (MARIA, [Told("Maria Alvarez", OTHER)], False, "but not both"),
        (MARIA, [Told("Josef Novak", BORN)], False, "but not both"),
        (MARIA, [Told("Maria Alvarez", BORN), Told("Maria Alvarez", OTHER)], False, "but not both"),
        (Told("", BORN), [], False, "did not tell a name."),
        (Told("Maria Alvarez", None), [], False, "did not tell a date of birth."),
        (Told("", None), [MARIA], False, "did not tell a name and a date of birth."),
    ],
)
def test_what_is_known_decides_and_says_why(told: Told, earlier: list[Told], certain: bool, words: str) -> None:
    found = identify(told, earlier)

    assert found.certain is certain
    assert words in found.words


def test_a_person_who_looked_into_the_chart_settles_it() -> None:
    found = identify(Told("", None), [], confirmed_by="Bob Lee")

    assert found.certain
    assert found.words == "Identity confirmed by Bob Lee."
