"""Deeds on many tasks at once, and undo: what was done and what was not, in exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clinics.people.access import check_may, require
from clinics.people.roles import Permission
from tasks import actions, bulk
from tasks.deeds import about, offer_undo, page_before, snooze_until, task_or_404, what_happened
from tasks.forms import AssignForm, seen_of
from tasks.models import Task
from tasks.policy import RIGHTS, Refused
from tasks.queue import list_context
from tasks.wanted import Wanted

DEEDS = ("claim", "assign", "snooze", "complete")


@require_POST
@require(Permission.SEE_TASKS)
def do_many(request: HttpRequest) -> HttpResponse:
    """One deed on the ticked tasks, or on all that the view holds. Completing asks twice, without a dialog."""
    wanted = Wanted.of(dict(parse_qsl(request.POST.get("view", "").lstrip("?"))), request.user)
    verb = request.POST.get("many", "")
    seen = _seen(request, wanted)
    if verb not in DEEDS or not seen:
        return _list(request, wanted, None, gettext("Tick at least one task first."), status=422)
    check_may(request.user, RIGHTS[verb])
    if verb == "complete" and request.POST.get("sure") != str(len(seen)):
        return _list(
            request,
            wanted,
            None,
            gettext("Complete %(count)s? Press Complete once more.") % {"count": len(seen)},
            status=422,
        )
    try:
        act = _deed(request, verb)
    except Refused as refused:
        return _list(request, wanted, None, str(refused), status=422)
    outcome = bulk.do(act, seen, by=request.user, happened=partial(what_happened, person=request.user))
    return _list(request, wanted, outcome, outcome.words)


def _seen(request: HttpRequest, wanted: Wanted) -> list[bulk.Seen]:
    """The ticked rows as they were seen; with `all`, every task of the view as it is now."""
    if request.POST.get("all") != "1":
        return seen_of(request.POST.getlist("tick"))[: bulk.MOST]
    found = wanted.in_tab(request.user, timezone.now()).by_urgency()
    return list(found.values_list("pk", "version")[: bulk.MOST])


def _deed(request: HttpRequest, verb: str) -> Callable[..., Task]:
    if verb == "claim":
        return actions.claim
    if verb == "complete":
        return actions.complete
    if verb == "snooze":
        return partial(snooze_until, until=request.POST.get("until", ""))
    form = AssignForm({"to": request.POST.get("to", ""), "version": 1})
    to = form.cleaned_data["to"] if form.is_valid() else None
    if to is None:
        raise Refused(gettext("Choose who shall have them."))
    return partial(actions.assign, to=to)


def _list(
    request: HttpRequest, wanted: Wanted, outcome: bulk.Outcome | None, said: str, *, status: int = 200
) -> HttpResponse:
    """The list as it is now. What failed stays ticked and says why; what has left the list is named in the message."""
    context = list_context(request, wanted, outcome, said)
    context["ticked"] = {one.task_id for one in outcome.failed} if outcome else {pk for pk, _ in _seen(request, wanted)}
    if not request.htmx:
        if outcome and not outcome.failed:
            messages.success(request, said)
            return redirect(f"/tasks/{wanted.url()}")
        context["sure"] = len(_seen(request, wanted)) if not outcome else 0
        return render(request, "tasks/queue.html", context, status=status)
    response = render(request, "tasks/queue.html#list", context, status=status)
    if outcome and outcome.done:
        return offer_undo(response, said, list(outcome.done))
    return trigger_client_event(response, "say", {"value": said})


@require_POST
@require(Permission.UNDO_DEEDS)
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what the person did moments ago, on one task or many."""
    seen = seen_of(request.POST.get("seen", "").split(","))[: bulk.MOST]
    outcome = bulk.do(actions.undo, seen, by=request.user, happened=partial(what_happened, person=request.user))
    said = _undone(outcome)
    if not request.htmx:
        messages.info(request, said)
        return redirect(page_before(request) or "/tasks/")
    shown = set(request.POST.get("shown", "").split(","))
    parts = [_row(request, pk) for pk, _ in outcome.done if f"task-{pk.hex[-12:]}" in shown]
    parts += [_card(request, pk) for pk, _ in outcome.done if f"card-{pk}" in shown]
    answer = HttpResponse("".join(parts), status=200 if outcome.done else 409)
    if outcome.failed:
        return trigger_client_event(answer, "toast", {"words": said, "tone": "bad"})
    return trigger_client_event(answer, "say", {"value": said})


def _undone(outcome: bulk.Outcome) -> str:
    if not outcome.failed:
        return ngettext("Undone.", "%(count)s undone.", len(outcome.done)) % {"count": len(outcome.done)}
    if not outcome.done and len(outcome.failed) == 1:
        return gettext("Not undone. %(why)s") % {"why": outcome.failed[0].why}
    return gettext("%(done)s undone, %(failed)s not. %(why)s") % {
        "done": len(outcome.done),
        "failed": len(outcome.failed),
        "why": outcome.failed[0].why,
    }


def _row(request: HttpRequest, pk: object) -> str:
    context = about(request, task_or_404(request, pk)) | {"oob": True}
    return f"<template>{render_to_string('tasks/queue.html#row', context, request)}</template>"


def _card(request: HttpRequest, pk: object) -> str:
    return render_to_string("tasks/detail.html#card", about(request, task_or_404(request, pk)) | {"oob": True}, request)
