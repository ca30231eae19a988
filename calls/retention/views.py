"""`/settings/retention/`: how long things are kept, and what that deletes when, looked at before it is saved."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from calls.retention import actions
from calls.retention.artefacts import TABLE
from calls.retention.forms import RetentionForm
from clinics.people.access import require
from clinics.people.recent import recently_signed_in_to_change
from clinics.people.roles import Permission
from clinics.practice.retention import STANDARD_DAYS


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_RETENTION, to_change=Permission.CHANGE_RETENTION)
@recently_signed_in_to_change
def retention(request: HttpRequest) -> HttpResponse:
    """A change is shown with its counts first: what is deleted does not come back."""
    known = actions.own_rules()
    form = RetentionForm(request.POST if request.method == "POST" else None, known=known)
    if request.method != "POST":
        return _page(request, form, known)
    if form.is_valid() and "confirmed" in request.POST:
        try:
            changed = actions.set_rules(by=request.user, days=form.cleaned_data)
        except ValidationError as wrong:
            _tell(form, wrong)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing differs."))
            return redirect("retention:rules")
    elif form.is_valid():
        return _page(request, form, form.cleaned_data, proposed=True)
    return _page(request, form, known, status=422)


def _tell(form: RetentionForm, wrong: ValidationError) -> None:
    for name, said in wrong.message_dict.items():
        form.add_error(name, said)


def _page(
    request: HttpRequest,
    form: RetentionForm,
    days: dict[str, int | None],
    *,
    proposed: bool = False,
    status: int = 200,
) -> HttpResponse:
    kept = {name: days.get(name) or STANDARD_DAYS.get(name) for name in TABLE}
    rows = [(form[name], kept[name], actions.outlook(artefact=name, days=kept[name])) for name in TABLE]
    context = {"form": form, "rows": rows, "proposed": proposed}
    return render(request, "settings/retention.html", context, status=status)
