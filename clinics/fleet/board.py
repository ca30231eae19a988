"""All clinics side by side for the operators: how each stands, and what of it needs somebody. No patient in it.

A column asks once for all clinics, never once for each. Imports go down, so an app above this one offers its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from clinics import drilling
from clinics.backups.models import Backup, BackupTry
from clinics.fleet.behind import clinics_behind
from clinics.fleet.models import Upgrade
from clinics.models import Agreement, Clinic, Drill

BACKUP_EVERY = timedelta(hours=26)
PROOF_EVERY = timedelta(days=8)
ENDS_SOON = timedelta(days=30)
NEEDED = "twilio"
"""The provider that hears every call: without an agreement with it no patient may ring."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How a clinic stands in one thing; `red` when somebody must do something about it."""

    text: str
    red: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    clinic: Clinic
    cells: tuple[Cell, ...]

    @property
    def red(self) -> int:
        return sum(cell.red for cell in self.cells)


Column = Callable[[datetime], Mapping[int, Cell]]
NOTHING = Cell("")
_offered: dict[str, Column] = {}


def offer_column(name: str, ask: Column) -> None:
    """`ask` gives the cells of all clinics by their numbers; one that it leaves out is empty."""
    _offered[name] = ask


def board(*, now: datetime | None = None) -> tuple[list[str], list[Line]]:
    """The names of the columns, and the clinics, those first that need somebody most."""
    moment = now or timezone.now()
    columns = {**OWN, **_offered}
    answers = [ask(moment) for ask in columns.values()]
    clinics = Clinic.objects.exclude(schema_name="public").order_by("name")
    lines = [Line(clinic, tuple(answer.get(clinic.pk, NOTHING) for answer in answers)) for clinic in clinics]
    return list(columns), sorted(lines, key=lambda line: -line.red)


def _clinics() -> list[Clinic]:
    return list(Clinic.objects.exclude(schema_name="public"))


def _service(now: datetime) -> dict[int, Cell]:
    return {
        clinic.pk: Cell("suspended" if clinic.suspended_at else "test calls" if clinic.test_calls_only else "open")
        for clinic in _clinics()
    }


def _migrations(now: datetime) -> dict[int, Cell]:
    failed = {row.clinic_id: row for row in Upgrade.objects.filter(state=Upgrade.State.FAILED)}
    cells = {}
    for clinic in clinics_behind():
        row = failed.get(clinic.pk)
        cells[clinic.pk] = Cell(f"stopped at {row.stopped_at}: {row.code}" if row else "behind", red=True)
    return {clinic.pk: cells.get(clinic.pk, Cell("up to date")) for clinic in _clinics()}


def _drills(now: datetime) -> dict[int, Cell]:
    passed = dict(Drill.objects.passed().values_list("clinic").annotate(last=Max("finished_at")))
    return {
        clinic.pk: Cell(drilling.standing(last, now), red=drilling.is_stale(last, now) and not clinic.suspended_at)
        for clinic in _clinics()
        for last in [passed.get(clinic.pk)]
    }


def _backups(now: datetime) -> dict[int, Cell]:
    made = dict(Backup.objects.values_list("clinic").annotate(last=Max("made_at")))
    proved = dict(Backup.objects.filter(restored=True).values_list("clinic").annotate(last=Max("verified_at")))
    failed = {row.clinic_id: row for row in BackupTry.objects.all() if row.code or row.interrupted(now)}
    return {
        clinic.pk: _failed(failed[clinic.pk])
        if clinic.pk in failed
        else _backup(made.get(clinic.pk), proved.get(clinic.pk), now)
        for clinic in _clinics()
    }


def _failed(row: BackupTry) -> Cell:
    since = f"{row.made_at:%Y-%m-%d %H:%M} UTC" if row.made_at else "never"
    return Cell(f"failed: {row.code or 'interrupted'}; last made {since}", red=True)


def _backup(made: datetime | None, proved: datetime | None, now: datetime) -> Cell:
    if made is None:
        return Cell("never", red=True)
    if now - made > BACKUP_EVERY:
        return Cell(f"{(now - made) // timedelta(hours=1)} hours ago", red=True)
    if proved is None or now - proved > PROOF_EVERY:
        return Cell("fresh, not brought back for trial lately", red=True)
    return Cell("fresh and proved")


def _agreements(now: datetime) -> dict[int, Cell]:
    today = now.date()
    signed = Agreement.objects.filter(provider__iexact=NEEDED, signed_on__lte=today)
    in_force = signed.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    ends: dict[int, object] = {}
    for clinic, end in in_force.values_list("clinic", "ends_on"):
        known = ends.get(clinic, today)
        ends[clinic] = None if end is None or known is None else max(known, end)
    return {clinic.pk: _agreement(clinic, ends, now) for clinic in _clinics()}


def _agreement(clinic: Clinic, ends: Mapping[int, object], now: datetime) -> Cell:
    if clinic.pk not in ends:
        return Cell(f"none with {NEEDED}", red=not clinic.test_calls_only and not clinic.suspended_at)
    end = ends[clinic.pk]
    if end is None:
        return Cell("in force")
    return Cell(f"ends {end}", red=end <= (now + ENDS_SOON).date())  # type: ignore[operator]


OWN: dict[str, Column] = {
    "Service": _service,
    "Migrations": _migrations,
    "Fire drill": _drills,
    "Backup": _backups,
    "Agreement": _agreements,
}
