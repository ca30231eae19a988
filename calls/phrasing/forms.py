"""A clinic's own words for one sentence, in both languages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.dialogue import phrasing


class PhrasingForm(forms.Form):
    """Empty: the standard words."""

    en = forms.CharField(
        label=_("In English"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    es = forms.CharField(
        label=_("In Spanish"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: dict[str, str] | None, *, key: str, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        self.key = key
        for lang in ("en", "es"):
            self.fields[lang].help_text = _("Standard: %(words)s") % {"words": phrasing.standard(key, lang)}

    def clean(self) -> dict[str, str]:
        given = {lang: " ".join(self.cleaned_data.get(lang, "").split()) for lang in ("en", "es")}
        for lang, text in given.items():
            if text and (problem := phrasing.why_not(self.key, lang, text)):
                self.add_error(lang, problem)
        return given
