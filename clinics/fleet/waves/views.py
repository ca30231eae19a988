"""The operators' pages of changes in waves, and of clinics that differ from their group."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinics.fleet.rollout import RINGS
from clinics.fleet.waves import advancing, deeds, drift, fields, guardrails, watching
from clinics.fleet.waves.models import FleetChange, Group
from clinics.fleet.waves.states import Standing, State
from clinics.people.models import User

SHOWN = 200
SITE = {"site_header": "CliniqAI operators", "has_permission": True}


class StartForm(forms.Form):
    """A change to begin."""

    title = forms.CharField(max_length=80, help_text="What people call it")
    settings = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), help_text=f"field=value, one a line: {', '.join(fields.FIELDS)}"
    )
    group = forms.ModelChoiceField(Group.objects.all(), required=False, empty_label="Every clinic")
    soak_minutes = forms.IntegerField(
        min_value=0, max_value=deeds.LONGEST_SOAK, initial=1440, help_text="A wave is watched for so long"
    )
    least_calls = forms.IntegerField(
        min_value=0, max_value=100_000, initial=20, help_text="And until it has had so many calls"
    )

    def clean_settings(self) -> dict[str, object]:
        lines = [line for line in self.cleaned_data["settings"].splitlines() if line.strip()]
        return fields.read(lines)


@require_http_methods(["GET", "HEAD", "POST"])
def changes(request: HttpRequest) -> HttpResponse:
    """What is under way and what was, and the form that begins another."""
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = deeds.start(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect(reverse("admin:fleet_change", args=[change.pk]))
    rows = FleetChange.objects.select_related("group")[:SHOWN]
    context = {"title": "Changes in waves", "form": form, "lines": [line(row) for row in rows], **SITE}
    return render(request, "clinics/admin/fleet_changes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """One change: its waves, its clinics, why it halted, and what an operator may do now, with a reason."""
    row = get_object_or_404(FleetChange.objects.select_related("group"), pk=change_id)
    wrong = ""
    if request.method == "POST":
        try:
            if request.POST.get("deed") not in deeds.DEEDS:
                raise ValidationError("There is no such deed.")
            deeds.act(by=request.user, change_id=row.pk, deed=request.POST["deed"], why=request.POST.get("why", ""))
            return redirect(reverse("admin:fleet_change", args=[row.pk]))
        except ValidationError as refused:
            wrong = " ".join(refused.messages)
    return render(
        request, "clinics/admin/fleet_change.html", _page(row) | {"wrong": wrong}, status=422 if wrong else 200
    )


@require_safe
def differences(request: HttpRequest) -> HttpResponse:
    """Which clinics differ from their group, and why."""
    found = drift.report()
    context = {"title": "Clinics that differ from their group", "found": found[:SHOWN], "count": len(found), **SITE}
    context["unwanted"] = sum(one.why == drift.DRIFT for one in found)
    return render(request, "clinics/admin/fleet_differences.html", context)


def line(row: FleetChange) -> dict[str, object]:
    """One change as a row: what, for whom, who began it, in which wave it is, and what it waits for or halted on."""
    return {
        "change": row,
        "for": row.group.name if row.group else "every clinic",
        "by": _name(str(row.started_by or "")),
        "wave": f"{RINGS.index(row.ring) + 1} of {len(RINGS)}, {row.ring}",
        "why": _why(row),
        "red": row.state == State.HALTED,
    }


def _why(row: FleetChange) -> str:
    if row.state == State.RUNNING:
        return advancing.missing(row)
    if row.state != State.HALTED:
        return ""
    if not row.halted_by:
        told = [entry["why"] for entry in row.history if entry["deed"] == "halt"]
        return told[-1] if told else ""
    sentence = guardrails.GUARDRAILS[row.halted_by].sentence if row.halted_by in guardrails.GUARDRAILS else ""
    where = row.halted_in or "all clinics that have it"
    return f"{sentence} {where}: {guardrails.told(row.halted_by, row.halted_on)}"


def _page(row: FleetChange) -> dict[str, Any]:
    steps = row.steps.select_related("clinic").order_by("standing", "pk")
    buttons = [(deed, told) for deed, (allowed, _, told) in deeds.DEEDS.items() if row.state in allowed]
    figures = guardrails.together_of(watching.kept(step.seen) for step in steps)
    calm = guardrails.together_of(watching.kept(step.calm) for step in steps)
    return {
        **SITE,
        "title": row.title,
        "line": line(row),
        "settings": [(fields.label(name), value) for name, value in row.settings.items()],
        "waves": [
            (ring, [(Standing(name).label, count) for name, count in sorted(found.items())])
            for ring, found in deeds.counts(row).items()
        ],
        "rails": [
            (rail.family, rail.sentence, figures.get(name), calm.get(name))
            for name, rail in guardrails.GUARDRAILS.items()
        ],
        "calls": figures[guardrails.CALLS].all if guardrails.CALLS in figures else 0,
        "steps": steps[:SHOWN],
        "buttons": buttons,
        "history": [{**entry, "by": _name(entry["by"])} for entry in row.history],
    }


def _name(person: str) -> str:
    """An operator by name; the command line has none."""
    if not person:
        return "command line"
    found = User.objects.filter(pk=person).values_list("name", flat=True).first()
    return found or "an operator who has left"
