"""Pages of calls: the list, one call with its transcript, and the transcript as a panel beside the queue."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from calls.models import Call
from clinics import audit, phones
from clinics.people.access import may, require
from clinics.people.roles import Permission
from escalations.models import Escalation
from tasks.models import Task

PAGE = 50


@require_safe
@require(Permission.SEE_CALLS)
def call_list(request: HttpRequest) -> HttpResponse:
    """The newest calls first, fifty a page by key."""
    calls = Call.objects.newest_first()
    before = Call.objects.filter(pk=_uuid(request.GET.get("before"))).first()
    if before:
        calls = calls.older_than(before)
    rows = list(calls[: PAGE + 1])
    shown = rows[:PAGE]
    for call in shown:
        call.caller = phones.readable(call.from_number) if call.from_number else "Number withheld"
    audit.record_read(by=request.user, what="calls.call", about=None, request=request)
    context = {"calls": shown, "older": shown[-1].id if len(rows) > PAGE else None}
    return render(request, "calls/list.html", context)


@require_safe
@require(Permission.SEE_CALLS)
def call_detail(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call with its words and everything it led to."""
    call = get_object_or_404(Call, pk=call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    context = _transcript(call) | {
        "tasks": Task.objects.filter(call_id=call.id).order_by("request_number"),
        "escalations": Escalation.objects.filter(call_id=call.id).order_by("raised_at"),
        "may_review": may(request.user, Permission.REVIEW_CALLS) and not call.test,
    }
    return render(request, "calls/detail.html", context)


@require_safe
@require(Permission.SEE_CALLS)
def transcript(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The words of one call, as the panel beside a queue shows them."""
    call = get_object_or_404(Call, pk=call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    template = "calls/detail.html#transcript" if request.htmx else "calls/transcript.html"
    return render(request, template, _transcript(call))


def _transcript(call: Call) -> dict[str, object]:
    call.caller = phones.readable(call.from_number) if call.from_number else "Number withheld"
    return {"call": call, "turns": list(call.turns.order_by("n"))}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
