"""Every deed about sensitive calls: marking, naming, breaking the glass and looking at it afterwards.

What a person writes as a reason stays in the row it belongs to: the audit trail carries the code of the reason alone.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from guardian.shortcuts import assign_perm, remove_perm

from calls.models import Call
from calls.sensitive.numbers import Match, digest_of, matched
from clinics import audit
from clinics.people.access import check_may
from clinics.people.models import User
from clinics.people.roles import Permission, Role
from clinics.phones import to_e164
from clinics.practice.sensitive import (
    GLASS_STAYS_BROKEN,
    OPEN_CALL,
    BreakReason,
    BrokenGlass,
    SensitiveCall,
    SensitiveNumber,
    Verdict,
    Why,
)
from clinics.remembered import forget_everything
from clinics.sealing.fields import written
from clinics.tenancy import current_clinic
from escalations import alarms
from notifications.events import announce

SHORTEST_REASON = 5


class Refused(Exception):
    """A deed the rules do not allow now; the text is the sentence that the person reads."""


@transaction.atomic
def mark(*, by: User, call_id: UUID, why: str, people: Collection[User]) -> SensitiveCall:
    """Close a call to everybody but these people. Raises `Call.DoesNotExist`."""
    Call.objects.only("id").get(pk=call_id)
    if why not in Why.values:
        raise Refused(gettext("Choose why it is sensitive."))
    if not people:
        raise Refused(gettext("Name at least one person who may open it: somebody has to do the work."))
    found = _mark(call_id, why=why, by=by)
    _name(found, people, by=by)
    return found


@transaction.atomic
def name_people(*, by: User, call_id: UUID, people: Collection[User]) -> None:
    """Say anew who may open a sensitive call. Raises `SensitiveCall.DoesNotExist`."""
    found = SensitiveCall.objects.standing().select_for_update().get(pk=call_id)
    if not people:
        raise Refused(gettext("Name at least one person who may open it: somebody has to do the work."))
    _name(found, people, by=by)


@transaction.atomic
def lift(*, by: User, call_id: UUID) -> None:
    """Open a call to everyone again whose role reads calls. Raises `SensitiveCall.DoesNotExist`."""
    found = SensitiveCall.objects.standing().select_for_update().get(pk=call_id)
    SensitiveCall.objects.filter(pk=found.pk).update(lifted_by=by, lifted_at=Now())
    audit.record_change(by=by, of=found, changes={"sensitive": ("yes", "no")})
    transaction.on_commit(alarms.changed)


def mark_known(*, call_id: UUID, number: str) -> None:
    """Mark a call by itself when its number is one of those that are; in the transaction that writes the call."""
    match = matched(number)
    if match is None:
        return
    found = _mark(call_id, why=match.why, by=None)
    if not found.named.exists():
        _name(found, _who_works_on_it(match), by=None)


def _who_works_on_it(match: Match) -> list[User]:
    """The people named for the number, else the clinic's admins; never the patient."""
    active = User.objects.active().exclude(pk=match.person)
    named = SensitiveNumber.objects.filter(digest=match.digest).values_list("named", flat=True)
    return list(active.filter(pk__in=named)) or list(active.with_role(Role.ADMIN))


def _mark(call_id: UUID, *, why: str, by: User | None) -> SensitiveCall:
    fresh = {"why": why, "marked_by": by, "marked_at": Now(), "lifted_by": None, "lifted_at": None}
    known = SensitiveCall.objects.standing().filter(pk=call_id).first()
    if known is not None:
        return known
    found, _ = SensitiveCall.objects.update_or_create(call_id=call_id, defaults=fresh)
    audit.record_change(by=by, of=found, changes={"sensitive": ("no", "yes"), "why": ("", why)})
    transaction.on_commit(alarms.changed)
    return found


def _name(found: SensitiveCall, people: Collection[User], *, by: User | None) -> None:
    before, now = {row.user for row in found.named.select_related("user")}, set(people)
    for one in now - before:
        assign_perm(OPEN_CALL, one, found)
    for one in before - now:
        remove_perm(OPEN_CALL, one, found)
    for one in now ^ before:
        moved = ("named", "no longer") if one in before else ("", "named")
        audit.record_change(by=by, of=found, changes={f"person {one.id}": moved})


# --- Breaking the glass ----------------------------------------------------------------------------------------------
@transaction.atomic
def break_glass(*, by: User, call_id: UUID, reason: str, words: str) -> BrokenGlass:
    """Open a sensitive call for an hour without being named. The admins are alarmed; a repeat finds it open.

    Raises `SensitiveCall.DoesNotExist`, and `Refused` without a reason.
    """
    check_may(by, Permission.OPEN_SENSITIVE_CALLS)
    words = " ".join(words.split())[:300]
    if reason not in BreakReason.values:
        raise Refused(gettext("Choose the reason."))
    if len(words) < SHORTEST_REASON:
        raise Refused(gettext("Write in a few words why you need it now."))
    call = SensitiveCall.objects.standing().select_for_update().get(pk=call_id)
    if (broken := BrokenGlass.objects.open_now().filter(call=call, person=by).first()) is not None:
        return broken
    broken = BrokenGlass(call=call, person=by, reason=reason, words=words, expires_at=Now() + GLASS_STAYS_BROKEN)
    broken.save(force_insert=True)
    audit.record_change(by=by, of=call, changes={"glass": ("whole", "broken")}, why=reason)
    announce(
        kind="sensitive.opened",
        about=call_id,
        path="/settings/sensitive/",
        key=f"sensitive.opened:{broken.id}",
    )
    return broken


def give_back(*, by: User, call_id: UUID) -> bool:
    """Close it again before its hour is over; False when nothing of theirs was open."""
    with transaction.atomic():
        ended = BrokenGlass.objects.open_now().filter(call=call_id, person=by).update(ended_at=Now())
        if ended:
            audit.record_change(by=by, of=(SensitiveCall, call_id), changes={"glass": ("broken", "given back")})
    return bool(ended)


@transaction.atomic
def review(*, by: User, glass_id: UUID, verdict: str, words: str) -> BrokenGlass:
    """Say whether an opening was justified, once, by somebody else. Raises `BrokenGlass.DoesNotExist`."""
    broken = BrokenGlass.objects.select_for_update().get(pk=glass_id)
    words = " ".join(words.split())[:300]
    if broken.person_id == by.id:
        raise Refused(gettext("This was your own opening: somebody else has to look at it."))
    if broken.reviewed_at is not None:
        raise Refused(gettext("It was reviewed already."))
    if verdict not in Verdict.values:
        raise Refused(gettext("Choose whether it was justified."))
    if verdict == Verdict.NOT_JUSTIFIED and not words:
        raise Refused(gettext("Write why it was not justified."))
    broken.review_words = words
    sealed = written(broken, "review_words")
    BrokenGlass.objects.filter(pk=broken.pk).update(reviewed_by=by, reviewed_at=Now(), verdict=verdict, **sealed)
    audit.record_change(by=by, of=broken, changes={"verdict": ("", verdict)})
    broken.refresh_from_db()
    return broken


# --- Numbers ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def protect_number(*, by: User, text: str, why: str, people: Collection[User]) -> SensitiveNumber:
    """Mark the calls of a number from now on by themselves; "" is the numbers of everybody who works here."""
    number = to_e164(text, region=current_clinic().region) if text.strip() else ""
    if text.strip() and not number:
        raise Refused(gettext("Write a whole telephone number, such as +1 202 555 0142."))
    if why not in Why.values:
        raise Refused(gettext("Choose why its calls are sensitive."))
    if not people:
        raise Refused(gettext("Name at least one person who may open its calls."))
    row, fresh = SensitiveNumber.objects.update_or_create(
        digest=digest_of(number) if number else "", defaults={"ending": number[-2:], "why": why, "added_by": by}
    )
    row.named.set(people)
    changes = {"number": ("" if fresh else "kept", "kept"), "named": ("", len(people))}
    audit.record_change(by=by, of=row, changes=changes)
    transaction.on_commit(forget_everything)
    return row


@transaction.atomic
def forget_number(*, by: User, number_id: int) -> None:
    """Mark its calls no longer by themselves; those that are marked stay so. Raises `SensitiveNumber.DoesNotExist`."""
    row = SensitiveNumber.objects.get(pk=number_id)
    audit.record_change(by=by, of=row, changes={"number": ("kept", "forgotten")})
    row.delete()
    transaction.on_commit(forget_everything)
