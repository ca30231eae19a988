"""Who decides in an absent doctor's place: the page on which the clinic's admins keep it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import require
from clinics.people.models import User
from clinics.people.roles import Permission, Role
from clinics.practice import rostering
from clinics.practice.dates import in_our_time
from clinics.practice.duty import Cover, doctors_now


class CoverForm(forms.Form):
    """One cover, both days included."""

    absent = forms.ModelChoiceField(
        label=gettext_lazy("Doctor who is away"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose")
    )
    person = forms.ModelChoiceField(
        label=gettext_lazy("Decides in their place"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose")
    )
    since = forms.DateField(
        label=gettext_lazy("First day"),
        validators=[in_our_time],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        validators=[in_our_time],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for name in ("absent", "person"):
            self.fields[name].queryset = User.objects.active().with_role(Role.DOCTOR)  # type: ignore[attr-defined]


@require_safe
@require(Permission.SEE_SETTINGS)
def cover(request: HttpRequest) -> HttpResponse:
    """Who covers for whom, and whom a request is put to now."""
    return _page(request, CoverForm())


def _page(request: HttpRequest, form: CoverForm, *, status: int = 200) -> HttpResponse:
    asked = doctors_now().asked(frozenset())
    context = {
        "form": form,
        "covers": Cover.objects.not_over(timezone.localdate()).with_people(),
        "asked": ", ".join(map(str, User.objects.filter(pk__in=asked))) or gettext("nobody"),
    }
    return render(request, "tasks/cover.html", context, status=status)


@require_POST
@require(Permission.ADD_COVER)
def add_cover(request: HttpRequest) -> HttpResponse:
    """Let a doctor decide in another's place."""
    form = CoverForm(request.POST)
    if form.is_valid():
        try:
            rostering.add_cover(by=request.user, **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, list(wrong.messages))
        else:
            messages.success(request, gettext("Added."))
            return redirect("tasks:cover")
    return _page(request, form, status=422)


@require_POST
@require(Permission.REMOVE_COVER)
def remove_cover(request: HttpRequest, cover_id: int) -> HttpResponse:
    """Take a cover away."""
    try:
        rostering.remove_cover(by=request.user, cover_id=cover_id)
    except Cover.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, gettext("Removed."))
    return redirect("tasks:cover")
