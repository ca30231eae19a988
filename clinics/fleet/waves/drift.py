"""Which clinics differ from their group, where, and why: read from all clinics in a few queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from clinics.fleet.behind import SCHEMAS_A_QUERY
from clinics.fleet.board import Cell
from clinics.fleet.waves.fields import label, values_of
from clinics.fleet.waves.inheritance import is_own
from clinics.fleet.waves.models import FleetStep, GroupMember
from clinics.fleet.waves.states import UNFINISHED, Standing
from clinics.models import Clinic
from clinics.practice import phases
from clinics.tenancy import outside

OWN, REFUSED, DRIFT = "own", "refused", "drift"
WHY = {
    OWN: "its own choice, which its group leaves open",
    REFUSED: "its phase does not allow the group's",
    DRIFT: "nobody chose this",
}

_NEWEST = "SELECT %s, (SELECT to_jsonb(p) FROM {schema}.practice_callpolicy p ORDER BY version DESC LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which a clinic differs from its group; `expected` counts a change that is under way."""

    clinic: Clinic
    group: str
    field: str
    expected: object
    actual: object
    why: str

    @property
    def label(self) -> str:
        return label(self.field)

    @property
    def why_words(self) -> str:
        return WHY[self.why]


def report() -> list[Difference]:
    """Every difference, those that nobody chose first, then by group and clinic."""
    with outside():
        members = list(GroupMember.objects.select_related("group", "clinic"))
        steps = _steps()
        rows = newest_policies([member.clinic for member in members])
    found = [
        one
        for member in members
        for one in _differences(member, rows.get(member.clinic_id, {}), steps.get(member.clinic_id, []))
    ]
    return sorted(found, key=lambda one: (one.why != DRIFT, one.group, one.clinic.name, one.field))


def newest_policies(clinics: Sequence[Clinic]) -> dict[int, dict[str, object]]:
    """The newest policy of each clinic as a row, by the clinic's number; in one query for a hundred of them."""
    found: dict[int, dict[str, object]] = {}
    with connection.cursor() as cursor:
        for begin in range(0, len(clinics), SCHEMAS_A_QUERY):
            some = clinics[begin : begin + SCHEMAS_A_QUERY]
            parts = [_NEWEST.format(schema=connection.ops.quote_name(one.schema_name)) for one in some]
            cursor.execute(" UNION ALL ".join(parts), [one.pk for one in some])
            found |= {number: json.loads(row) for number, row in cursor.fetchall() if row}
    return found


def _steps() -> dict[int, list[FleetStep]]:
    """What groups' changes that are under way have done already, by clinic."""
    found: dict[int, list[FleetStep]] = {}
    done = FleetStep.objects.filter(
        change__state__in=UNFINISHED, change__group__isnull=False, standing__in=[Standing.APPLIED, Standing.SAME]
    )
    for step in done.select_related("change"):
        found.setdefault(step.clinic_id, []).append(step)
    return found


def _differences(member: GroupMember, row: Mapping[str, object], steps: Iterable[FleetStep]) -> list[Difference]:
    has = values_of(row, member.clinic)
    expected: dict[str, object] = dict(member.group.settings)
    for step in steps:
        expected |= step.change.settings
    phase = str(row.get("phase", "pilot"))
    return [
        Difference(member.clinic, member.group.name, name, value, has[name], _why(member, phase, name, value))
        for name, value in expected.items()
        if name in has and has[name] != value
    ]


def _why(member: GroupMember, phase: str, name: str, value: object) -> str:
    if is_own(member, name):
        return OWN
    return REFUSED if phases.laxer(phase, {name: value}) else DRIFT


def column(now: datetime) -> dict[int, Cell]:
    """The group's column on the operators' page of all clinics: red where a clinic differs and nobody chose that."""
    found: dict[int, Cell] = {}
    for one in report():
        if one.why == DRIFT:
            told = f"{found[one.clinic.pk].text}, {one.label.lower()}" if one.clinic.pk in found else one.label
            found[one.clinic.pk] = Cell(told, red=True)
    groups = {member.clinic_id: member.group.name for member in GroupMember.objects.select_related("group")}
    return {clinic: found.get(clinic, Cell(name)) for clinic, name in groups.items()}
