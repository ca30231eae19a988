"""A clinic's rows in the shared tables: which tables hold any, in the order in which they can be written.

Found by following foreign keys to the clinic, so a table that is added tomorrow is kept, brought back and
erased as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import models

from clinics.models import Clinic

STAYS = frozenset(
    {
        *("clinics.backup", "clinics.backuptry", "clinics.upgrade", "clinics.backfilling"),
        *("clinics.groupmember", "clinics.fleetstep", "clinics.clinicphase"),
    }
)
"""What tells of the clinic's upkeep here and now: it is neither kept with a backup nor brought back by one."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One table, and which of its rows are a clinic's: those whose `column` is `within` the clinic's number."""

    label: str
    table: str
    key: str
    column: str
    within: str

    @property
    def mine(self) -> str:
        """A condition with one parameter, the clinic's number."""
        return self.mine_as("")

    def mine_as(self, alias: str) -> str:
        return f'{alias}"{self.column}" {self.within}'

    @property
    def columns(self) -> list[str]:
        return [field.column for field in apps.get_model(self.label)._meta.concrete_fields]


def shared_tables() -> list[Shared]:
    """Every shared table with rows of a clinic, those that others point to first."""
    found = {Clinic: Shared("clinics.clinic", Clinic._meta.db_table, "id", "id", "= %s")}
    growing = True
    while growing:
        growing = False
        for model in _candidates():
            if model not in found and (mine := _belongs(model, found)):
                meta = model._meta
                found[model] = Shared(meta.label_lower, meta.db_table, meta.pk.column, *mine)
                growing = True
    return [found[model] for model in _in_order(list(found))]


def _candidates() -> Iterator[type[models.Model]]:
    shared = set(settings.SHARED_APPS) - set(settings.TENANT_APPS)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name in shared and model._meta.label_lower not in STAYS:
            yield model


def _belongs(model: type[models.Model], found: dict[type[models.Model], Shared]) -> tuple[str, str] | None:
    """By its own column for the clinic if it has one, else by the row that it belongs to."""
    parents = sorted(
        (field for field in model._meta.concrete_fields if field.is_relation and field.related_model in found),
        key=lambda field: field.related_model is not Clinic,
    )
    if not parents:
        return None
    if parents[0].related_model is Clinic:
        return parents[0].column, "= %s"
    there = found[parents[0].related_model]
    return parents[0].column, f'IN (SELECT "{there.key}" FROM public."{there.table}" WHERE {there.mine})'  # noqa: S608


def _in_order(found: list[type[models.Model]]) -> list[type[models.Model]]:
    ordered: list[type[models.Model]] = []
    while len(ordered) < len(found):
        for model in found:
            needs = {f.related_model for f in model._meta.concrete_fields if f.is_relation} & set(found) - {model}
            if model not in ordered and needs <= set(ordered):
                ordered.append(model)
    return ordered
