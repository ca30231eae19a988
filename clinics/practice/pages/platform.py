"""What the platform's operators have set up for a clinic: its numbers and hosts, and the agreements it has signed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics.models import Agreement, Clinic, Domain, PhoneLine
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.phones import readable


@require_safe
@require(Permission.SEE_SETTINGS)
def platform(request: HttpRequest) -> HttpResponse:
    """To read; an operator changes it, because a wrong number or host closes the clinic."""
    clinic = request.clinic
    lines = PhoneLine.objects.filter(clinic=clinic).order_by("-active", "number")
    context = {
        "lines": [(readable(line.number), line.label, line.timezone, line.active) for line in lines],
        "hosts": Domain.objects.filter(tenant=clinic).order_by("-is_primary", "domain"),
        "agreements": Agreement.objects.filter(clinic=clinic).order_by("provider", "-signed_on"),
        "clinic": clinic,
    }
    return render(request, "settings/platform.html", context)


def sites_elsewhere(clinic: Clinic) -> list[tuple[str, str]]:
    """The clocks on which a clinic's other sites live: the zone, and the names or numbers of those sites."""
    lines = PhoneLine.objects.filter(clinic=clinic, active=True).exclude(timezone="").order_by("timezone", "number")
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(line.timezone, []).append(line.label or readable(line.number))
    return [(zone, ", ".join(names)) for zone, names in found.items()]
