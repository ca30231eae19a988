"""What people may send about a task."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django import forms

from clinics.people.models import User
from clinics.people.roles import Role
from tasks.models import Verdict
from tasks.snoozing import CHOICES


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


class AssignForm(DeedForm):
    """Who shall have it; an unknown person is refused by the action."""

    to = forms.UUIDField(required=False)

    def clean_to(self) -> User | None:
        return User.objects.active().filter(pk=self.cleaned_data["to"]).first() if self.cleaned_data["to"] else None


class SnoozeForm(DeedForm):
    """Until when, as one of the three moments that are offered."""

    until = forms.ChoiceField(choices=list(CHOICES.items()), required=False)


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=40)
    query = forms.CharField(max_length=2000, required=False)
    shared = forms.BooleanField(required=False)


def seen_of(keys: Iterable[str]) -> list[tuple[UUID, int]]:
    """Rows as the list names them, "<id>.<version>"; what is none of ours is left out."""
    found = []
    for key in keys:
        task_id, _, version = key.partition(".")
        try:
            found.append((UUID(task_id), int(version[:10])))
        except ValueError:
            continue
    return found
