"""Whether the caller is surely the patient a doctor would decide about. Pure.

The telephone knows no patient list: it has what the caller said and what was asked from the same number before. A
name and a date of birth that agree with an earlier request speak for each other; two that contradict one, or one that
is missing, need a person who has looked into the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from unicodedata import combining, normalize

from clinics.words import gettext


class Told(Protocol):
    """What a request says of its patient."""

    @property
    def patient_name(self) -> str: ...
    @property
    def date_of_birth(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """How sure it is who the patient is, and the sentence that says why."""

    certain: bool
    words: str


def identify(told: Told, earlier: Sequence[Told], *, confirmed_by: str = "") -> Identity:
    """What speaks for and against the patient being who the caller said; a confirmation by a person settles it."""
    if confirmed_by:
        return Identity(True, gettext("Identity confirmed by %(confirmed_by)s.") % {"confirmed_by": confirmed_by})
    if missing := _missing(told):
        return Identity(False, gettext("The caller did not tell %(missing)s.") % {"missing": missing})
    if any(_contradicts(told, one) for one in earlier):
        return Identity(
            False, gettext("An earlier request from this number has the same name or birth date, but not both.")
        )
    if any(_same(told, one) for one in earlier):
        return Identity(True, gettext("Number, name and date of birth match an earlier request."))
    return Identity(True, gettext("Name and date of birth as the caller told them; nothing earlier from this number."))


def _missing(told: Told) -> str:
    wanting = [
        word
        for word, value in ((gettext("a name"), told.patient_name), (gettext("a date of birth"), told.date_of_birth))
        if not value
    ]
    return gettext(" and ").join(wanting)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, however they were written: case, accents, hyphens, commas and order do not count."""
    return _plain(one) == _plain(other)


def _same(one: Told, other: Told) -> bool:
    return same_name(one.patient_name, other.patient_name) and one.date_of_birth == other.date_of_birth


def _contradicts(one: Told, other: Told) -> bool:
    """Whether only one of the two agrees; a whole other person at the same telephone is family, no contradiction."""
    if not (other.patient_name and other.date_of_birth):
        return False
    return same_name(one.patient_name, other.patient_name) is not (one.date_of_birth == other.date_of_birth)


def _plain(name: str) -> str:
    """A name without case, accents and order: "María Álvarez" and "Alvarez, Maria" are one."""
    letters = "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter))
    return " ".join(sorted(letters.replace("-", " ").replace(",", " ").split()))
