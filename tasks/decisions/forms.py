"""What a doctor sends from the page of what waits for them."""

from __future__ import annotations

from django import forms

from tasks.decisions import reasons
from tasks.forms import DeedForm
from tasks.models import Verdict


class VerdictForm(DeedForm):
    """An answer to a request; a rejection takes a reason from the list, words of one's own, or both."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    code = forms.CharField(required=False, max_length=20)
    reason = forms.CharField(required=False, max_length=250)

    def reason_for(self, kind: str) -> str:
        """The reason in one line, as staff read it."""
        return reasons.in_words(kind, self.cleaned_data["code"], self.cleaned_data["reason"])


class WordsForm(DeedForm):
    """What staff should ask, or what the patient answered."""

    words = forms.CharField(required=False, max_length=1000)
