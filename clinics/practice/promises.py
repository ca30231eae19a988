"""What the telephone may promise: every commitment it can speak, who owes it, by when, and which deed keeps it. Pure.

A sentence that commits somebody names one of these; the row that stands for it is `tasks.models.Promise`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from clinics.words import gettext, gettext_noop

STAFF, DOCTOR = "staff", "doctor"

OPEN, KEPT, LATE, BROKEN, WITHDRAWN = "open", "kept", "late", "broken", "withdrawn"
STATES: Mapping[str, str] = MappingProxyType(
    {
        OPEN: gettext_noop("Open"),
        KEPT: gettext_noop("Kept"),
        LATE: gettext_noop("Kept late"),
        BROKEN: gettext_noop("Broken"),
        WITHDRAWN: gettext_noop("Not needed any more"),
    }
)


@dataclass(frozen=True, slots=True)
class PromiseRule:
    """One commitment. `open_minutes` counts minutes in which the clinic is open, and a clinic may set its own;
    `same_day` ends it with the day whatever the hours; `kept_by` is the task's deed that fulfils it."""

    label: str
    owner: str
    open_minutes: int
    kept_by: str = "complete"
    same_day: bool = False


TABLE: Mapping[str, PromiseRule] = MappingProxyType(
    {
        "nurse_calls_today": PromiseRule(gettext_noop("A nurse calls back today"), STAFF, 120, same_day=True),
        "nurse_calls": PromiseRule(gettext_noop("A nurse calls back when the clinic is open"), STAFF, 120),
        "person_calls": PromiseRule(gettext_noop("A person calls back"), STAFF, 60),
        "staff_call_back": PromiseRule(gettext_noop("Staff call back"), STAFF, 120),
        "staff_confirm_appointment": PromiseRule(gettext_noop("Staff call to settle the appointment"), STAFF, 240),
        "staff_answer": PromiseRule(gettext_noop("Staff call with the answer"), STAFF, 8 * 60),
        "billing_answers": PromiseRule(gettext_noop("Staff call about the bill"), STAFF, 16 * 60),
        "clinician_calls": PromiseRule(gettext_noop("A clinician calls"), STAFF, 8 * 60),
        "clinician_answers": PromiseRule(gettext_noop("A clinician calls about the question"), STAFF, 240),
        "doctor_decides": PromiseRule(
            gettext_noop("The doctor looks at the request"), DOCTOR, 8 * 60, kept_by="decide"
        ),
    }
)

FEWEST_MINUTES, MOST_MINUTES = 15, 5 * 24 * 60
"""The bounds of what a clinic may set, in open minutes."""


def kept_by(deed: str) -> frozenset[str]:
    """The names of the promises that a deed keeps; who completes a task has done all that was promised about it."""
    return frozenset(name for name, rule in TABLE.items() if deed in ("complete", rule.kept_by))


def state_of(*, due_at: datetime, kept_at: datetime | None, withdrawn_at: datetime | None, now: datetime) -> str:
    """Where a promise stands at a moment, one of `STATES`."""
    if kept_at is not None:
        return KEPT if kept_at <= due_at else LATE
    if withdrawn_at is not None:
        return WITHDRAWN
    return BROKEN if now >= due_at else OPEN


def check_minutes(given: object) -> dict[str, int]:
    """A clinic's own times, name -> open minutes; raise ValueError with a sentence for what makes no sense."""
    if not isinstance(given, Mapping):
        raise ValueError(gettext("Write the times as names and open minutes."))
    for name, minutes in given.items():
        if name not in TABLE:
            raise ValueError(
                gettext("%(name)s is no promise; there are %(names)s.") % {"name": name, "names": ", ".join(TABLE)}
            )
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
            raise ValueError(
                gettext("%(name)s takes %(fewest)s to %(most)s open minutes.")
                % {"name": name, "fewest": FEWEST_MINUTES, "most": MOST_MINUTES}
            )
    return dict(given)
