"""Which fields of a request nobody could read, as codes beside the sealed details: for counting alone."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

NAMED_BY = "not_understood"
"""The detail that names them for staff, with commas between."""
_CODE = re.compile(r"[a-z][a-z_]{0,29}")


class UnreadFields(ArrayField):
    """Made of the row's `details` whenever they are written; empty when all was read."""

    made_of = ("details",)

    def __init__(self, base_field: Any = None, **kwargs: Any) -> None:
        given = {"default": list, "db_default": models.Value([]), "editable": False, **kwargs}
        super().__init__(base_field or models.CharField(max_length=30), **given)

    def pre_save(self, row: models.Model, add: bool) -> list[str]:
        codes = codes_of(row.details.get(NAMED_BY, ""))  # type: ignore[attr-defined]
        setattr(row, self.attname, codes)
        return codes


def codes_of(told: str) -> list[str]:
    """ "callback number, pharmacy" as ["callback_number", "pharmacy"]; what is no name of a field is left out."""
    codes = (one.strip().replace(" ", "_") for one in told.split(","))
    return [code for code in codes if _CODE.fullmatch(code)]
