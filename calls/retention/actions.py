"""Saying how long things are kept, what that would delete when, and deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.retention.artefacts import MOST_DAYS, TABLE
from calls.retention.models import RetentionRule
from clinics import audit
from clinics.people.models import User

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
    """Keep each kind for so many days, None: for good. Returns how many changed. Raises `ValidationError` by field."""
    wrong = {name: _problem(name, wanted) for name, wanted in days.items()}
    if any(wrong.values()):
        raise ValidationError({name: [said] for name, said in wrong.items() if said})
    before = rules()
    changed = {name: wanted for name, wanted in days.items() if before.get(name) != wanted}
    for name, wanted in changed.items():
        if wanted is None:
            RetentionRule.objects.filter(artefact=name).delete()
        else:
            RetentionRule.objects.update_or_create(artefact=name, defaults={"days": wanted})
        told = {"kept days": (before.get(name) or "for good", wanted or "for good")}
        audit.record_change(by=by, of=(RetentionRule, name), changes=told)
    return len(changed)


def _problem(artefact: str, days: int | None) -> str:
    if days is None or TABLE[artefact].least_days <= days <= MOST_DAYS:
        return ""
    return _("Choose %(least)s to %(most)s days.") % {"least": TABLE[artefact].least_days, "most": MOST_DAYS}


def rules() -> dict[str, int]:
    """The days of each kind that is not kept for good."""
    return dict(RetentionRule.objects.values_list("artefact", "days"))


def delete_what_is_due() -> dict[str, int]:
    """Delete in the current clinic what its rules no longer keep, in small batches; one row of the trail a kind."""
    known, now, gone = rules(), timezone.now(), {}
    for name in TABLE:  # recordings before their calls
        if name in known:
            gone[name] = _delete(name, before=now - timedelta(days=known[name]))
            if gone[name]:
                told = {"deleted": ("", gone[name]), "older than days": ("", known[name])}
                audit.record_change(by=None, of=(RetentionRule, name), changes=told)
    return gone


def _delete(artefact: str, *, before: datetime) -> int:
    one, done, skipped = TABLE[artefact], 0, 0
    while done < MOST_OF_A_RUN:
        rows = list(one.older(before)[skipped : skipped + BATCH])
        if not rows:
            break
        gone = one.delete(rows)
        done += gone
        skipped += len(rows) - gone  # what could not go stays in front and is tried again in the next run
    return done
