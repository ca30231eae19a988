"""What it takes to try another voice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from clinics.providers.gate import providers
from clinics.providers.models import Capability


class TestForm(forms.Form):
    """Which voice, for how many calls, and what one more completed call may cost."""

    challenger = forms.ChoiceField(
        label=gettext_lazy("Voice to try"), error_messages={"required": gettext_lazy("Choose a voice.")}
    )
    percent = forms.IntegerField(
        label=gettext_lazy("Calls of a hundred that it answers"), min_value=1, max_value=50, initial=10
    )
    worth = forms.DecimalField(
        label=gettext_lazy("Dollars that one more completed call may cost"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=2,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = providers(Capability.SPEECH)[1:]
        self.fields["challenger"].choices = [(one.key, f"{one.key}, {one.location}") for one in others]
