"""What people may send about a task."""

from __future__ import annotations

from django import forms

from clinics.people.models import User
from clinics.people.roles import Role
from tasks.models import Verdict


class DeedForm(forms.Form):
    """A deed on the row as the person saw it."""

    version = forms.IntegerField(min_value=1, max_value=2_000_000_000)
    origin = forms.CharField(required=False, max_length=10)


class DecisionForm(DeedForm):
    """A doctor's answer. That a rejection has a reason is the action's rule, so that the API shares it."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    reason = forms.CharField(required=False, max_length=300)


class PutToForm(DeedForm):
    """The doctors who decide; none: whoever is on duty."""

    doctors = forms.ModelMultipleChoiceField(queryset=User.objects.none(), required=False)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["doctors"].queryset = User.objects.active().with_role(Role.DOCTOR)  # type: ignore[attr-defined]


class CancelForm(DeedForm):
    reason = forms.CharField(required=False, max_length=300)


class NoteForm(DeedForm):
    words = forms.CharField(required=False, max_length=2000)
