"""What a person sends who corrects a transcript."""

from django import forms

from calls.transcripts.actions import LENGTH


class CorrectionForm(forms.Form):
    """The words of one turn, as the person heard or knows them; `seen` counts the corrections they saw."""

    words = forms.CharField(max_length=LENGTH, strip=True)
    seen = forms.IntegerField(min_value=0, max_value=1000)
