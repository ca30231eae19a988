"""What people send about sensitive calls."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext, gettext_lazy

from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice.sensitive import BreakReason, Verdict, Why


class PeopleForm(forms.Form):
    """Who may open it."""

    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who may open it"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose people of this clinic.")},
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        active = User.objects.active().with_role(*(role for role in Role if role != Role.OPERATOR))
        self.fields["people"].queryset = active.order_by("name")  # type: ignore[attr-defined]


class MarkForm(PeopleForm):
    """Closing a call."""

    why = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[("", gettext_lazy("Choose")), *Why.choices],
        error_messages={"required": gettext_lazy("Choose why it is sensitive.")},
    )
    field_order = ("why", "people")


class NumberForm(MarkForm):
    """A number whose calls are marked by themselves."""

    number = forms.CharField(
        label=gettext_lazy("Telephone number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Only a fingerprint and the last two digits are kept"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    colleagues = forms.BooleanField(label=gettext_lazy("The numbers of everybody who works here"), required=False)
    field_order = ("number", "colleagues", "why", "people")

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if bool(given.get("number")) == bool(given.get("colleagues")):
            self.add_error("number", gettext("Write one number, or choose the colleagues' own."))
        return given


class BreakForm(forms.Form):
    """Opening a call without being named for it."""

    reason = forms.ChoiceField(
        choices=BreakReason.choices, error_messages={"required": gettext_lazy("Choose the reason.")}
    )
    words = forms.CharField(
        max_length=300, error_messages={"required": gettext_lazy("Write in a few words why you need it now.")}
    )


class VerdictForm(forms.Form):
    """Looking at an opening afterwards."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    words = forms.CharField(max_length=300, required=False)
