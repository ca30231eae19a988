"""What people and clinics choose to have sent outside the portal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy

from clinics import audit
from clinics.people.models import User
from clinics.tenancy import current_clinic
from notifications import codes
from notifications.addresses import messaging_of
from notifications.events import announce
from notifications.kinds import TABLE, title
from notifications.numbers import digest
from notifications.reach import Messaging, Preference, ProvenPhone

CHANNELS = {"sms": gettext_lazy("Text message"), "email": gettext_lazy("E-mail")}
NOT_CHOSEN = frozenset({"escalation.step"})  # the ladder decides

SAFE = ("request_received", "decision_made", "missed_you", "missed_call", "staff_language", "answers_keywords")


@dataclass(frozen=True)
class Choice:
    """One row of the page: a kind, and for each channel whether it is on."""

    kind: str
    title: str
    boxes: tuple[tuple[str, str, bool], ...]  # channel, its label, chosen


def choices_of(*, by: User) -> list[Choice]:
    """Everything that this person may choose, with what they chose."""
    mine = Preference.objects.of(clinic=current_clinic(), person=by.pk)
    chosen = set(mine.values_list("kind", "channel"))
    return [
        Choice(
            name,
            title(name, get_language() or "en"),
            tuple((one, CHANNELS[one], (name, one) in chosen) for one in channels),
        )
        for name, channels in _offered_to(by).items()
    ]


def choose(*, by: User, wanted: Iterable[str]) -> int:
    """Replace what a person chose by these, each `kind:channel`; what is not offered is left out. Returns how many."""
    clinic, asked = current_clinic(), set(wanted)
    rows = [
        Preference(clinic=clinic, person=by.pk, kind=name, channel=channel)
        for name, channels in _offered_to(by).items()
        for channel in channels
        if f"{name}:{channel}" in asked
    ]
    with transaction.atomic():
        Preference.objects.of(clinic=clinic, person=by.pk).delete()
        Preference.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _offered_to(person: User) -> dict[str, list[str]]:
    """The kinds that this person hears, or may be named for, with the channels they offer."""
    return {
        name: [one for one in CHANNELS if one in kind.offered]
        for name, kind in TABLE.items()
        if name not in NOT_CHOSEN
        and not name.startswith(("system.", "person."))
        and set(CHANNELS) & set(kind.offered)
        and (person.role in kind.roles or not kind.roles)
    }


def set_messaging(*, by: User, changes: Mapping[str, object]) -> Messaging:
    """Change what a clinic lets leave the portal. Raises `ValidationError` by field."""
    row = messaging_of(current_clinic())
    before = {name: getattr(row, name) for name in SAFE}
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean(exclude=["clinic"], validate_unique=False)
    moved = {name: (before[name], getattr(row, name)) for name in SAFE if before[name] != getattr(row, name)}
    with transaction.atomic():
        row.save()
        if moved:
            audit.record_change(by=by, of=row, changes=moved)
    return row


# --- One's own telephone -------------------------------------------------------------------------------------------
NOT_BEFORE = timedelta(seconds=60)  # between two codes: each one costs money and somebody's patience
MOST_TRIES = 5


class Refused(Exception):
    """Why not, in a sentence for the person."""


def ask_code(*, by: User) -> None:
    """Text a code to the person's own number. Raises `Refused`."""
    if not by.phone:
        raise Refused(gettext("You have no telephone number yet. A clinic admin sets it on the on-call page."))
    clinic, now = current_clinic(), timezone.now()
    with transaction.atomic():
        row, new = ProvenPhone.objects.select_for_update().get_or_create(
            clinic=clinic, person=by.pk, defaults={"asked_at": now, "digest": digest(clinic, by.phone)}
        )
        if not new and now - row.asked_at < NOT_BEFORE:
            raise Refused(gettext("A code was sent a moment ago. Wait a minute before asking for another one."))
        row.asked_at, row.tries, row.proven_at, row.digest = now, 0, None, digest(clinic, by.phone)
        row.save()
        announce(
            kind=codes.KIND,
            about=by.pk,
            path="/notifications/settings/",
            key=f"{codes.KIND}:{by.pk}:{int(now.timestamp())}",
            audience=[by.pk],
        )


def prove_phone(*, by: User, code: str) -> None:
    """Take what the person typed in. Raises `Refused`; after five wrong codes a new one must be asked for."""
    clinic = current_clinic()
    with transaction.atomic():
        row = ProvenPhone.objects.select_for_update().filter(clinic=clinic, person=by.pk).first()
        if row is None or not codes.lives(row, clinic, by.phone):
            raise Refused(gettext("This code is not valid any more. Ask for a new one."))
        if row.tries >= MOST_TRIES:
            raise Refused(gettext("Too many wrong codes. Ask for a new one."))
        right = compare_digest(codes.code_of(row).encode(), "".join(code.split()).encode("utf-8", "replace"))
        row.tries += 1
        row.proven_at = timezone.now() if right else None
        row.save(update_fields=["tries", "proven_at"])
    if not right:
        raise Refused(gettext("That is not the code. Look at the newest text and try again."))
