"""The alert centre, one escalation, and the list that every page's alarm box reads."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clinics import audit
from clinics.people.access import require
from clinics.people.api import error_body
from clinics.people.roles import Permission
from escalations import actions, alarms
from escalations.forms import ResolveForm
from escalations.models import Escalation, EscalationQuerySet, Outcome, Status
from escalations.policy import OUTCOME_NEEDS_REASON, Refused
from escalations.rows import row_of, zone_of_clinic

TABS: dict[str, str] = {Status.OPEN: "Open", Status.ACKNOWLEDGED: "Acknowledged", Status.RESOLVED: "Resolved"}
PAGE = 50
CAP = 999


# --- Pages ---------------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_ESCALATIONS)
def escalation_list(request: HttpRequest) -> HttpResponse:
    """The alert centre; htmx gets the list alone."""
    status = request.GET.get("status", "")
    status = status if status in TABS else Status.OPEN
    before = _escalation_or_none(request.GET.get("before", ""))
    rows = _with_steps(Escalation.objects.filter(status=status)).newest_first()
    found = list(rows.behind(before)[: PAGE + 1] if before else rows[: PAGE + 1])
    counts = {tab: Escalation.objects.filter(status=tab)[: CAP + 1].count() for tab in TABS}
    now, zone = timezone.now(), zone_of_clinic()
    context = {
        "status": status,
        "rows": [row_of(one, person=request.user, now=now, zone=zone) for one in found[:PAGE]],
        "more_url": f"?status={status}&before={found[PAGE - 1].id}" if len(found) > PAGE else "",
        "tabs": [(tab, label, _capped(counts[tab]), f"?status={tab}") for tab, label in TABS.items()],
        "open_count": counts[Status.OPEN],
        "outcomes": _outcomes(),
        "now": now.astimezone(zone),
    }
    if _is_fragment(request):
        return render(request, "escalations/list.html#list", context)
    audit.record_read(by=request.user, what="escalations.escalation list", about=None, request=request)
    return render(request, "escalations/list.html", context)


@require_safe
@require(Permission.SEE_ESCALATIONS)
def detail(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """One escalation with its timeline."""
    context = _about(request, escalation_id)
    audit.record_read(by=request.user, what="escalations.escalation", about=escalation_id, request=request)
    return render(request, "escalations/detail.html", context)


@require_safe
@require(Permission.SEE_ESCALATIONS)
def open_alarms(request: HttpRequest) -> JsonResponse:
    """The emergencies that nobody has acknowledged: what the alarm box of every page believes."""
    return JsonResponse({**alarms.board(), "now": timezone.now().isoformat()})


# --- Deeds ---------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.HANDLE_ESCALATIONS)
def acknowledge_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Take an escalation on; a second person gets 409 with who has it."""
    try:
        escalation = actions.acknowledge(by=request.user, escalation_id=escalation_id)
    except Escalation.DoesNotExist as missing:
        raise Http404 from missing
    except actions.AlreadyHandled as handled:
        sentence = f"{handled.escalation.acknowledged_by} has it already."
        return _answer(request, handled.escalation, sentence, status=409)
    return _answer(request, escalation, "Acknowledged. You have it.")


@require_POST
@require(Permission.HANDLE_ESCALATIONS)
def resolve_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Close an escalation with how it ended."""
    form = ResolveForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {"outcome": "", "reason": ""}
    try:
        escalation = actions.resolve(by=request.user, escalation_id=escalation_id, **given)
    except Escalation.DoesNotExist as missing:
        raise Http404 from missing
    except actions.AlreadyHandled as handled:
        sentence = f"{handled.escalation.resolved_by} resolved it already."
        return _answer(request, handled.escalation, sentence, status=409)
    except Refused as refused:
        unchanged = Escalation.objects.filter(pk=escalation_id).first()
        if unchanged is None:
            raise Http404 from refused
        return _answer(request, unchanged, str(refused), status=422, kept=given)
    return _answer(request, escalation, "Resolved.")


def _answer(
    request: HttpRequest,
    escalation: Escalation,
    sentence: str,
    *,
    status: int = 200,
    kept: dict[str, str] | None = None,
) -> HttpResponse:
    done = status == 200
    if request.htmx:
        context = _about(request, escalation.id) | {"problem": "" if done else sentence, "kept": kept or {}}
        response = render(request, "escalations/list.html#row", context, status=status)
        return trigger_client_event(response, "say", {"value": sentence})
    if request.accepts("text/html"):
        if done:
            messages.success(request, sentence)
            return redirect(escalation.path)
        context = _about(request, escalation.id) | {"problem": sentence, "kept": kept or {}}
        return render(request, "escalations/detail.html", context, status=status)
    state = _state(escalation)
    return JsonResponse(state if done else error_body(status, sentence) | state, status=status)


def _state(escalation: Escalation) -> dict[str, str | None]:
    return {
        "id": str(escalation.id),
        "status": escalation.status,
        "acknowledged_by": str(escalation.acknowledged_by) if escalation.acknowledged_by else None,
        "acknowledged_at": escalation.acknowledged_at.isoformat() if escalation.acknowledged_at else None,
        "outcome": escalation.outcome,
    }


# --- Shared --------------------------------------------------------------------------------------------------------
def _with_steps(found: EscalationQuerySet) -> EscalationQuerySet:
    return found.with_people().prefetch_related("steps__by")


def _about(request: HttpRequest, escalation_id: UUID) -> dict[str, object]:
    escalation = _with_steps(Escalation.objects.filter(pk=escalation_id)).first()
    if escalation is None:
        raise Http404
    row = row_of(escalation, person=request.user, now=timezone.now(), zone=zone_of_clinic())
    return {"row": row, "outcomes": _outcomes()}


def _outcomes() -> list[tuple[str, str, bool]]:
    return [(value, label, OUTCOME_NEEDS_REASON[value]) for value, label in Outcome.choices]


def _escalation_or_none(text: str) -> Escalation | None:
    try:
        return Escalation.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def _capped(count: int) -> str:
    return str(count) if count <= CAP else f"{CAP}+"


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request
