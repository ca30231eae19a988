"""The alert centre, one escalation, and the list that every page's alarm box reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clinics import audit, drilling
from clinics.models import Drill
from clinics.people.access import require
from clinics.people.api import error_body
from clinics.people.roles import Permission
from escalations import actions, alarms
from escalations.climbing import on_call_now
from escalations.forms import ReopenForm, ResolveForm, TakeOverForm
from escalations.models import Escalation, EscalationQuerySet, Outcome, Status, Way
from escalations.policy import OUTCOME_NEEDS_REASON, Refused
from escalations.rows import row_of
from escalations.rungs import ladders_of, zone_of_clinic

TABS: dict[str, str] = {
    Status.OPEN: gettext_lazy("Open"),
    Status.ACKNOWLEDGED: gettext_lazy("Acknowledged"),
    Status.RESOLVED: gettext_lazy("Resolved"),
}
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
    told = Escalation.objects.told_to(request.user)
    rows = _with_steps(told.filter(status=status)).newest_first()
    found = list(rows.behind(before)[: PAGE + 1] if before else rows[: PAGE + 1])
    counts = {tab: told.filter(status=tab)[: CAP + 1].count() for tab in TABS}
    now, zone = timezone.now(), zone_of_clinic()
    shown = found[:PAGE]
    ladders = ladders_of(shown, now=now, zone=zone)
    context = {
        "status": status,
        "rows": [row_of(one, person=request.user, now=now, zone=zone, ladder=ladders[one.id]) for one in shown],
        "more_url": f"?status={status}&before={found[PAGE - 1].id}" if len(found) > PAGE else "",
        "tabs": [(tab, label, _capped(counts[tab]), f"?status={tab}") for tab, label in TABS.items()],
        "open_count": counts[Status.OPEN],
        "outcomes": _outcomes(),
        "now": now.astimezone(zone),
        "drill": drilling.standing(Drill.objects.last_passed(request.clinic), now),
    }
    if _is_fragment(request):
        return render(request, "escalations/list.html#list", context)
    audit.record_read(by=request.user, what="escalations.escalation list", about=None, request=request)
    return render(request, "escalations/list.html", context | {"on_call": on_call_now()})


@require_safe
@require(Permission.SEE_ESCALATIONS)
def detail(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """One escalation with its timeline."""
    context = _about(request, escalation_id)
    audit.record_read(by=request.user, what="escalations.escalation", about=escalation_id, request=request)
    return render(request, "escalations/detail.html", context)


@require_safe
@require(Permission.SEE_ESCALATIONS)
def from_text(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The same page, opened by the link of a text message; who acknowledges here did so from the text."""
    context = _about(request, escalation_id) | {"way": Way.SMS}
    audit.record_read(by=request.user, what="escalations.escalation", about=escalation_id, request=request)
    return render(request, "escalations/detail.html", context)


@require_safe
@require(Permission.SEE_ESCALATIONS)
def ladder(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The ladder alone, which an open card fetches again and again; no patient is in it."""
    return render(request, "escalations/list.html#ladder_news", _about(request, escalation_id))


@require_safe
@require(Permission.SEE_ESCALATIONS)
def open_alarms(request: HttpRequest) -> JsonResponse:
    """The emergencies that nobody has acknowledged: what the alarm box of every page believes."""
    return JsonResponse({**alarms.board(), "now": timezone.now().isoformat()})


# --- Deeds ---------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.ACKNOWLEDGE_ESCALATIONS)
def acknowledge_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Take an escalation on; a second person gets 409 with who has it."""
    way = Way.SMS if request.POST.get("way") == Way.SMS else Way.PORTAL
    deed = partial(actions.acknowledge, by=request.user, escalation_id=escalation_id, way=way)
    return _do(request, escalation_id, deed, gettext("Acknowledged. You have it."))


@require_POST
@require(Permission.TAKE_OVER_ESCALATIONS)
def take_over_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Have it instead of the one whom the page showed."""
    form = TakeOverForm(request.POST)
    held_by = form.cleaned_data["held_by"] if form.is_valid() else None
    if held_by is None:
        return _do(request, escalation_id, _unclear, "")
    deed = partial(actions.take_over, by=request.user, escalation_id=escalation_id, held_by=held_by)
    return _do(request, escalation_id, deed, gettext("Taken over. You have it now."))


@require_POST
@require(Permission.REOPEN_ESCALATIONS)
def reopen_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Put it back: the alarm and the ladder begin anew."""
    form = ReopenForm(request.POST)
    reason = form.cleaned_data["why"] if form.is_valid() else ""
    deed = partial(actions.reopen, by=request.user, escalation_id=escalation_id, reason=reason)
    return _do(request, escalation_id, deed, gettext("Opened again. The alarm is on."))


@require_POST
@require(Permission.RESOLVE_ESCALATIONS)
def resolve_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Close an escalation with how it ended."""
    form = ResolveForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {"outcome": "", "reason": ""}
    deed = partial(actions.resolve, by=request.user, escalation_id=escalation_id, **given)
    return _do(request, escalation_id, deed, gettext("Resolved."), kept=given)


def _unclear() -> Escalation:
    raise Refused(gettext("The page was out of date. Look who has it now and try again."))


def _do(
    request: HttpRequest,
    escalation_id: UUID,
    deed: Callable[[], Escalation],
    done: str,
    *,
    kept: dict[str, str] | None = None,
) -> HttpResponse:
    """Act and answer: 404 for what is not here, 409 with the name of who was faster, 422 with the sentence why not."""
    try:
        return _answer(request, deed(), done)
    except Escalation.DoesNotExist as missing:
        raise Http404 from missing
    except actions.AlreadyHandled as handled:
        return _answer(request, handled.escalation, _who_was_faster(handled.escalation), status=409)
    except Refused as refused:
        unchanged = Escalation.objects.told_to(request.user).with_people().filter(pk=escalation_id).first()
        if unchanged is None:
            raise Http404 from refused
        return _answer(request, unchanged, str(refused), status=422, kept=kept)


def _who_was_faster(escalation: Escalation) -> str:
    if escalation.status == Status.RESOLVED:
        return gettext("%(resolved_by)s resolved it already.") % {"resolved_by": escalation.resolved_by}
    if escalation.status == Status.ACKNOWLEDGED:
        return gettext("%(handler)s has it already.") % {"handler": escalation.handler}
    return gettext("It was opened again meanwhile.")


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
        "handler": str(escalation.handler) if escalation.handler else None,
        "acknowledged_at": escalation.acknowledged_at.isoformat() if escalation.acknowledged_at else None,
        "outcome": escalation.outcome,
    }


# --- Shared --------------------------------------------------------------------------------------------------------
def _with_steps(found: EscalationQuerySet) -> EscalationQuerySet:
    return found.with_people().prefetch_related("steps__by")


def _about(request: HttpRequest, escalation_id: UUID) -> dict[str, object]:
    Escalation.objects.check_told(request.user, escalation_id)
    escalation = _with_steps(Escalation.objects.told_to(request.user).filter(pk=escalation_id)).first()
    if escalation is None:
        raise Http404
    now, zone = timezone.now(), zone_of_clinic()
    ladder = ladders_of([escalation], now=now, zone=zone)[escalation.id]
    row = row_of(escalation, person=request.user, now=now, zone=zone, ladder=ladder)
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
