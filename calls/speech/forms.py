"""What it takes to try another voice."""

from __future__ import annotations

from typing import Any

from django import forms

from clinics.providers.gate import providers
from clinics.providers.models import Capability


class TestForm(forms.Form):
    """Which voice, for how many calls, and what one more completed call may cost."""

    challenger = forms.ChoiceField(label="Voice to try", error_messages={"required": "Choose a voice."})
    percent = forms.IntegerField(label="Calls of a hundred that it answers", min_value=1, max_value=50, initial=10)
    worth = forms.DecimalField(
        label="Dollars that one more completed call may cost", min_value=0, max_value=100, decimal_places=2, initial=2
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = providers(Capability.SPEECH)[1:]
        self.fields["challenger"].choices = [(one.key, f"{one.key}, in {one.location}") for one in others]
