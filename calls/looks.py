"""Who has looked at a call: everybody who read, or was refused, its words or anything that it led to."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from calls.models import Call
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice.trail.listing import in_words, looks_at
from escalations.models import Escalation
from tasks.models import Task

SHOWN = 50


@require_safe
@require(Permission.SEE_AUDIT)
def looks(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The newest looks first. No patient's word is on this page, so it opens for a sensitive call as well."""
    call = get_object_or_404(Call.objects.only("id", "started_at"), pk=call_id)
    ids = [call.id]
    for rows in (Task.objects, Escalation.objects):
        ids += rows.filter(call_id=call.id).values_list("id", flat=True)
    found = list(looks_at(ids)[: SHOWN + 1])
    context = {"call": call, "rows": in_words(found[:SHOWN]), "more": len(found) > SHOWN}
    name = "audit/looks.html#looks" if request.htmx else "audit/looks.html"
    return render(request, name, context)
