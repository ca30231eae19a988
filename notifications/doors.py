"""What the apps above lend to the channels: who a patient is, and what a pressed key does.

An app registers its function when Django starts (`apps.py`); imports go down, so the channels cannot ask by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from clinics.people.models import User


@dataclass(frozen=True)
class Patient:
    """Where a patient is reached, read inside the clinic at the moment of sending and kept nowhere else."""

    number: str  # E.164; "" when none is known
    language: str
    wanted: bool  # False: what the message would be about was cancelled, or came to an end otherwise


FindPatient = Callable[[UUID], Patient | None]
TakeByKey = Callable[[User, UUID], bool]

_patients: dict[str, FindPatient] = {}
_keys: dict[str, TakeByKey] = {}


def lend_patients(*, kind: str, find: FindPatient) -> None:
    """Let messages of this kind reach the patient that `find(about)` names, asked inside the clinic."""
    _patients[kind] = find


def lend_key(*, kind: str, take: TakeByKey) -> None:
    """Let a call of this kind be taken by pressing 1: `take(person, about)`, inside the clinic.

    True: it is that person's now. False: somebody was faster. In a transaction of its own.
    """
    _keys[kind] = take


def patient_of(kind: str, about: UUID) -> Patient | None:
    """The patient of an announcement; None when nobody lends one or there is none."""
    find = _patients.get(kind)
    return find(about) if find else None


def key_of(kind: str) -> TakeByKey | None:
    """What pressing 1 does in a call of this kind; None: nothing."""
    return _keys.get(kind)
