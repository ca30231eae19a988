"""Making the indexes over sealed fields anew: after a change of how a word is folded or a number is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models

from clinics.fleet.backfills import Backfill


def backfills() -> Iterator[Backfill]:
    """One for every table that is searched by what is sealed in it."""
    for model in apps.get_models():
        indexes = [field for field in model._meta.concrete_fields if getattr(field, "made_of", ())]
        if indexes:
            why = f"Makes {', '.join(field.name for field in indexes)} of {model._meta.verbose_name_plural} anew."
            yield Backfill(f"index.{model._meta.label_lower}", why, model._base_manager.all, _filling(indexes))


def _filling(indexes: list[models.Field]) -> Callable[[models.Model], dict[str, Any]]:
    return lambda row: {field.name: field.pre_save(row, add=False) for field in indexes}
