"""How long each kind of thing is kept, as an admin types it."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.retention.artefacts import TABLE
from clinics.practice.retention import STANDARD_DAYS, Artefact


class RetentionForm(forms.Form):
    """A number of days for each kind; empty: the standard, or for good. Bounds are the action's rule."""

    def __init__(self, data: Mapping[str, str] | None, *, known: Mapping[str, int]) -> None:
        super().__init__(data)
        for name, one in TABLE.items():
            self.fields[name] = forms.IntegerField(
                label=Artefact(name).label,
                help_text=one.says,
                required=False,
                initial=known.get(name),
                error_messages={"invalid": _("Write a whole number of days, or nothing.")},
                widget=forms.NumberInput(
                    attrs={"min": one.least_days, "inputmode": "numeric", "placeholder": STANDARD_DAYS.get(name, "")}
                ),
            )
