"""Every deed that changes who is on call, and where they are reached. Each is in the audit trail with its person."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from clinics import audit
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.phones import to_e164
from clinics.practice.duty import Cover
from clinics.practice.shifts import Shift
from clinics.tenancy import current_clinic

audit.register(Shift, ["person", "place", "weekday", "begins", "ends"])
audit.register(Cover, ["absent", "person"])


def add_shift(
    *,
    by: User | None,
    person: User,
    place: int,
    weekday: int | None,
    begins: time,
    ends: time,
    since: date,
    until: date | None = None,
) -> Shift:
    """Put somebody on call: every week on `weekday`, or once on `since`. Raises `ValidationError` by field."""
    row = Shift(person=person, place=place, weekday=weekday, begins=begins, ends=ends, since=since, made_by=by)
    row.until = since if weekday is None else until
    row.full_clean(exclude=["made_by"], validate_unique=False, validate_constraints=False)
    if not person.is_active:
        raise ValidationError({"person": gettext("This person does not work here any more.")})
    try:
        with transaction.atomic(), audit.acting(by):
            row.save(force_insert=True)
    except IntegrityError as known:
        raise ValidationError(gettext("This shift is there already.")) from known
    return row


def remove_shift(*, by: User, shift_id: int) -> None:
    """Take a shift away. Raises `Shift.DoesNotExist`."""
    row = Shift.objects.get(pk=shift_id)
    with transaction.atomic(), audit.acting(by):
        row.delete()


def add_cover(*, by: User, absent: User, person: User, since: date, until: date) -> Cover:
    """Let a doctor decide in another's place. Raises `ValidationError` by field."""
    row = Cover(absent=absent, person=person, since=since, until=until, made_by=by)
    row.full_clean(exclude=["made_by"], validate_unique=False, validate_constraints=False)
    if not (person.is_active and person.role == Role.DOCTOR):
        raise ValidationError({"person": gettext("Only a doctor who works here can cover.")})
    try:
        with transaction.atomic(), audit.acting(by):
            row.save(force_insert=True)
    except IntegrityError as known:
        raise ValidationError(gettext("This cover is there already.")) from known
    return row


def remove_cover(*, by: User, cover_id: int) -> None:
    """Take a cover away. Raises `Cover.DoesNotExist`."""
    row = Cover.objects.get(pk=cover_id)
    with transaction.atomic(), audit.acting(by):
        row.delete()


def set_number(*, by: User, person_id: UUID, text: str) -> User:
    """Where a person is rung and texted when on call; blank for nowhere. Raises `User.DoesNotExist`.

    Raises `ValidationError` for what is no telephone number, and for the clinic's own line, which would ring itself.
    """
    user = User.objects.active().get(pk=person_id)
    clinic = current_clinic()
    number = to_e164(text, region=clinic.region) if text.strip() else ""
    if text.strip() and not number:
        raise ValidationError({"number": gettext("Write a whole telephone number, such as +1 202 555 0142.")})
    if number and clinic.lines.filter(number=number).exists():
        raise ValidationError({"number": gettext("This is the number that patients ring. Give the person's own.")})
    shown = {True: "set", False: "none"}
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(phone=number)
        changes = {"phone": (shown[bool(user.phone)], shown[bool(number)] if number != user.phone else "unchanged")}
        audit.record_change(by=by, of=user, changes=changes)
    user.phone = number
    return user
