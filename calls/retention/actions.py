"""Saying how long things are kept, what that would delete when, and deleting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.retention.artefacts import MOST_DAYS, TABLE, Sort
from clinics import audit
from clinics.people.models import User
from clinics.practice.retention import Retention, days_kept

BATCH = 100
MOST_OF_A_RUN = 2000
"""Rows of one kind that one run deletes in one clinic; the next run goes on."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is there of one kind, and what a number of days would delete, and when."""

    kept: int
    oldest: datetime | None
    now: int
    week: int
    month: int


def outlook(*, artefact: str, days: int | None) -> Outlook:
    """What would go in the next run, within a week and within a month; without days nothing."""
    one, now = TABLE[artefact], timezone.now()
    every = one.older(now)

    def due(ahead: int) -> int:
        return one.older(now + timedelta(days=ahead - days)).count() if days is not None else 0

    return Outlook(every.count(), every.aggregate(oldest=Min(one.aged))["oldest"], due(0), due(7), due(30))


@transaction.atomic
def set_rules(*, by: User, days: Mapping[str, int | None]) -> int:
    """Keep each kind for so many days; None: the standard, or for good where there is none.

    Returns how many changed. Raises `ValidationError` by field.
    """
    wrong = {name: _problem(name, wanted) for name, wanted in days.items()}
    if any(wrong.values()):
        raise ValidationError({name: [said] for name, said in wrong.items() if said})
    before = own_rules()
    changed = {name: wanted for name, wanted in days.items() if before.get(name) != wanted}
    for name, wanted in changed.items():
        if wanted is None:
            Retention.objects.filter(artefact=name).delete()
        else:
            Retention.objects.update_or_create(artefact=name, defaults={"days": wanted, "set_by": by})
        told = {"kept days": (before.get(name) or "standard", wanted or "standard")}
        audit.record_change(by=by, of=(Retention, name), changes=told)
    return len(changed)


def _problem(artefact: str, days: int | None) -> str:
    if days is None or TABLE[artefact].least_days <= days <= MOST_DAYS:
        return ""
    return _("Choose %(least)s to %(most)s days.") % {"least": TABLE[artefact].least_days, "most": MOST_DAYS}


def own_rules() -> dict[str, int]:
    """The days that the clinic itself has said."""
    return dict(Retention.objects.values_list("artefact", "days"))


def delete_what_is_due() -> dict[str, int]:
    """Delete in the current clinic what is no longer kept, in small batches; one row of the trail a kind."""
    kept, now, gone = days_kept(), timezone.now(), {}
    for name, one in TABLE.items():
        if name in kept and one.delete is not None:
            gone[name] = _delete(one, one.delete, before=now - timedelta(days=kept[name]))
            if gone[name]:
                told = {"deleted": ("", gone[name]), "older than days": ("", kept[name])}
                audit.record_change(by=None, of=(Retention, name), changes=told)
    return gone


def _delete(one: Sort, delete: Callable[[list[Any]], int], *, before: datetime) -> int:
    done = 0
    while done < MOST_OF_A_RUN:
        rows = list(one.older(before)[:BATCH])
        if not rows:
            break
        done += delete(rows)
    return done
