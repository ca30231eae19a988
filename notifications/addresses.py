"""Where a message goes, found inside the clinic at the moment of sending; or why it goes nowhere.

This is the last look before something leaves: who was suspended, has left, opted out or is asleep is found here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from clinics.models import Clinic, PhoneLine
from clinics.people import links
from clinics.people.models import OneTimeLink, User
from clinics.phones import is_e164, is_ordinary
from clinics.practice.policies import NoPolicy, policy_in_force
from clinics.tenancy import inside
from notifications import codes, doors, optouts, quiet
from notifications.claims import Started
from notifications.homes import home_of
from notifications.kinds import TABLE
from notifications.models import Delivery
from notifications.numbers import digest
from notifications.policy import Outcome, Result
from notifications.reach import Messaging

MOVED = "person.moved"
HOLD_SECONDS = 600.0  # where only a person can mend what is in the way
MOST_TO_A_NUMBER = 6  # texts to one patient's number in 24 hours
MOST_OF_A_CLINIC = 2000  # texts to a clinic's patients in 24 hours


class Nowhere(Exception):
    """The message goes nowhere now; `outcome` says why."""

    def __init__(self, code: str, *, wait_seconds: float = 0.0) -> None:
        super().__init__(code)
        self.outcome = Outcome(Result.HELD if wait_seconds else Result.CANCELLED, code, wait_seconds=wait_seconds)


@dataclass(frozen=True)
class To:
    """One number, what to call the clinic, and in which language."""

    clinic: Clinic
    number: str
    language: str
    sender: dict[str, str]
    emergency: str = "911"
    code: str = ""


def staff_number(started: Started) -> To:
    """The telephone of a member of staff. Raises `Nowhere`.

    What is urgent goes to any number that the clinic has of them, everything else to one that they have proven.
    """
    clinic, messaging = _open_for_telephone(started)
    person = _person(started, clinic)
    number = person.phone
    if not is_e164(number):
        raise Nowhere("no_number")
    code = codes.code_for(clinic, person) if started.kind == codes.KIND else ""
    if started.kind == codes.KIND and not code:
        raise Nowhere("withdrawn")
    if not TABLE[started.kind].urgent and not codes.is_proven(clinic, person):
        raise Nowhere("not_confirmed")
    try:
        refused = optouts.opted_out(clinic, number)
    except optouts.KeyChanged:
        refused = False  # staff asked for it in the portal; the network itself still refuses who said STOP
    if refused and started.channel == "sms":
        raise Nowhere("opted_out")
    return To(clinic, number, messaging.staff_language, _sender(clinic, messaging), code=code)


def staff_email(started: Started) -> tuple[Clinic, str, str]:
    """The clinic, the address and the language of a member of staff. Raises `Nowhere`."""
    if settings.EMAIL_MODE != "on":
        raise Nowhere("email_off")
    clinic = home_of(started.schema)
    person = _person(started, clinic)
    address = _former_address(started, clinic) if started.kind == MOVED else person.email
    return clinic, address, person.language or messaging_of(clinic).staff_language


def _former_address(started: Started, clinic: Clinic) -> str:
    """The address that a used link replaced. Raises `Nowhere`."""
    with inside(clinic):
        used = OneTimeLink.objects.filter(pk=started.about).exclude(former_email="").first()
    if used is None:
        raise Nowhere("withdrawn")
    return used.former_email


def of_letter(started: Started) -> tuple[Clinic, OneTimeLink, str, str]:
    """The clinic, the link with its path, and the language of a letter that lets somebody in. Raises `Nowhere`."""
    if settings.EMAIL_MODE != "on":
        raise Nowhere("email_off")
    clinic = home_of(started.schema)
    with inside(clinic):
        link = links.find(started.about)
        if link is None:
            raise Nowhere("withdrawn")
        own = link.user.language if link.user else ""
        return clinic, link, links.path_of(link), own or messaging_of(clinic).staff_language


def patient_number(started: Started) -> To:
    """A patient's telephone, if the clinic still wants them told and it is not night. Raises `Nowhere`."""
    clinic, messaging = _open_for_telephone(started)
    if started.test:
        raise Nowhere("test")
    if not messaging.tells_patients(started.kind):
        raise Nowhere("turned_off")
    with inside(clinic):
        patient = doors.patient_of(started.kind, started.about)
        emergency = emergency_number()
    if patient is None or not patient.wanted:
        raise Nowhere("withdrawn")
    if not is_e164(patient.number) or patient.number in _own_numbers(clinic):
        raise Nowhere("no_number")
    if not is_ordinary(patient.number, region=clinic.region):
        raise Nowhere("costly_number")
    try:
        if optouts.opted_out(clinic, patient.number):
            raise Nowhere("opted_out")
    except optouts.KeyChanged:
        raise Nowhere("number_key_changed", wait_seconds=HOLD_SECONDS) from None
    _check_limits(clinic, patient.number)
    local = timezone.now().astimezone(ZoneInfo(clinic.timezone))
    left = quiet.seconds_left(local, since=messaging.quiet_from, until=messaging.quiet_until)
    if left:
        raise Nowhere("quiet_hours", wait_seconds=left + 1)
    return To(clinic, patient.number, patient.language, _sender(clinic, messaging), emergency)


def _check_limits(clinic: Clinic, number: str) -> None:
    """A caller may give any number, again and again: what goes to one number, and to all, ends somewhere each day."""
    today = Delivery.objects.filter(clinic=clinic, channel="patient", created_at__gt=Now() - timedelta(days=1))
    tried = today.filter(state__in=["sent", "unknown", "dead"])
    if tried.filter(to_digest=digest(clinic, number)).count() >= MOST_TO_A_NUMBER:
        raise Nowhere("too_many_to_number")
    if tried.count() >= MOST_OF_A_CLINIC:
        raise Nowhere("too_many_of_clinic")


def number_again(started: Started) -> To:
    """The number that an earlier try went to, whoever has opted out or is asleep since. Raises `Nowhere`."""
    clinic = home_of(started.schema)
    messaging = messaging_of(clinic)
    if started.channel == "patient":
        with inside(clinic):
            patient = doors.patient_of(started.kind, started.about)
        number, language = (patient.number, patient.language) if patient else ("", "en")
    else:
        number, language = _person(started, clinic).phone, messaging.staff_language
    if not is_e164(number):
        raise Nowhere("no_number")
    return To(clinic, number, language, _sender(clinic, messaging))


def caller_id(clinic: Clinic) -> str:
    """The line that calls to staff come from. Raises `Nowhere`."""
    lines = _own_numbers(clinic)
    if not lines:
        raise Nowhere("no_line")
    return lines[0]


def messaging_of(clinic: Clinic) -> Messaging:
    """What a clinic lets leave the portal; without a row, nothing to patients."""
    return Messaging.objects.filter(clinic=clinic).first() or Messaging(clinic=clinic)


def _open_for_telephone(started: Started) -> tuple[Clinic, Messaging]:
    if settings.SMS_MODE != "on":
        raise Nowhere("sms_off")
    clinic = home_of(started.schema)
    return clinic, messaging_of(clinic)


def _person(started: Started, clinic: Clinic) -> User:
    with inside(clinic):
        person = User.objects.active().filter(pk=started.person).first()
    if person is None:
        raise Nowhere("has_left")
    return person


def _sender(clinic: Clinic, messaging: Messaging) -> dict[str, str]:
    """Who a text comes from, as the SDK takes it."""
    if messaging.messaging_service:
        return {"messaging_service_sid": messaging.messaging_service}
    return {"from_": caller_id(clinic)}


def _own_numbers(clinic: Clinic) -> list[str]:
    lines = PhoneLine.objects.filter(clinic=clinic, active=True).order_by("pk")
    return list(lines.values_list("number", flat=True))


def emergency_number() -> str:
    """The number that this clinic's policy says for emergencies; asked inside the clinic."""
    try:
        return policy_in_force().emergency_number
    except NoPolicy:
        return "911"
