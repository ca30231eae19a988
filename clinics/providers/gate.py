"""The one gate: which provider may be asked, and with what.

A request that carries patient data reaches only a provider with which this clinic has a signed agreement in force. A
fixed sentence, made of nothing but the clinic's own words, may go to any provider of the table. What comes out is a
`Passage`; the door (`clinics.providers.door`) lets nothing out without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from clinics.models import Agreement, Clinic
from clinics.providers.models import Capability, Protocol, Provider, Signed
from clinics.remembered import Remembered

SECONDS = 5.0
"""How long the table and a clinic's agreements are believed; whether an agreement holds today is asked each time."""


class Carries(StrEnum):
    """What a request holds. Whatever is not surely `FIXED` is `PATIENT`."""

    FIXED = "fixed"
    PATIENT = "patient"


class NotAllowed(Exception):
    """This clinic's agreements do not let this data go to this provider; the message names the provider only."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A row of the table as the product uses it; `base_url` is the environment's where that names one.

    `credential` is never in the table, nor in what this prints.
    """

    key: str
    capability: str
    protocol: str
    base_url: str
    location: str
    agreement_needed: str
    connect_seconds: float
    answer_seconds: float
    price: float | None
    price_unit: str
    model: str
    voices: tuple[tuple[str, str], ...]
    credential: str = field(default="", repr=False)

    def voice(self, lang: str) -> str:
        """The voice that speaks a language; "" when it speaks none."""
        return dict(self.voices).get(lang, "")


@dataclass(frozen=True, slots=True)
class Passage:
    """The leave for one kind of data of one clinic to go to one provider. Made by this module only."""

    provider: Outside
    clinic_id: int
    carries: Carries


@dataclass(frozen=True, slots=True)
class _Term:
    """From when until when an agreement holds, both days included."""

    begins: date
    ends: date | None

    def holds(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)


TWILIO = "twilio"
UNDER: Mapping[str, tuple[str, ...]] = {
    TWILIO: ("twilio-sms",),
    "twilio-sms": (TWILIO,),
    "twilio-recognition": (TWILIO,),
}
"""Of a provider's key, whose agreements count besides its own: one with the telephone network is for all it does."""

_table: Remembered[str, tuple[Outside, ...]] = Remembered(seconds=SECONDS)
_agreed: Remembered[int, Mapping[str, tuple[_Term, ...]]] = Remembered(seconds=SECONDS, limit=4096)


def providers(capability: Capability) -> tuple[Outside, ...]:
    """The active providers of a capability in the order of fallback."""
    return tuple(one for one in _table.get("", _read_table) if one.capability == capability)


def telephone() -> Outside:
    """The telephone network's own API: calls, texts and recordings, over the clinic's account.

    Patient data goes there under an agreement, as everywhere. Its address is the environment's and no row of the table
    switches it off: what rings the people on call carries none, and must not depend on a table.
    """
    return Outside(
        key=TWILIO,
        capability=Capability.CALLS,
        protocol=Protocol.TWILIO,
        base_url=settings.TWILIO_API_BASE_URL,
        location="US",
        agreement_needed=Signed.BAA,
        connect_seconds=3.0,
        answer_seconds=10.0,
        price=None,
        price_unit="",
        model="",
        voices=(),
    )


def may_carry(clinic: Clinic, provider: Outside, carries: Carries) -> bool:
    """Whether this clinic lets a request of this kind go to this provider today."""
    if carries is Carries.FIXED:
        return True
    agreed = _agreed.get(clinic.pk, lambda: _read_agreements(clinic))
    today = timezone.now().date()
    signed = (provider.key, *UNDER.get(provider.key, ()))
    return any(term.holds(today) for key in signed for term in agreed.get(key, ()))


def passage(clinic: Clinic, provider: Outside, carries: Carries) -> Passage:
    """The leave to ask a provider; raise `NotAllowed` without a signed agreement where patient data is carried."""
    if not may_carry(clinic, provider, carries):
        needed = Signed(provider.agreement_needed).label.lower()
        raise NotAllowed(f"{provider.key}: this clinic has no {needed} in force with it.")
    return Passage(provider, clinic.pk, carries)


def passages(clinic: Clinic, capability: Capability, carries: Carries) -> list[Passage]:
    """Every way out for this kind of data, in the order of fallback; none when nobody has signed."""
    return [
        passage(clinic, provider, carries) for provider in providers(capability) if may_carry(clinic, provider, carries)
    ]


def _read_table() -> tuple[Outside, ...]:
    return tuple(_outside(row) for row in Provider.objects.offered())


def _outside(row: Provider) -> Outside:
    return Outside(
        key=row.key,
        capability=row.capability,
        protocol=row.protocol,
        base_url=(settings.PROVIDER_URLS.get(row.key) or row.base_url).rstrip("/"),
        location=row.location,
        agreement_needed=row.agreement_needed,
        connect_seconds=row.connect_ms / 1000,
        answer_seconds=row.answer_ms / 1000,
        price=None if row.price is None else float(row.price),
        price_unit=row.price_unit,
        model=row.model,
        voices=tuple(sorted(row.voices.items())),
        credential=settings.PROVIDER_KEYS.get(row.key, ""),
    )


def _read_agreements(clinic: Clinic) -> Mapping[str, tuple[_Term, ...]]:
    found: dict[str, tuple[_Term, ...]] = {}
    for row in Agreement.objects.filter(clinic=clinic):
        key = row.provider.lower()  # older rows were typed
        found[key] = (*found.get(key, ()), _Term(row.signed_on, row.ends_on))
    return found
