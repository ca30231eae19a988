"""Dead letters of one clinic: what never arrived and why, brought back or put aside by a person who says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import get_language, gettext, gettext_lazy

from clinics import audit
from clinics.models import Clinic
from clinics.people.models import User
from notifications.kinds import title
from notifications.models import Delivery, DeliveryState
from notifications.replaying import Replayed, Wanted, replay

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "lost_lease": gettext_lazy("Three workers ended while they sent it."),
        "unknown_twice": gettext_lazy("Sent twice, and both times nobody could say whether it arrived."),
        "never_settled": gettext_lazy("Nobody could find out whether it arrived."),
        "no_number": gettext_lazy("There is no telephone number to send it to."),
        "no_line": gettext_lazy("The clinic has no active number to send it from."),
        "has_left": gettext_lazy("The person has left the clinic."),
        "opted_out": gettext_lazy("The person does not want texts."),
        "no_agreement": gettext_lazy("No agreement with the telephone network is recorded for this clinic."),
        "sms_off": gettext_lazy("Texts and calls are turned off."),
        "email_off": gettext_lazy("Letters are turned off: no mail server is set."),
        "twilio_21211": gettext_lazy("The telephone number is not valid."),
        "twilio_21408": gettext_lazy("Texts to that country are not allowed for this account."),
        "twilio_21610": gettext_lazy("The number has answered STOP."),
        "twilio_21614": gettext_lazy("The number cannot receive texts."),
        "twilio_20003": gettext_lazy("Twilio refused the account's credentials."),
        "twilio_20429": gettext_lazy("Twilio was asked too often."),
        "twilio_30003": gettext_lazy("The telephone was off or out of reach."),
        "twilio_30005": gettext_lazy("The number does not exist."),
        "twilio_30006": gettext_lazy("A landline cannot receive texts."),
        "twilio_30007": gettext_lazy("The network took the text for spam."),
    }
)
"""Codes of our own and of docs at twilio.com/docs/api/errors, in words."""

WHY: Mapping[str, str] = MappingProxyType(
    {
        "done_otherwise": gettext_lazy("Done in another way"),
        "not_needed": gettext_lazy("Not needed any more"),
        "wrong_number": gettext_lazy("The number or address is wrong"),
        "test": gettext_lazy("It was a test"),
    }
)
"""Why a letter is put aside. A list, so that no patient's words get into the platform's tables."""

CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "sms": gettext_lazy("Text"),
        "voice": gettext_lazy("Call"),
        "email": gettext_lazy("Letter"),
        "letter": gettext_lazy("Letter with a link"),
        "patient": gettext_lazy("Text to a patient"),
        "inbox": gettext_lazy("In the portal"),
    }
)
DISCARDED = "discarded_"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter in words."""

    delivery: Delivery
    title: str
    channel: str
    person: str
    cause: str


def dead_of(clinic: Clinic) -> QuerySet[Delivery]:
    """The dead letters of a clinic, newest first."""
    return Delivery.objects.filter(clinic=clinic, state=DeliveryState.DEAD).select_related("event").order_by("-done_at")


def in_words(letters: QuerySet[Delivery]) -> list[Letter]:
    """With the names of the clinic's people; call it inside the clinic."""
    rows = list(letters)
    names = dict(User.objects.filter(pk__in=[row.person for row in rows]).values_list("pk", "name"))
    return [_in_words(row, names.get(row.person, "")) for row in rows]


def _in_words(row: Delivery, name: str) -> Letter:
    person = name or (gettext("The patient") if row.channel == "patient" else gettext("The clinic"))
    return Letter(
        row,
        title(row.event.kind, get_language() or "en"),
        CHANNELS.get(row.channel, row.channel),
        person,
        cause_of(row),
    )


def cause_of(row: Delivery) -> str:
    """Why it did not arrive."""
    code = row.last_error_code or "unknown"
    return CAUSES.get(code, gettext("It failed with the code %(code)s.") % {"code": code})


def bring_back(*, clinic: Clinic, by: User, delivery_id: int | None = None, kind: str = "") -> Replayed:
    """Try one dead letter again, or all of a kind. What its time is over for gets one more hour."""
    wanted = Wanted(clinic=clinic, kind=kind, delivery=delivery_id, even_expired=delivery_id is not None)
    with transaction.atomic():
        done = replay(wanted, by=str(by.pk), reason="asked for on the page of dead letters")
        if done.deliveries:
            audit.record_change(by=by, of=(Delivery, delivery_id or 0), changes={"replayed": (0, done.deliveries)})
    return done


def discard(*, clinic: Clinic, by: User, delivery_id: int, why: str) -> bool:
    """Put a dead letter aside for good; False when it is not dead any more. Raise ValueError for an unknown reason."""
    with transaction.atomic():
        done = put_aside(clinic=clinic, delivery_id=delivery_id, why=why)
        if done:
            audit.record_change(by=by, of=(Delivery, delivery_id), changes={"discarded": ("", why)})
    return done


def put_aside(*, clinic: Clinic, delivery_id: int, why: str) -> bool:
    """The same without a clinic's trail, for who writes down elsewhere who did it."""
    if why not in WHY:
        raise ValueError(gettext("Choose why it is put aside."))
    dead = Delivery.objects.filter(pk=delivery_id, clinic=clinic, state=DeliveryState.DEAD)
    return bool(dead.update(state=DeliveryState.CANCELLED, last_error_code=DISCARDED + why, done_at=Now()))
