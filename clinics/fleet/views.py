"""The operators' page of all clinics."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics.fleet.board import board
from clinics.fleet.waves import deeds
from clinics.fleet.waves.views import line

SHOWN = 200


@require_safe
def fleet(request: HttpRequest) -> HttpResponse:
    """Clinics side by side, those first that need somebody; `?all=1` shows more than the first two hundred."""
    columns, lines = board()
    shown = lines if request.GET.get("all") == "1" else lines[:SHOWN]
    context = {
        "title": "Clinics side by side", "columns": columns, "lines": shown, "count": len(lines),
        "changes": [line(change) for change in deeds.unfinished()],
        "red": sum(one.red > 0 for one in lines), "site_header": "CliniqAI operators", "has_permission": True,
    }  # fmt: skip
    return render(request, "clinics/admin/fleet.html", context)
