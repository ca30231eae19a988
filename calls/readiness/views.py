"""How ready a clinic is for its next phase, for its admins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from calls.readiness.measuring import readiness
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice import phases


@require_safe
@require(Permission.SEE_SETTINGS)
def phase(request: HttpRequest) -> HttpResponse:
    """Each criterion with its figure, its threshold and what is missing. Nothing here moves a phase."""
    found = readiness(timezone.now())
    context = {
        "found": found,
        "phase": phases.words(found.phase),
        "next": phases.words(found.next) if found.next else "",
        "takes": [
            gettext(phases.REQUESTS[name]) for name in phases.REQUESTS if name in phases.PRESETS[found.phase].automates
        ],
    }
    return render(request, "settings/phase.html", context)
